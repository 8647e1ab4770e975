// Goal: a handheld's book of others' passages tells what it was told, looks at the conflicts of
// exactly the tickets whose passages changed, and never forgets one whose look failed. Method: the
// book and the feed that notes come from, with a database that only remembers what it was asked.
#include "lib/gate/note_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/gate/feed.h"
#include "ticketing/testing/matchers.h"

namespace ticketing::gate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr DeviceId kSelf{1};

PassageNote Note(uint64_t ticket, uint64_t scan, bool counts = true) {
  PassageNote note;
  note.counts = counts;
  note.ticket = TicketId{ticket};
  note.scan = ScanId{scan};
  note.scanner = DeviceId{2};
  return note;
}

TEST(NoteBookTest, WhatIsKnownAsItIsChangesNothing) {
  NoteBook book(kSelf);
  const NoteBook::Changed first = book.Apply({Note(1, 10)});
  EXPECT_THAT(first.tickets, IsEmpty());  // one passage contradicts nobody
  EXPECT_EQ(first.notes.size(), kPassageNoteBytes);
  const NoteBook::Changed second = book.Apply({Note(1, 11)});
  EXPECT_THAT(second.tickets, ElementsAre(TicketId{1}));
  book.Settled(second.round);
  EXPECT_THAT(book.Apply({Note(1, 10), Note(1, 11)}).tickets, IsEmpty());
  EXPECT_EQ(book.totals().entries, 2u);
  EXPECT_THAT(book.Apply({Note(1, 10)}).notes, IsEmpty());
  EXPECT_TRUE(book.KnowsAll({Note(1, 10), Note(1, 11)}));
  EXPECT_FALSE(book.KnowsAll({Note(1, 10), Note(1, 12)}));
  PassageNote later = Note(1, 11);
  later.gate = 7;
  EXPECT_THAT(book.Apply({later}).tickets, ElementsAre(TicketId{1}));
  EXPECT_EQ(book.Find(TicketId{1}, ScanId{11}, DeviceId{2})->gate, 7);
  EXPECT_EQ(book.totals().entries, 2u);
}

TEST(NoteBookTest, APassageThatWasTakenBackMayComeAgain) {
  NoteBook book(kSelf);
  (void)book.Apply({Note(1, 10)});
  EXPECT_THAT(book.Apply({Note(1, 10, false)}).tickets, ElementsAre(TicketId{1}));
  EXPECT_THAT(book.OfTicket(TicketId{1}), IsEmpty());
  EXPECT_THAT(book.All(), IsEmpty());
  EXPECT_EQ(book.totals().entries, 0u);
  (void)book.Apply({Note(1, 10, false), Note(1, 10)});
  EXPECT_THAT(book.OfTicket(TicketId{1}), SizeIs(1));
  EXPECT_EQ(book.totals().entries, 1u);
}

// The write in which the conflicts were to be stored failed; the same notes come again.
TEST(NoteBookTest, WhatWasNotSettledIsLookedAtAgain) {
  NoteBook book(kSelf);
  const NoteBook::Changed first = book.Apply({Note(1, 10), Note(1, 11)});
  EXPECT_THAT(book.Apply({Note(1, 10), Note(1, 11)}).tickets, ElementsAre(TicketId{1}));
  const NoteBook::Changed other = book.Apply({Note(2, 20), Note(2, 21)});
  EXPECT_THAT(other.tickets, ElementsAre(TicketId{1}, TicketId{2}));
  EXPECT_EQ(other.notes.size(), 4 * kPassageNoteBytes);
  EXPECT_FALSE(book.KnowsAll({Note(1, 10)}));  // it is not stored yet
  book.Settled(first.round);                   // says nothing of what changed later
  const NoteBook::Changed rest = book.Apply({});
  EXPECT_THAT(rest.tickets, ElementsAre(TicketId{2}));
  EXPECT_EQ(rest.notes.size(), 2 * kPassageNoteBytes);
  book.Settled(rest.round);
  EXPECT_THAT(book.Apply({}).tickets, IsEmpty());
}

TEST(NoteBookTest, FindsEveryTicketOfMany) {
  NoteBook book(kSelf);
  std::vector<PassageNote> notes;
  for (uint64_t i = 1; i <= 20'000; ++i) notes.push_back(Note(i * 64, i));
  (void)book.Apply(notes);
  for (uint64_t i = 1; i <= 20'000; ++i) {
    const std::vector<PassageNote> found = book.OfTicket(TicketId{i * 64});
    ASSERT_THAT(found, SizeIs(1));
    ASSERT_EQ(found[0].scan.value, i);
  }
  EXPECT_THAT(book.OfTicket(TicketId{63}), IsEmpty());
  EXPECT_EQ(book.totals().entries, 20'000u);
}

// Remembers between which arrivals it was asked for rows, and has none.
class EmptyTransaction final : public SqlTransaction {
 public:
  StatusOr<int64_t> Execute(std::string_view, const SqlArgs&) override { return 0; }
  StatusOr<int64_t> ExecuteMany(std::string_view, std::span<const SqlArgs>) override { return 0; }
  Status Query(std::string_view, const SqlArgs& args,
               const std::function<Status(const SqlRow&)>&) override {
    asked.emplace_back(std::get<int64_t>(args[0]), std::get<int64_t>(args[1]));
    return OkStatus();
  }
  std::vector<std::pair<int64_t, int64_t>> asked;
};

TEST(FeedTest, AfterARestartReadsWhatIsAskedForAndNotAWholeMatch) {
  Feed feed;
  EmptyTransaction tx;
  ASSERT_OK(feed.Read(tx, 99'900, 100'000, 100'000, DeviceId{}));
  ASSERT_THAT(tx.asked, SizeIs(1));
  EXPECT_GT(tx.asked[0].first, 97'000);
  EXPECT_LE(tx.asked[0].first, 99'900);
  // Whoever is nearly as far along costs nothing more, and news costs itself.
  ASSERT_OK(feed.Read(tx, 99'700, 100'000, 100'000, DeviceId{}));
  EXPECT_THAT(tx.asked, SizeIs(1));
  ASSERT_OK(feed.Read(tx, 100'000, 100'010, 100'010, DeviceId{}));
  EXPECT_THAT(tx.asked.back(), ::testing::Pair(100'000, 100'010));
}

TEST(FeedTest, ReachesBackForWhoLagsAndReadsRowsForWhoWasAwayForLonger) {
  Feed feed;
  EmptyTransaction tx;
  ASSERT_OK(feed.Read(tx, 99'999, 100'000, 100'000, DeviceId{}));
  ASSERT_OK(feed.Read(tx, 90'000, 92'000, 100'000, DeviceId{}));
  ASSERT_THAT(tx.asked, SizeIs(2));
  EXPECT_LE(tx.asked[1].first, 90'000);
  EXPECT_EQ(tx.asked[1].second, 100'000);
  ASSERT_OK(feed.Read(tx, 89'000, 91'000, 100'000, DeviceId{}));  // it reached twice as far
  EXPECT_THAT(tx.asked, SizeIs(2));
  ASSERT_OK(feed.Read(tx, 10, 2'000, 100'000, DeviceId{}));  // as far as it keeps, and then:
  EXPECT_THAT(tx.asked.back(), ::testing::Pair(10, 2'000));
  const size_t before = tx.asked.size();
  ASSERT_OK(feed.Read(tx, 10, 2'000, 100'000, DeviceId{}));
  EXPECT_THAT(tx.asked, SizeIs(before + 1));
}

}  // namespace
}  // namespace ticketing::gate
