// Standard output in batches, without ever being held up by its reader: what is appended to buffer() waits
// until flush(), which writes what the descriptor takes now. A program that is told `blocked` reads no
// further messages, waits until descriptor() is writable (Watch) and flushes again; meanwhile it stays free
// to do everything else. The flags of the given descriptor, which other programs share, are never changed.
// SIGPIPE must be ignored. Not for several threads.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq {

class Output {
 public:
  enum class State : std::uint8_t {
    drained,  // everything is written
    blocked,  // the reader takes no more for now
    closed,   // there is no reader any more; the rest is dropped
  };

  explicit Output(int descriptor);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Buffer& buffer() { return buffer_; }                            // append only
  std::size_t size() const { return buffer_.size() - written_; }  // bytes that wait
  int descriptor() const { return descriptor_; }

  // Kind io when writing fails: what waited is kept.
  Result<State> flush();

  // The same, but waits for a slow reader. Ends with `blocked` when a signal's handler ran meanwhile, or when
  // the reader took nothing for as long as `patience`.
  Result<State> finish(std::optional<std::chrono::milliseconds> patience = std::nullopt);

 private:
  enum class Way : std::uint8_t {
    plain,         // never waits long: regular files, /dev/null
    own,           // our own open file description, which is non-blocking
    socket,        // told at each call not to wait
    small_pieces,  // asked each time, and then no more than what always fits
  };

  // As write(2), and EAGAIN whenever it would wait.
  ssize_t write_some(Bytes bytes);
  void drop_written();
  void clear();

  int descriptor_;
  Way way_ = Way::plain;
  bool terminal_ = false;  // or another device of characters
  std::size_t written_ = 0;
  Buffer buffer_;
};

}  // namespace mq
