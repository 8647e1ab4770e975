// Goal: an announcement is believed only as the owner of the key wrote it. Method: every byte is
// changed, every length tried, other keys and other signed things are put in its place.
#include "ticketing/sync/peer_announcement.h"

#include <gtest/gtest.h>

#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

const PeerAnnouncement kSample{DeviceId{0x0102030405060708}, Timestamp{1'795'348'800'000'000},
                               0x0a4d0015, 7501, std::string(kPeerPinBytes, 'p')};

SigningKey Key(char seed) {
  return *SigningKey::FromSeed(std::string(32, seed));
}

TEST(PeerAnnouncementTest, SaysWhatWasSaid) {
  const std::string bytes = SealPeerAnnouncement(kSample, Key('a'));
  ASSERT_EQ(bytes.size(), kPeerAnnouncementBytes);
  ASSERT_OK_AND_ASSIGN(const PeerAnnouncement back, DecodePeerAnnouncement(bytes));
  EXPECT_EQ(back, kSample);
  EXPECT_TRUE(IsPeerAnnouncementGenuine(bytes, Key('a').public_key()));
  EXPECT_EQ(FormatPeerAddress(back.address), "10.77.0.21");
}

TEST(PeerAnnouncementTest, ChangedOrForeignBytesAreNotGenuine) {
  const std::string bytes = SealPeerAnnouncement(kSample, Key('a'));
  const std::string key = Key('a').public_key();
  EXPECT_FALSE(IsPeerAnnouncementGenuine(bytes, Key('b').public_key()));
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(DecodePeerAnnouncement(changed).ok() && IsPeerAnnouncementGenuine(changed, key))
        << i;
  }
  // Signed by the right key, but as something else.
  const std::string body = bytes.substr(0, kPeerAnnouncementBytes - kSignatureBytes);
  EXPECT_FALSE(IsPeerAnnouncementGenuine(body + Key('a').Sign(body), key));
}

TEST(PeerAnnouncementTest, OtherFormsAreRefused) {
  const std::string bytes = SealPeerAnnouncement(kSample, Key('a'));
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THAT(DecodePeerAnnouncement(bytes.substr(0, length)), HasCode(ErrorCode::kBadSyntax));
    EXPECT_FALSE(IsPeerAnnouncementGenuine(bytes.substr(0, length), Key('a').public_key()));
  }
  EXPECT_THAT(DecodePeerAnnouncement(bytes + "x"), HasCode(ErrorCode::kBadSyntax));
  const auto with = [](auto change) {
    PeerAnnouncement announcement = kSample;
    change(announcement);
    return DecodePeerAnnouncement(SealPeerAnnouncement(announcement, Key('a')));
  };
  EXPECT_FALSE(with([](PeerAnnouncement& a) { a.device = DeviceId{0}; }).ok());
  EXPECT_FALSE(with([](PeerAnnouncement& a) { a.at = Timestamp{-1}; }).ok());
  EXPECT_FALSE(with([](PeerAnnouncement& a) { a.address = 0; }).ok());
  EXPECT_FALSE(with([](PeerAnnouncement& a) { a.port = 0; }).ok());
}

}  // namespace
}  // namespace ticketing
