#include "ticketing/notification/mime.h"

#include <cstdio>
#include <fstream>

#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing::notification {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

MailMessage Full() {
  return {
      .from = {"Boletería \"Olímpica\"", "boletos@example.mx"},
      .to = {{"Ana, Gómez", "ana@example.mx"}, {"", "plain@example.com"}},
      .subject =
          "Tus boletos para Ñandú FC – Águilas: partido de vuelta de la gran final 🎫 en el estadio",
      .text = "Hola Ana:\n\nTotal: $945.00 = novecientos\n.\nFrom here \nñandú 🎫 fin",
      .html = "<p>Sección 104 &middot; <b>ñ</b></p>",
      .attachments = {{"boleto-ñ 104 F-23 un nombre bastante largo para un archivo.pdf",
                       "application/pdf", std::string("%PDF-1.4\0\r\n--=_mix\r\n\xff\xfe", 22)},
                      {"plain.txt", "text/plain", std::string(1000, 'x')}},
      .date = *ParseTimestamp("2026-11-28T19:00:00Z"),
      .message_id = "msg_0W2K9Q7ZC4T1A@example.mx",
      .headers = {{"Auto-Submitted", "auto-generated"}}};
}

// What another implementation reads: python3's email package, as JSON with sorted keys.
std::string ReadBack(const std::string& message) {
  const TempDir dir;
  std::ofstream(dir / "m.eml", std::ios::binary) << message;
  std::ofstream(dir / "read.py") << R"(
import email, email.policy, json, sys
m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
def defects(p):
    d = [str(x) for x in p.defects]
    d += [str(x) for v in p.values() for x in getattr(v, 'defects', ())]
    return d + [y for q in (p.iter_parts() if p.is_multipart() else ()) for y in defects(q)]
def tree(p):
    kind = p.get_content_type()
    return [kind, [tree(q) for q in p.iter_parts()]] if p.is_multipart() else kind
out = {
  'defects': defects(m), 'subject': m['subject'], 'date': str(m['date'].datetime),
  'from': [[a.display_name, a.addr_spec] for a in m['from'].addresses],
  'to': [[a.display_name, a.addr_spec] for a in m['to'].addresses],
  'id': m['message-id'], 'auto': m['auto-submitted'], 'tree': tree(m),
  'text': m.get_body(('plain',)).get_content(),
  'html': m.get_body(('html',)).get_content() if m.get_body(('html',)) else None,
  'files': [[a.get_filename(), a.get_content_type(), a.get_payload(decode=True).hex()]
            for a in m.iter_attachments()],
}
print(json.dumps(out, ensure_ascii=False, sort_keys=True))
)";
  const std::string command = "/usr/bin/python3 " + (dir / "read.py") + " " + (dir / "m.eml");
  FILE* pipe = popen(command.c_str(), "r");
  std::string out;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  EXPECT_EQ(pclose(pipe), 0);
  return out;
}

TEST(Mime, AnotherParserReadsEverythingBack) {
  ASSERT_OK_AND_ASSIGN(const std::string message, BuildMime(Full()));
  const std::string read = ReadBack(message);
  EXPECT_THAT(read, HasSubstr(R"("defects": [])")) << message.substr(0, 2000);
  EXPECT_THAT(read, HasSubstr("\"subject\": \"" + Full().subject + "\""));
  EXPECT_THAT(read, HasSubstr(R"("from": [["Boletería \"Olímpica\"", "boletos@example.mx"]])"));
  EXPECT_THAT(read,
              HasSubstr(R"("to": [["Ana, Gómez", "ana@example.mx"], ["", "plain@example.com"]])"));
  EXPECT_THAT(read, HasSubstr(R"("date": "2026-11-28 19:00:00+00:00")"));
  EXPECT_THAT(read, HasSubstr(R"("id": "<msg_0W2K9Q7ZC4T1A@example.mx>")"));
  EXPECT_THAT(read, HasSubstr(R"("auto": "auto-generated")"));
  EXPECT_THAT(
      read,
      HasSubstr(
          R"("text": "Hola Ana:\n\nTotal: $945.00 = novecientos\n.\nFrom here \nñandú 🎫 fin)"));
  EXPECT_THAT(read, HasSubstr(R"(<p>Sección 104 &middot; <b>ñ</b></p>)"));
  EXPECT_THAT(
      read,
      HasSubstr(
          R"(["boleto-ñ 104 F-23 un nombre bastante largo para un archivo.pdf", "application/pdf", "255044462d312e34000d0a2d2d3d5f6d69780d0afffe"])"));
  EXPECT_THAT(
      read,
      HasSubstr(
          R"("tree": ["multipart/mixed", [["multipart/alternative", ["text/plain", "text/html"]], "application/pdf", "text/plain"]])"));
}

TEST(Mime, LevelsWithOnePartAreLeftOut) {
  MailMessage mail = Full();
  mail.attachments.clear();
  ASSERT_OK_AND_ASSIGN(std::string message, BuildMime(mail));
  EXPECT_THAT(ReadBack(message),
              HasSubstr(R"("tree": ["multipart/alternative", ["text/plain", "text/html"]])"));
  mail.html.clear();
  ASSERT_OK_AND_ASSIGN(message, BuildMime(mail));
  EXPECT_THAT(ReadBack(message), HasSubstr(R"("tree": "text/plain")"));
}

TEST(Mime, IsSevenBitWithShortCrlfLines) {
  ASSERT_OK_AND_ASSIGN(const std::string message, BuildMime(Full()));
  size_t column = 0;
  for (size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    ASSERT_GE(c, 0) << "byte " << i;
    if (c == '\n') {
      ASSERT_TRUE(i > 0 && message[i - 1] == '\r') << "a bare LF at byte " << i;
      column = 0;
    } else if (c == '\r') {
      ASSERT_TRUE(i + 1 < message.size() && message[i + 1] == '\n') << "a bare CR at byte " << i;
    } else {
      ASSERT_LE(++column, 78u) << message.substr(i > 100 ? i - 100 : 0, 100);
    }
  }
  ASSERT_OK_AND_ASSIGN(const std::string again, BuildMime(Full()));
  EXPECT_EQ(message, again);
}

TEST(Mime, HeaderInjectionIsRefused) {
  const auto refused = [](auto change) {
    MailMessage mail = Full();
    change(mail);
    EXPECT_THAT(BuildMime(mail), HasCode(ErrorCode::kInvalidField));
  };
  const std::string evil = "x\r\nBcc: thief@example.com";
  refused([&](MailMessage& m) { m.subject = evil; });
  refused([&](MailMessage& m) { m.subject = "x\ny"; });
  refused([&](MailMessage& m) { m.subject = std::string("x\0y", 3); });
  refused([&](MailMessage& m) { m.subject = "\xff"; });
  refused([&](MailMessage& m) { m.from.name = evil; });
  refused([&](MailMessage& m) { m.to[0].name = evil; });
  refused([&](MailMessage& m) { m.to[0].address = "a@b.mx>\r\nBcc: <t@e.com"; });
  refused([&](MailMessage& m) { m.to[0].address = "a@b.mx, t@e.com"; });
  refused([&](MailMessage& m) { m.to[0].address = "ana"; });
  refused([&](MailMessage& m) { m.to.clear(); });
  refused([&](MailMessage& m) { m.message_id = evil; });
  refused([&](MailMessage& m) { m.headers = {{"X-Note", evil}}; });
  refused([&](MailMessage& m) { m.headers = {{"X Note", "x"}}; });
  refused([&](MailMessage& m) { m.headers = {{"X\r\nBcc", "x"}}; });
  refused([&](MailMessage& m) { m.attachments[0].file_name = evil; });
  refused([&](MailMessage& m) { m.attachments[0].file_name = "../../etc/passwd"; });
  refused([&](MailMessage& m) { m.attachments[0].file_name = ""; });
  refused([&](MailMessage& m) { m.attachments[0].content_type = "application/pdf\r\nX: y"; });
  refused([&](MailMessage& m) { m.attachments[0].content_type = "pdf"; });
  refused([&](MailMessage& m) { m.text = "\xc0\x80"; });
  refused([&](MailMessage& m) { m.attachments.resize(kAttachmentsMax + 1, m.attachments[1]); });
  refused([&](MailMessage& m) { m.attachments[0].bytes.assign(kMailBytesMax, 'x'); });
}

TEST(QuotedPrintable, FollowsRfc2045) {
  EXPECT_EQ(EncodeQuotedPrintable("a=b\nc"), "a=3Db\r\nc");
  EXPECT_EQ(EncodeQuotedPrintable("end \nx\t"), "end=20\r\nx=09");
  EXPECT_EQ(EncodeQuotedPrintable("a\r\nb\rc"), "a\r\nb\r\nc");
  EXPECT_EQ(EncodeQuotedPrintable("ñ"), "=C3=B1");
  EXPECT_EQ(EncodeQuotedPrintable(std::string(76, 'x')), std::string(76, 'x'));
  EXPECT_EQ(EncodeQuotedPrintable(std::string(77, 'x')), std::string(75, 'x') + "=\r\nxx");
}

TEST(Base64Lines, AreSeventySixLong) {
  EXPECT_EQ(EncodeBase64Lines(""), "");
  const std::string lines = EncodeBase64Lines(std::string(58, '\0'));
  EXPECT_EQ(lines, std::string(76, 'A') + "\r\nAA==\r\n");
}

TEST(HeaderText, PlainStaysPlain) {
  EXPECT_EQ(EncodeHeaderText("Your tickets", 9), "Your tickets");
  const std::string folded = EncodeHeaderText(
      "Your tickets for the second leg of the grand final at the Olympic stadium, gate four", 9);
  EXPECT_THAT(folded, HasSubstr("\r\n "));
  EXPECT_THAT(folded, Not(HasSubstr("=?")));
  EXPECT_THAT(EncodeHeaderText("=?UTF-8?B?eA==?=", 9), Not(testing::StartsWith("=?UTF-8?B?eA==?=")))
      << "text that looks encoded must not be decoded";
}

TEST(MailDate, IsRfc5322) {
  EXPECT_EQ(FormatMailDate(*ParseTimestamp("2026-11-28T19:00:00.5Z")),
            "Sat, 28 Nov 2026 19:00:00 +0000");
  EXPECT_EQ(FormatMailDate(Timestamp{}), "Thu, 01 Jan 1970 00:00:00 +0000");
}

}  // namespace
}  // namespace ticketing::notification
