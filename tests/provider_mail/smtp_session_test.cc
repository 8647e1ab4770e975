#include "lib/provider/mailbox/smtp_session.h"

#include "ticketing/testing/matchers.h"

namespace ticketing::mailbox {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SmtpSessionTest : public testing::Test {
 protected:
  SmtpSession Make(SessionLimits limits = {}) {
    return SmtpSession("mx.test", limits, [this](const ReceivedMail& mail) {
      kept_.push_back(mail);
      return keep_status_;
    });
  }
  static constexpr char kEnvelope[] =
      "EHLO me\r\nMAIL FROM:<a@x.mx>\r\nRCPT TO:<b@y.mx>\r\nDATA\r\n";

  std::vector<ReceivedMail> kept_;
  Status keep_status_;
};

TEST_F(SmtpSessionTest, KeepsAMail) {
  SmtpSession session = Make();
  EXPECT_EQ(session.Greeting(), "220 mx.test ESMTP ready\r\n");
  EXPECT_THAT(session.Feed("EHLO me\r\n"), HasSubstr("250-SIZE 31457280\r\n"));
  EXPECT_THAT(session.Feed("mail from:<a@x.mx> SIZE=20 BODY=8BITMIME\r\n"), StartsWith("250 "));
  EXPECT_THAT(session.Feed("RCPT TO:<b@y.mx>\r\n"), StartsWith("250 "));
  EXPECT_THAT(session.Feed("RCPT TO: <c@y.mx>\r\n"), StartsWith("250 "));
  EXPECT_THAT(session.Feed("DATA\r\n"), StartsWith("354 "));
  EXPECT_EQ(session.Feed("Subject: x\r\n\r\n..dot\r\n.\r"), "");
  EXPECT_THAT(session.Feed("\n"), StartsWith("250 "));
  ASSERT_EQ(kept_.size(), 1u);
  EXPECT_EQ(kept_[0].from, "a@x.mx");
  EXPECT_THAT(kept_[0].to, ElementsAre("b@y.mx", "c@y.mx"));
  EXPECT_EQ(kept_[0].raw, "Subject: x\r\n\r\n.dot\r\n");
  EXPECT_THAT(session.Feed("QUIT\r\n"), StartsWith("221 "));
  EXPECT_TRUE(session.closed());
}

TEST_F(SmtpSessionTest, TakesBytesInAnyPieces) {
  const std::string all = std::string(kEnvelope) + "line\r\n\r\n.\r\n" +
                          "MAIL FROM:<>\r\nRCPT TO:<b@y.mx>\r\nDATA\r\nsecond\r\n.\r\nQUIT\r\n";
  SmtpSession whole = Make();
  const std::string expected = whole.Feed(all);
  SmtpSession bytes = Make();
  std::string replies;
  for (const char c : all) replies.append(bytes.Feed({&c, 1}));
  EXPECT_EQ(replies, expected);
  ASSERT_EQ(kept_.size(), 4u);
  EXPECT_EQ(kept_[2].raw, "line\r\n\r\n");
  EXPECT_EQ(kept_[3].from, "");
}

TEST_F(SmtpSessionTest, OrderIsEnforced) {
  SmtpSession session = Make();
  EXPECT_THAT(session.Feed("MAIL FROM:<a@x.mx>\r\n"), StartsWith("503 "));
  EXPECT_THAT(session.Feed("EHLO\r\n"), StartsWith("501 "));
  session.Feed("HELO me\r\n");
  EXPECT_THAT(session.Feed("RCPT TO:<a@x.mx>\r\n"), StartsWith("503 "));
  EXPECT_THAT(session.Feed("DATA\r\n"), StartsWith("503 "));
  session.Feed("MAIL FROM:<a@x.mx>\r\n");
  EXPECT_THAT(session.Feed("MAIL FROM:<a@x.mx>\r\n"), StartsWith("503 "));
  session.Feed("RSET\r\n");
  EXPECT_THAT(session.Feed("RCPT TO:<a@x.mx>\r\n"), StartsWith("503 "));
  EXPECT_THAT(session.Feed("STARTTLS\r\n"), StartsWith("502 "));
}

TEST_F(SmtpSessionTest, BadAddressesAreRefused) {
  SmtpSession session = Make();
  session.Feed("EHLO me\r\n");
  EXPECT_THAT(session.Feed("MAIL FROM:a@x.mx\r\n"), StartsWith("501 "));
  EXPECT_THAT(session.Feed("MAIL FROM:<nobody>\r\n"), StartsWith("553 "));
  EXPECT_THAT(session.Feed("MAIL FROM:<a b@x.mx>\r\n"), StartsWith("501 "));
  EXPECT_THAT(session.Feed("MAIL FROM:<a@x.mx\r\n"), StartsWith("501 "));
  EXPECT_THAT(session.Feed("MAIL FROM:<" + std::string(300, 'a') + "@x.mx>\r\n"),
              StartsWith("501 "));
  EXPECT_THAT(session.Feed("MAIL FROM:<\xc3\xb1@x.mx>\r\n"), StartsWith("501 "));
}

TEST_F(SmtpSessionTest, OnlyCrlfEndsALine) {
  SmtpSession session = Make();
  session.Feed(kEnvelope);
  // The smuggling trick: a dot between bare line feeds must not end the message.
  const std::string smuggled = "x\r\n\n.\nMAIL FROM:<evil@x.mx>\r\n.\r\n";
  EXPECT_THAT(session.Feed(smuggled), StartsWith("554 "));
  EXPECT_TRUE(kept_.empty());
  EXPECT_THAT(session.Feed("NOOP\nQUIT\r\n"), StartsWith("500 "));
  EXPECT_FALSE(session.closed());
}

TEST_F(SmtpSessionTest, SizesAreLimited) {
  SmtpSession session = Make({.message_bytes_max = 100, .recipients_max = 2});
  session.Feed("EHLO me\r\n");
  EXPECT_THAT(session.Feed("MAIL FROM:<a@x.mx> SIZE=101\r\n"), StartsWith("552 "));
  EXPECT_THAT(session.Feed("MAIL FROM:<a@x.mx> SIZE=99999999999999999999999\r\n"),
              StartsWith("552 "));
  session.Feed("MAIL FROM:<a@x.mx> SIZE=100\r\n");
  session.Feed("RCPT TO:<a@x.mx>\r\nRCPT TO:<b@x.mx>\r\n");
  EXPECT_THAT(session.Feed("RCPT TO:<c@x.mx>\r\n"), StartsWith("452 "));
  session.Feed("DATA\r\n");
  session.Feed(std::string(60, 'x') + "\r\n" + std::string(60, 'x') + "\r\n");
  EXPECT_THAT(session.Feed(".\r\n"), StartsWith("552 "));
  EXPECT_TRUE(kept_.empty());
}

TEST_F(SmtpSessionTest, LongLinesAreRefusedWithoutBeingHeld) {
  SmtpSession session = Make();
  EXPECT_THAT(session.Feed("EHLO " + std::string(600, 'x') + "\r\n"), StartsWith("500 "));
  std::string replies;
  for (int i = 0; i < 100; ++i) replies.append(session.Feed(std::string(1000, 'x')));
  EXPECT_EQ(replies, "500 5.5.2 Line too long\r\n");
  EXPECT_EQ(session.Feed("\r\n"), "");
  session.Feed(kEnvelope);
  EXPECT_EQ(session.Feed(std::string(5000, 'x')), "");
  EXPECT_THAT(session.Feed("\r\nshort\r\n.\r\n"), StartsWith("554 "));
  EXPECT_TRUE(kept_.empty());
  session.Feed("MAIL FROM:<a@x.mx>\r\nRCPT TO:<b@y.mx>\r\nDATA\r\n");
  EXPECT_THAT(session.Feed(std::string(998, 'x') + "\r\n.\r\n"), StartsWith("250 "));
}

TEST_F(SmtpSessionTest, StorageTroubleIsTemporary) {
  keep_status_ = MakeError(ErrorCode::kUnavailable, "disk full");
  SmtpSession session = Make();
  EXPECT_THAT(session.Feed(std::string(kEnvelope) + "x\r\n.\r\n"), HasSubstr("\r\n451 "));
}

TEST_F(SmtpSessionTest, ManyErrorsEndTheSession) {
  SmtpSession session = Make();
  for (int i = 0; i < 19; ++i) session.Feed("WHAT\r\n");
  EXPECT_FALSE(session.closed());
  EXPECT_THAT(session.Feed("WHAT\r\nNOOP\r\n"), HasSubstr("421 "));
  EXPECT_TRUE(session.closed());
}

}  // namespace
}  // namespace ticketing::mailbox
