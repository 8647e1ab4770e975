#include "lib/http/response_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ticketing::http {
namespace {

using State = ResponseParser::State;

struct Outcome {
  State state;
  HttpResponse response;
  std::string rest;
  bool keep_alive;
  bool too_long;
};

Outcome ParseInPieces(const std::string& bytes, const std::string& method, size_t step,
                      bool closed) {
  ResponseParser parser(method, 1000, 100);
  std::string input;
  State state = State::kHead;
  for (size_t i = 0; i < bytes.size() && (state == State::kHead || state == State::kBody);
       i += step) {
    input += bytes.substr(i, step);
    state = parser.Advance(input);
    if (state == State::kDone) input += bytes.substr(std::min(i + step, bytes.size()));
  }
  if (closed && state != State::kError) state = parser.Finish();
  return {state, parser.Take(), input, parser.keep_alive(), parser.too_long()};
}

// The cuts between the pieces must not matter.
Outcome Parse(const std::string& bytes, const std::string& method = "GET", bool closed = false) {
  const Outcome whole = ParseInPieces(bytes, method, bytes.size(), closed);
  for (const size_t step : {1, 2, 5}) {
    const Outcome pieces = ParseInPieces(bytes, method, step, closed);
    EXPECT_EQ(pieces.state, whole.state) << step << ": " << bytes;
    if (whole.state != State::kDone) continue;
    EXPECT_EQ(pieces.response.body, whole.response.body) << step << ": " << bytes;
    EXPECT_EQ(pieces.rest, whole.rest) << step << ": " << bytes;
  }
  return whole;
}

TEST(ResponseParserTest, ReadsAResponse) {
  const Outcome outcome =
      Parse("HTTP/1.1 404 Not Found\r\nETag: \"a%20b\"\r\nContent-Length: 3\r\n\r\nabcHTTP");
  ASSERT_EQ(outcome.state, State::kDone);
  EXPECT_EQ(outcome.response.status, 404);
  EXPECT_EQ(outcome.response.headers.Get("etag"), "\"a%20b\"");
  EXPECT_EQ(outcome.response.body, "abc");
  EXPECT_EQ(outcome.rest, "HTTP");
  EXPECT_TRUE(outcome.keep_alive);
  EXPECT_EQ(Parse("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").state, State::kDone);
}

TEST(ResponseParserTest, KnowsWhichAnswersHaveNoBody) {
  const std::string ten = "Content-Length: 10\r\n\r\nnext";
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\n" + ten, "HEAD").rest, "next");
  EXPECT_EQ(Parse("HTTP/1.1 204 No Content\r\n" + ten).rest, "next");
  EXPECT_EQ(Parse("HTTP/1.1 304 Not Modified\r\n" + ten).rest, "next");
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\n" + ten).state, State::kBody);
}

TEST(ResponseParserTest, SkipsInterimAnswers) {
  const Outcome outcome = Parse(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nz");
  ASSERT_EQ(outcome.state, State::kDone);
  EXPECT_EQ(outcome.response.status, 201);
  EXPECT_EQ(outcome.response.headers.Get("Link"), std::nullopt);
  EXPECT_EQ(outcome.response.body, "z");
}

TEST(ResponseParserTest, ReadsChunksAndUntilTheEnd) {
  EXPECT_EQ(
      Parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")
          .response.body,
      "abc");
  const Outcome closed = Parse("HTTP/1.1 200 OK\r\n\r\nto the end", "GET", true);
  EXPECT_EQ(closed.state, State::kDone);
  EXPECT_EQ(closed.response.body, "to the end");
  EXPECT_FALSE(closed.keep_alive);
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf", "GET", true).state,
            State::kError);
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nConte", "GET", true).state, State::kError);
}

TEST(ResponseParserTest, KnowsWhenTheServerCloses) {
  EXPECT_FALSE(
      Parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n").keep_alive);
  EXPECT_FALSE(Parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive);
}

TEST(ResponseParserTest, RefusesWhatIsNotHttpOrTooLong) {
  for (const std::string bytes : {
           "SSH-2.0-OpenSSH\r\n\r\n",
           "HTTP/2 200 OK\r\n\r\n",
           "HTTP/1.1 20 OK\r\n\r\n",
           "HTTP/1.1 2000 OK\r\n\r\n",
           "HTTP/1.1 abc OK\r\n\r\n",
           "HTTP/1.1 101 Switching Protocols\r\n\r\n",
           "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
           "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
       }) {
    EXPECT_EQ(Parse(bytes).state, State::kError) << bytes;
  }
  const std::string body(101, 'x');
  EXPECT_TRUE(Parse("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n").too_long);
  EXPECT_TRUE(Parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + body).too_long);
  EXPECT_TRUE(Parse("HTTP/1.1 200 OK\r\n\r\n" + body).too_long);
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nA: " + std::string(2000, 'x')).state, State::kError);
}

}  // namespace
}  // namespace ticketing::http
