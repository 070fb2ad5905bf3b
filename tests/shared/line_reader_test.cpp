#include "shared/line_reader.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <string>
#include <vector>

#include "shared/pipe.hpp"

namespace mq {
namespace {

using Lines = std::vector<std::string>;

Lines split(const std::string& text, char delimiter = '\n') {
  Lines lines;
  std::string line;
  for (const char c : text) {
    if (c == delimiter) {
      lines.push_back(line);
      line.clear();
    } else {
      line += c;
    }
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

void take_lines(LineReader& reader, Lines& lines) {
  while (const auto line = reader.next_line()) lines.emplace_back(*line);
}

Lines read_lines(LineReader& reader) {
  Lines lines;
  for (;;) {
    const auto state = reader.fill();
    REQUIRE(state);
    take_lines(reader, lines);
    if (*state == LineReader::State::end) break;
  }
  CHECK_FALSE(reader.next_line());
  CHECK(reader.lines() == lines.size());
  return lines;
}

// A file in memory that holds `text`.
int file_with(const std::string& text) {
  const int descriptor = ::memfd_create("lines", MFD_CLOEXEC);
  REQUIRE(descriptor >= 0);
  REQUIRE(::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  REQUIRE(::lseek(descriptor, 0, SEEK_SET) == 0);
  return descriptor;
}

Lines lines_of_file(const std::string& text, char delimiter = '\n') {
  const int descriptor = file_with(text);
  LineReader reader(descriptor, delimiter);
  Lines lines = read_lines(reader);
  ::close(descriptor);
  return lines;
}

TEST_CASE("lines of a file") {
  CHECK(lines_of_file("") == Lines{});
  CHECK(lines_of_file("\n") == Lines{""});
  CHECK(lines_of_file("a\nb\n") == Lines{"a", "b"});
  CHECK(lines_of_file("a\n\n\nb") == Lines{"a", "", "", "b"});
  CHECK(lines_of_file("last") == Lines{"last"});
  CHECK(lines_of_file("a\r\nb") == Lines{"a\r", "b"});
  CHECK(lines_of_file(std::string("a\0b\n\0\n\xFF", 7)) == Lines{{"a\0b", 3}, {"\0", 1}, "\xFF"});
}

TEST_CASE("any byte can end a line") {
  CHECK(lines_of_file(std::string("a\nb\0c\0", 6), '\0') == Lines{"a\nb", "c"});
  CHECK(lines_of_file("a\xFF\xFF", '\xFF') == Lines{"a", ""});
}

TEST_CASE("text cut at any two places gives the same lines") {
  const std::string text = "one\n\ntwo, longer\nthree";
  const Lines expected = split(text);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      test::Pipe pipe;
      LineReader reader(pipe.read_end());
      Lines lines;
      for (const auto& part :
           {text.substr(0, first), text.substr(first, second - first), text.substr(second)}) {
        if (part.empty()) continue;
        pipe.write(part);
        REQUIRE(reader.fill() == LineReader::State::more);
        take_lines(reader, lines);
      }
      pipe.close_write_end();
      REQUIRE(reader.fill() == LineReader::State::end);
      take_lines(reader, lines);
      CHECK(lines == expected);
    }
  }
}

TEST_CASE("lines around the size of a block") {
  for (const std::size_t size :
       {LineReader::block - 1, LineReader::block, LineReader::block + 1, 2 * LineReader::block - 1,
        2 * LineReader::block, 5 * LineReader::block + 3}) {
    const std::string text = "first\n" + std::string(size, 'x') + "\n\n" + std::string(size, 'y');
    CHECK(lines_of_file(text) == split(text));
  }
}

TEST_CASE("random text gives the lines that a plain splitter finds") {
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    std::string text;
    while (text.size() < 200'000) {
      const std::size_t longest = random() % 20 == 0 ? 150'000 : 200;
      text.append(random() % longest, static_cast<char>(random()));
      text += '\n';
    }
    if (round % 2 == 0) text += "no newline";
    CHECK(lines_of_file(text) == split(text));
  }
}

TEST_CASE("a line longer than a packet can carry is refused with its number") {
  const auto outcome = [](const std::string& text) {
    const int descriptor = file_with(text);
    LineReader reader(descriptor, '\n', 10);
    std::string last;
    for (;;) {
      const auto state = reader.fill();
      while (const auto line = reader.next_line()) last = *line;
      if (!state) {
        CHECK(state.error().kind == ErrorKind::payload);
        last = state.error().text;
      }
      if (!state || *state == LineReader::State::end) break;
    }
    ::close(descriptor);
    return last;
  };
  CHECK(outcome("a\n0123456789\n") == "0123456789");
  CHECK(outcome("a\n0123456789") == "0123456789");
  CHECK(outcome("a\nb\n0123456789A\nc\n") == "line 3 is longer than what a packet can carry (10 bytes)");
  CHECK(outcome("0123456789A") == "line 1 is longer than what a packet can carry (10 bytes)");
}

TEST_CASE("a descriptor that has nothing now, and one that cannot be read") {
  test::Pipe pipe;
  REQUIRE(::fcntl(pipe.read_end(), F_SETFL, O_NONBLOCK) == 0);
  LineReader waiting(pipe.read_end());
  CHECK(waiting.fill() == LineReader::State::more);
  CHECK_FALSE(waiting.next_line());
  pipe.write("x\n");
  CHECK(waiting.fill() == LineReader::State::more);
  CHECK(waiting.next_line() == "x");

  LineReader wrong(pipe.write_end());
  const auto state = wrong.fill();
  REQUIRE_FALSE(state);
  CHECK(state.error().kind == ErrorKind::io);
  CHECK(state.error().text == "cannot read the input: bad file descriptor");
}

}  // namespace
}  // namespace mq
