#include "shared/file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <thread>

#include "peers/temp_dir.hpp"
#include "shared/pipe.hpp"

namespace mq {
namespace {

constexpr std::uint64_t packet = 268'435'455;

void check_refused(const Result<Buffer>& result, ErrorKind kind, const std::string& text) {
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == kind);
  CHECK(result.error().text == text);
}

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

auto entries_in(const std::string& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

TEST_CASE("a file is read whole, whatever its bytes") {
  const TempDir dir;
  CHECK(read_file(dir.write("empty", ""), packet) == "");
  const std::string bytes("\0\xFF\r\n", 4);
  CHECK(read_file(dir.write("bytes", bytes), packet) == bytes);
  std::string large(1'000'003, 'x');
  large += "end";
  CHECK(read_file(dir.write("large", large), packet) == large);
  CHECK(read_file("/dev/null", packet) == "");
}

TEST_CASE("a file may be as large as the limit and no larger") {
  const TempDir dir;
  const std::string path = dir.write("ten", "0123456789");
  CHECK(read_file(path, 10) == "0123456789");
  check_refused(read_file(path, 9), ErrorKind::usage, "'" + path + "' is 10 bytes, at most 9 are accepted");
}

TEST_CASE("a file that is missing, and one that is a directory") {
  const TempDir dir;
  check_refused(read_file(dir.file("none"), packet), ErrorKind::usage,
                "cannot read '" + dir.file("none") + "': no such file or directory");
  check_refused(read_file(dir.path(), packet), ErrorKind::usage,
                "cannot read '" + dir.path() + "': it is a directory");
}

TEST_CASE("a stream is read to its end, within the limit") {
  const std::string text(300'000, 'y');
  for (const bool waits : {true, false}) {
    test::Pipe pipe;
    REQUIRE(::fcntl(pipe.read_end(), F_SETFL, waits ? 0 : O_NONBLOCK) == 0);
    std::thread writer([&] {
      for (std::size_t at = 0; at < text.size(); at += 10'000) pipe.write(text.substr(at, 10'000));
      pipe.close_write_end();
    });
    CHECK(read_all(pipe.read_end(), "standard input", text.size()) == text);
    writer.join();
  }

  test::Pipe pipe;
  pipe.write("0123456789");
  check_refused(read_all(pipe.read_end(), "standard input", 9), ErrorKind::usage,
                "standard input is longer than the 9 bytes that are accepted");
  check_refused(read_all(pipe.write_end(), "standard input", 9), ErrorKind::io,
                "cannot read standard input: bad file descriptor");
}

TEST_CASE("a file is replaced whole and private, and nothing else is left") {
  const TempDir dir;
  const std::string path = dir.file("session");
  REQUIRE(write_file_atomically(path, "one"));
  CHECK(read_file(path, packet) == "one");
  CHECK(mode_of(path) == 0600);
  REQUIRE(write_file_atomically(path, std::string("tw\0o", 4), 0644));
  CHECK(read_file(path, packet) == std::string("tw\0o", 4));
  CHECK(mode_of(path) == 0644);
  CHECK(entries_in(dir.path()) == 1);
}

TEST_CASE("a file that cannot be written is an error and leaves nothing") {
  const TempDir dir;
  const auto missing = write_file_atomically(dir.file("no/such"), "x");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::io);
  CHECK(missing.error().text == "cannot write '" + dir.file("no/such") + "': no such file or directory");

  std::filesystem::create_directory(dir.file("folder"));
  const auto folder = write_file_atomically(dir.file("folder"), "x");
  REQUIRE_FALSE(folder);
  CHECK(folder.error().text == "cannot write '" + dir.file("folder") + "': it is a directory");
  CHECK(entries_in(dir.path()) == 1);
}

}  // namespace
}  // namespace mq
