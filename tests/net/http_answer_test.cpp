#include "net/http_answer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace mq;

using State = HttpAnswer::State;

TEST_CASE("an answer is the same however it is cut") {
  const std::vector<std::pair<std::string, std::string>> answers{
      {"HTTP/1.1 403 x\r\nContent-Length: 8\r\n\r\nno\nthing", "HTTP 403 Forbidden: 'no'"},
      {"HTTP/1.1 302 x\r\nLocation: /b\r\n\r\n\r\n", "HTTP 302 Found to '/b'"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 x\r\nTransfer-Encoding: "
       "chunked\r\n\r\n2\r\nba\r\n3\r\nd\nx\r\n0\r\n\r\n",
       "HTTP 500 Internal Server Error: 'bad'"},
      {"HTTP/1.0 404 Not Found\r\n\r\n  line  \n", "HTTP 404 Not Found: 'line'"},
  };
  for (const auto& [bytes, text] : answers) {
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
      HttpAnswer answer;
      for (std::size_t at = 0; at < bytes.size(); at += size) {
        REQUIRE(answer.put(Bytes(bytes).substr(at, size)).has_value());
      }
      CHECK(answer.text() == text);
    }
  }
}

TEST_CASE("an answer that switches protocols is complete with its header, and keeps what follows") {
  const std::string header = "HTTP/1.1 101 x\r\nA: 1\r\nb: 2\r\na: 3\r\n\r\n";
  HttpAnswer answer;
  CHECK(*answer.put("HTTP/1.1 103 x\r\n\r\nHTTP") == State::header);
  CHECK(answer.status() == 0);
  CHECK(*answer.put(Bytes(header + "frames\r\n\r\n").substr(4)) == State::complete);
  CHECK(answer.status() == 101);
  CHECK(answer.header() == header);
  CHECK(answer.rest() == "frames\r\n\r\n");
  CHECK(answer.field("a") == "1, 3");
  CHECK(answer.field("B") == "2");
  CHECK(answer.field("c").empty());
}

TEST_CASE("an answer takes no more than it needs") {
  HttpAnswer answer;
  CHECK(*answer.put("HTTP/1.1 403 x\r\nContent-Length: 100\r\n\r\n") == State::body);
  CHECK(*answer.put("\r\n\r\n") == State::body);
  CHECK(*answer.put("why") == State::body);
  CHECK(answer.text() == "HTTP 403 Forbidden: 'why'");
  CHECK(*answer.put("?\n") == State::complete);

  HttpAnswer endless;
  CHECK(*endless.put("HTTP/1.1 403 x\r\n\r\n") == State::body);
  CHECK(*endless.put(std::string(8000, ' ')) == State::body);
  CHECK(*endless.put(std::string(500'000, ' ')) == State::complete);
  CHECK(endless.text() == "HTTP 403 Forbidden");

  HttpAnswer interim;  // without end
  Result<State> state = State::header;
  for (int i = 0; i < 100'000 && state; ++i) state = interim.put("HTTP/1.1 100 x\r\n\r\n");
  CHECK_FALSE(state.has_value());
}
