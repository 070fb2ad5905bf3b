#include "payload/compression.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "payload/compression/compressors.hpp"

namespace mq {
namespace {

constexpr std::size_t plenty = 1 << 24;

Result<Buffer> decompressed(Compression compression, Bytes data, std::size_t limit = plenty) {
  Result<Buffer> result;
  compression::run(CompressionDuty::decompress, compression, data, limit, result);
  return result;
}

Buffer compressed(Compression compression, Bytes data) {
  Result<Buffer> result;
  compression::run(CompressionDuty::compress, compression, data, 0, result);
  return result.value();
}

std::string text_of(const Result<Buffer>& result) {
  if (result) return *result;
  CHECK(result.error().kind == ErrorKind::payload);
  return "error: " + result.error().text;
}

// What a shell command writes.
std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");  // NOLINT: commands of the test's own
  REQUIRE(pipe != nullptr);
  std::string output;
  char buffer[4096];
  for (std::size_t count; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    output.append(buffer, count);
  if (::pclose(pipe) != 0) FAIL("this failed or is not installed: " << command);
  return output;
}

// Not a mere repetition, and long enough for several blocks.
std::string long_text() {
  std::string text;
  for (unsigned i = 0, state = 1; i < 60'000; ++i) {
    state = state * 1103515245U + 12345U;
    text += std::to_string(state >> 20) + ' ';
  }
  return text;
}

long peak_kilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

constexpr Compression all[] = {Compression::gzip, Compression::deflate, Compression::zstd};

TEST_CASE("compressions have names, and two show themselves") {
  for (const CompressionRow& row : compressions()) {
    CHECK(find_compression(row.name) == row.compression);
    CHECK(name_of(row.compression) == row.name);
  }
  CHECK_FALSE(find_compression("brotli"));
  CHECK(compression_of(compressed(Compression::gzip, "x")) == Compression::gzip);
  CHECK(compression_of(compressed(Compression::zstd, "x")) == Compression::zstd);
  CHECK_FALSE(compression_of(compressed(Compression::deflate, "x")));
  for (const std::string_view other : {"", "\x1F\x8B", "\x1F\x8B\x07", "{}", "\x28\xB5\x2F"})
    CHECK_FALSE(compression_of(other));
}

TEST_CASE("what is compressed comes back") {
  for (const Compression compression : all) {
    CAPTURE(name_of(compression));
    for (const std::string& text : {std::string(), std::string("x"), std::string(65536, 'y'), long_text()}) {
      const Buffer data = compressed(compression, text);
      CHECK(text_of(decompressed(compression, data)) == text);
      CHECK(text_of(decompressed(compression, data, text.size())) == text);
    }
    CHECK(compressed(compression, long_text()).size() < long_text().size() / 2);
  }
}

TEST_CASE("gzip, zstd and Python understand us, and we them") {
  const std::string zlib = "python3 -c 'import sys, zlib; sys.stdout.buffer.write(zlib.";
  CHECK(text_of(decompressed(Compression::gzip, output_of("printf hello | gzip -c"))) == "hello");
  CHECK(text_of(decompressed(Compression::gzip, output_of("seq 99999 | gzip -9c"))) ==
        output_of("seq 99999"));
  CHECK(text_of(decompressed(Compression::zstd, output_of("printf hello | zstd -qc"))) == "hello");
  CHECK(text_of(decompressed(Compression::zstd, output_of("seq 99999 | zstd -q19c"))) ==
        output_of("seq 99999"));
  CHECK(text_of(decompressed(Compression::deflate, output_of(zlib + "compress(b\"hello\"))'"))) == "hello");

  const auto piped = [](Compression compression, const std::string& program) {
    std::string octal;
    for (const char byte : compressed(compression, "hello")) {
      octal += '\\';
      for (const int shift : {6, 3, 0}) octal += static_cast<char>('0' + ((octet(byte) >> shift) & 7));
    }
    return output_of("printf '" + octal + "' | " + program);
  };
  CHECK(piped(Compression::gzip, "gzip -dc") == "hello");
  CHECK(piped(Compression::zstd, "zstd -dqc") == "hello");
  CHECK(piped(Compression::deflate, zlib + "decompress(sys.stdin.buffer.read()))'") == "hello");
}

TEST_CASE("members and frames behind one another are one payload; nothing else may follow") {
  for (const Compression compression : {Compression::gzip, Compression::zstd}) {
    CAPTURE(name_of(compression));
    const Buffer data =
        compressed(compression, "hello ") + compressed(compression, "") + compressed(compression, "you");
    CHECK(text_of(decompressed(compression, data)) == "hello you");
    // The limit is for all together.
    CHECK(text_of(decompressed(compression, data, 9)) == "hello you");
    CHECK(text_of(decompressed(compression, data, 8)) ==
          "error: the decompressed payload is longer than 8 bytes");
  }
  CHECK(text_of(decompressed(Compression::gzip, compressed(Compression::gzip, "a") + "x")) ==
        "error: this is not gzip: 1 byte follows it");
  CHECK(text_of(decompressed(Compression::gzip, compressed(Compression::gzip, "a") + std::string(3, '\0'))) ==
        "error: this is not gzip: 3 bytes follow it");
  CHECK(text_of(decompressed(Compression::deflate, compressed(Compression::deflate, "a") + "xy")) ==
        "error: this is not deflate: 2 bytes follow it");
  const Buffer frame = compressed(Compression::zstd, "a");
  CHECK(text_of(decompressed(Compression::zstd, frame + "xyzxyz")) ==
        "error: this is not zstd: what follows it at byte " + std::to_string(frame.size()) + " is not");
  const std::string skipped = from_hex("5e2a4d1803000000616263").value();
  CHECK(text_of(decompressed(Compression::zstd, skipped + frame)) == "a");
  CHECK(text_of(decompressed(Compression::zstd, frame + skipped)) == "a");
}

TEST_CASE("what is cut short or changed is an error") {
  for (const Compression compression : all) {
    CAPTURE(name_of(compression));
    const Buffer data = compressed(compression, "a text of some length, a text of some length");
    for (std::size_t size = 0; size < data.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(decompressed(compression, data.substr(0, size)));
    }
    CHECK(text_of(decompressed(compression, data.substr(0, data.size() - 1)))
              .ends_with("the data ends before it is complete"));
    CHECK(text_of(decompressed(compression, "plain text")).starts_with("error: this is not "));
  }
  Buffer data = compressed(Compression::gzip, "hello");
  data[data.size() - 8] = static_cast<char>(data[data.size() - 8] ^ 1);
  CHECK(text_of(decompressed(Compression::gzip, data)) == "error: this is not gzip: incorrect data check");
  CHECK(text_of(decompressed(Compression::zstd, std::string("\x27\xB5\x2F\xFD\0\0\0\0", 8))) ==
        "error: this is not zstd: it begins otherwise");
  // A zlib stream made with a dictionary (RFC 1950, 2.2).
  CHECK(text_of(decompressed(Compression::deflate, from_hex("78bb0000000100").value())) ==
        "error: this is not deflate: it needs a dictionary");
}

TEST_CASE("a bomb costs no more than the limit") {
  // 1 GiB of zeros, as one frame and as 64 members.
  const std::string member = compressed(Compression::gzip, std::string(1 << 24, '\0'));
  std::string gzip;
  for (int i = 0; i < 64; ++i) gzip += member;
  const std::string zstd = output_of("head -c 1073741824 /dev/zero | zstd -q1c");
  const long before = peak_kilobytes();
  for (const auto& [compression, bomb] :
       {std::pair(Compression::gzip, gzip), std::pair(Compression::zstd, zstd)}) {
    CHECK(bomb.size() < 2'000'000);
    CHECK(text_of(decompressed(compression, bomb, 1 << 20)) ==
          "error: the decompressed payload is longer than 1048576 bytes");
    CHECK(text_of(decompressed(compression, bomb, (1 << 24) + 1)).ends_with("longer than 16777217 bytes"));
  }
  CHECK(peak_kilobytes() - before < 128 * 1024);
  // Many members of nothing.
  std::string empty;
  for (int i = 0; i < 100'000; ++i) empty += from_hex("1f8b080000000000000303000000000000000000").value();
  CHECK(text_of(decompressed(Compression::gzip, empty, 0)).empty());
  // The largest window that zstd takes, claimed by a frame of nothing.
  CHECK(text_of(decompressed(Compression::zstd, from_hex("28b52ffd0088010000").value(), 0)).empty());
  CHECK(text_of(decompressed(Compression::zstd, from_hex("28b52ffd00f8010000").value())) ==
        "error: this is not zstd: Frame requires too much memory for decoding");
}

TEST_CASE("the module is loaded when it is asked for") {
  ::setenv("MQTTKIT_MODULES", "/nonexistent", 1);
  const auto missing = decompress(Compression::gzip, "", 0);
  CHECK(
      text_of(missing).starts_with("error: the part of mqttkit for compression cannot be loaded: "
                                   "/nonexistent/mqttkit-compression.so: "));
  CHECK(missing.error().hint == "install mqttkit whole, with the libraries that it depends on");
  CHECK_FALSE(compress(Compression::gzip, ""));

  ::setenv("MQTTKIT_MODULES", MQ_MODULES, 1);
  for (const Compression compression : all) {
    const auto data = compress(compression, "hello");
    REQUIRE(data);
    CHECK(text_of(decompress(compression, *data, plenty)) == "hello");
    CHECK(text_of(decompress(compression, *data, 4)) ==
          "error: the decompressed payload is longer than 4 bytes");
  }
  ::setenv("MQTTKIT_MODULES", MQ_MODULES, 1);
}

}  // namespace
}  // namespace mq
