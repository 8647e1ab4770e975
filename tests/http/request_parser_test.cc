#include "lib/http/request_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ticketing::http {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using State = RequestParser::State;

constexpr char kHost[] = "Host: x\r\n";

struct Outcome {
  State state;
  ErrorCode error;
  HttpRequest request;
  std::string rest;
  bool keep_alive;
};

// Parses in pieces of `step` bytes: the cuts must not matter.
Outcome Parse(const std::string& bytes, size_t step) {
  RequestParser parser(1000, 100);
  std::string input;
  State state = State::kHead;
  for (size_t i = 0; i < bytes.size() && (state == State::kHead || state == State::kBody);
       i += step) {
    input += bytes.substr(i, step);
    state = parser.Advance(input);
    if (state == State::kDone) input += bytes.substr(std::min(i + step, bytes.size()));
  }
  const bool keep_alive = parser.keep_alive();
  const ErrorCode error = parser.error();
  return {state, error, parser.Take(), input, keep_alive};
}

Outcome Parse(const std::string& bytes) {
  const Outcome whole = Parse(bytes, bytes.size());
  for (const size_t step : {1, 2, 3, 7}) {
    const Outcome pieces = Parse(bytes, step);
    EXPECT_EQ(pieces.state, whole.state) << step << ": " << bytes;
    EXPECT_EQ(pieces.error, whole.error) << step << ": " << bytes;
    EXPECT_EQ(pieces.request.body, whole.request.body) << step << ": " << bytes;
    if (whole.state == State::kDone) {
      EXPECT_EQ(pieces.rest, whole.rest) << step << ": " << bytes;
    }
  }
  return whole;
}

TEST(RequestParserTest, ReadsARequest) {
  const Outcome outcome = Parse(
      "PATCH /v1/a%20b?x=1&y=%2F HTTP/1.1\r\nHost: x\r\nX-Two:  a b\t\r\nx-two: "
      "c\r\nContent-Length: 3\r\n\r\nabcGET");
  ASSERT_EQ(outcome.state, State::kDone);
  EXPECT_EQ(outcome.request.method, "PATCH");
  EXPECT_EQ(outcome.request.target, "/v1/a%20b?x=1&y=%2F");
  EXPECT_THAT(outcome.request.headers.all(),
              ElementsAre(Pair("Host", "x"), Pair("X-Two", "a b"), Pair("x-two", "c"),
                          Pair("Content-Length", "3")));
  EXPECT_EQ(outcome.request.body, "abc");
  EXPECT_EQ(outcome.rest, "GET");
  EXPECT_TRUE(outcome.keep_alive);
}

TEST(RequestParserTest, ReadsChunks) {
  const Outcome outcome = Parse(std::string("POST / HTTP/1.1\r\n") + kHost +
                                "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n1A;x=y\r\n" +
                                std::string(26, 'z') + "\r\n0\r\nTrailer: x\r\n\r\nnext");
  ASSERT_EQ(outcome.state, State::kDone);
  EXPECT_EQ(outcome.request.body, "abc" + std::string(26, 'z'));
  EXPECT_EQ(outcome.rest, "next");
}

TEST(RequestParserTest, KnowsWhoClosesWhen) {
  EXPECT_FALSE(Parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: x, Close\r\n\r\n").keep_alive);
  EXPECT_FALSE(Parse("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(Parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(RequestParserTest, ReadsTheFormOfProxies) {
  EXPECT_EQ(Parse("GET http://a.b/c?d HTTP/1.1\r\nHost: x\r\n\r\n").request.target, "/c?d");
  EXPECT_EQ(Parse("GET HTTPS://a.b?d HTTP/1.1\r\nHost: x\r\n\r\n").request.target, "/?d");
  EXPECT_EQ(Parse("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").request.target, "*");
}

TEST(RequestParserTest, SkipsOneLineEndBefore) {
  EXPECT_EQ(Parse("\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n").state, State::kDone);
}

TEST(RequestParserTest, RefusesWhatCanBeReadInTwoWays) {
  const std::string post = std::string("POST / HTTP/1.1\r\n") + kHost;
  for (const std::string& bytes : {
           std::string("GET / HTTP/1.1\r\n\r\n"),                           // no Host
           std::string("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"),     // two
           std::string("GET  / HTTP/1.1\r\nHost: x\r\n\r\n"),               // two spaces
           std::string("GET /\r\nHost: x\r\n\r\n"),                         // HTTP/0.9
           std::string("GET / HTTP/2.0\r\nHost: x\r\n\r\n"),                //
           std::string("GET x HTTP/1.1\r\nHost: x\r\n\r\n"),                // not a path
           std::string("GET /\x80 HTTP/1.1\r\nHost: x\r\n\r\n"),            // not ASCII
           std::string("G(T / HTTP/1.1\r\nHost: x\r\n\r\n"),                // not a token
           std::string("\x16\x03\x01 TLS"),                                 // another protocol
           std::string("GET / HTTP/1.1\nHost: x\n\n"),                      // bare line feeds
           std::string("GET / HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n"),  // one inside
           std::string("GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n"),    // space before the colon
           std::string("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n"),  // obsolete folding
           std::string("GET / HTTP/1.1\r\nHost: x\r\nA: \0b\r\n\r\n", 34),  // zero byte
           std::string("GET / HTTP/1.1\r\nHost: x\r\nExpect: 200\r\n\r\n"),
           post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
           post + "Content-Length: +3\r\n\r\nabc",
           post + "Content-Length: 3, 3\r\n\r\nabc",
           post + "Content-Length:\r\n\r\n",
           post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           std::string("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
           post + "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\n\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\n3;" + std::string(300, 'x') +
               "\r\nabc\r\n0\r\n\r\n",
       }) {
    const Outcome outcome = Parse(bytes);
    EXPECT_EQ(outcome.state, State::kError) << bytes;
    EXPECT_EQ(outcome.error, ErrorCode::kBadSyntax) << bytes;
    EXPECT_FALSE(outcome.keep_alive);
  }
}

TEST(RequestParserTest, KeepsItsLimits) {
  const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n";
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(Parse(get + "A: " + std::string(940, 'x') + "\r\n\r\n").state, State::kDone);
  EXPECT_EQ(Parse(get + "A: " + std::string(1000, 'x') + "\r\n\r\n").error,
            ErrorCode::kHeadersTooLarge);
  EXPECT_EQ(Parse("GET /" + std::string(2000, 'x')).error, ErrorCode::kHeadersTooLarge);
  EXPECT_EQ(Parse(post + "Content-Length: 100\r\n\r\n" + std::string(100, 'x')).state,
            State::kDone);
  EXPECT_EQ(Parse(post + "Content-Length: 101\r\n\r\n").error, ErrorCode::kPayloadTooLarge);
  EXPECT_EQ(Parse(post + "Content-Length: 99999999999999999999999999\r\n\r\n").error,
            ErrorCode::kPayloadTooLarge);
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Parse(chunked + "64\r\n" + std::string(100, 'x') + "\r\n0\r\n\r\n").state,
            State::kDone);
  EXPECT_EQ(Parse(chunked + "64\r\n" + std::string(100, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n").error,
            ErrorCode::kPayloadTooLarge);
  EXPECT_EQ(Parse(chunked + "fffffffffffffff\r\n").error, ErrorCode::kPayloadTooLarge);
  std::string trailers = chunked + "0\r\n";
  for (int i = 0; i < 20; ++i) trailers += "A: " + std::string(100, 'x') + "\r\n";
  EXPECT_EQ(Parse(trailers).error, ErrorCode::kHeadersTooLarge);
  RequestParser many(100'000, 0);
  std::string input = get;
  for (int i = 0; i < 200; ++i) input += "A: b\r\n";
  input += "\r\n";
  EXPECT_EQ(many.Advance(input), State::kError);
  EXPECT_EQ(many.error(), ErrorCode::kHeadersTooLarge);
}

TEST(RequestParserTest, RefusesTunnels) {
  EXPECT_EQ(Parse("CONNECT a:443 HTTP/1.1\r\nHost: x\r\n\r\n").error, ErrorCode::kMethodNotAllowed);
  EXPECT_EQ(Parse("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n").error, ErrorCode::kMethodNotAllowed);
}

TEST(RequestParserTest, AsksToContinueOnce) {
  RequestParser parser(1000, 100);
  std::string input =
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
  EXPECT_EQ(parser.Advance(input), State::kBody);
  EXPECT_TRUE(parser.TakeContinue());
  EXPECT_FALSE(parser.TakeContinue());
}

}  // namespace
}  // namespace ticketing::http
