// Lines of a descriptor (standard input) as views, without copying: 64 KiB a read, and no more memory than
// that plus the longest line. The end of a line is one byte, which is not part of it; the last line needs
// none; an empty line is a line; every other byte, NUL too, is data. The descriptor stays the caller's, who
// also waits for it (Watch) if it can make one wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq {

class LineReader {
 public:
  enum class State : std::uint8_t { more, end };

  static constexpr std::size_t block = 64 * 1024;
  static constexpr std::size_t longest_payload = 268'435'455;  // a packet's remaining length can't say more

  explicit LineReader(int descriptor, char delimiter = '\n', std::size_t longest = longest_payload);

  // The next line that is complete; nullopt asks for fill(), or is the end. The view lives until the next
  // fill().
  std::optional<Bytes> next_line();

  // One read(2), which may bring no line yet. Call it only after next_line() found nothing: earlier, lines
  // not yet taken count as one. After `end` next_line() gives what was left over without a delimiter, once.
  // Kind payload for a line that is too long, io when reading fails; both are final.
  Result<State> fill();

  std::uint64_t lines() const { return lines_; }  // given out so far

 private:
  struct Free {
    void operator()(char* memory) const;
  };

  bool resize(std::size_t capacity);

  int descriptor_;
  char delimiter_;
  std::size_t longest_;
  std::unique_ptr<char, Free> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;    // of what was not given out
  std::size_t scanned_ = 0;  // no delimiter between begin_ and here
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::uint64_t lines_ = 0;
};

}  // namespace mq
