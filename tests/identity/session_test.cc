#include "ticketing/identity/session.h"

#include <gtest/gtest.h>

namespace ticketing::identity {
namespace {

constexpr Timestamp kNow = Timestamp::FromSeconds(1'800'000'000);
const std::string kKey(32, 'k');

Session First() {
  return NewSession(SessionId{77}, AccountId{5}, kNow, Duration::Days(30));
}

RefreshResult Use(const Session& session, const std::string& token, Timestamp now) {
  const auto claim = ParseRefreshToken(token);
  EXPECT_TRUE(claim) << token;
  return UseRefreshToken(session, *claim, kKey, now);
}

TEST(RefreshToken, RotatesOnce) {
  const Session first = First();
  const std::string token = RefreshToken(first, kKey);
  const RefreshResult result = Use(first, token, kNow + Duration::Minutes(9));
  ASSERT_EQ(result.verdict, RefreshVerdict::kRotated);
  EXPECT_EQ(result.session.generation, 2);
  EXPECT_EQ(result.session.expires_at, first.expires_at);
  EXPECT_NE(RefreshToken(result.session, kKey), token);
}

TEST(RefreshToken, LostAnswerGetsTheSameSuccessor) {
  const std::string token = RefreshToken(First(), kKey);
  const Session second = Use(First(), token, kNow).session;
  const RefreshResult again = Use(second, token, kNow + kRefreshGrace);
  EXPECT_EQ(again.verdict, RefreshVerdict::kReplayed);
  EXPECT_EQ(again.session, second);
}

TEST(RefreshToken, ReuseBehindTheGraceRevokesTheFamily) {
  const std::string stolen = RefreshToken(First(), kKey);
  const Session second = Use(First(), stolen, kNow).session;
  const std::string fresh = RefreshToken(second, kKey);
  const RefreshResult reuse = Use(second, stolen, kNow + kRefreshGrace + Duration::Micros(1));
  ASSERT_EQ(reuse.verdict, RefreshVerdict::kReused);
  EXPECT_TRUE(reuse.session.revoked);
  EXPECT_EQ(Use(reuse.session, fresh, kNow + Duration::Minutes(1)).verdict,
            RefreshVerdict::kRefused);
}

TEST(RefreshToken, GrandparentIsReuseEvenWithinTheGrace) {
  const std::string old = RefreshToken(First(), kKey);
  const Session second = Use(First(), old, kNow).session;
  const Session third = Use(second, RefreshToken(second, kKey), kNow).session;
  EXPECT_EQ(Use(third, old, kNow).verdict, RefreshVerdict::kReused);
}

TEST(RefreshToken, ExpiredAndRevokedAreRefused) {
  Session session = First();
  const std::string token = RefreshToken(session, kKey);
  EXPECT_EQ(Use(session, token, session.expires_at).verdict, RefreshVerdict::kRefused);
  session.revoked = true;
  EXPECT_EQ(Use(session, token, kNow).verdict, RefreshVerdict::kRefused);
}

TEST(RefreshToken, ForgedTagsChangeNothing) {
  const Session session = First();
  const auto forged = ParseRefreshToken(RefreshToken(session, std::string(32, 'x')));
  ASSERT_TRUE(forged);
  const RefreshResult result = UseRefreshToken(session, *forged, kKey, kNow);
  EXPECT_EQ(result.verdict, RefreshVerdict::kRefused);
  EXPECT_FALSE(result.session.revoked) << "a forger must not be able to end a session";
  // The tag binds the account as well.
  Session other = session;
  other.account = AccountId{6};
  EXPECT_EQ(Use(other, RefreshToken(session, kKey), kNow).verdict, RefreshVerdict::kRefused);
}

TEST(RefreshToken, ParsingIsStrict) {
  const std::string token = RefreshToken(First(), kKey);
  ASSERT_TRUE(ParseRefreshToken(token));
  const size_t dot = token.find('.');
  for (const std::string& bad :
       {std::string(), std::string("a.b.c"), token + "A", token.substr(0, token.size() - 1),
        token.substr(0, dot) + ".01" + token.substr(dot + 2),
        token.substr(0, dot) + ".-1" + token.substr(dot + 2),
        token.substr(0, dot) + ".99999999999999999999" + token.substr(dot + 2), token + "=",
        std::string(5000, '.'), " " + token}) {
    EXPECT_FALSE(ParseRefreshToken(bad)) << bad;
  }
}

}  // namespace
}  // namespace ticketing::identity
