// Texts with {count}, {time}, {random 20 25} and the like in them, for payloads and topics: compiled once,
// then appended for each message without allocating. A brace that begins no such thing stands for itself, so
// that JSON needs no escaping; {{ makes one brace, and the }} that belongs to it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "shared/command_line.hpp"
#include "shared/local_time.hpp"
#include "shared/random.hpp"

namespace mq {

// What the texts of one message are made of. One thread's.
class TemplateValues {
 public:
  explicit TemplateValues(Random random) : random_(random) {}

  // The next message: {count} goes up, {time} and {time_ms} say `now`.
  void next(LocalTime::Moment now);
  // The same in parts, for messages that have a number and random values of their own.
  void at(std::uint64_t count, const Random& random) {
    count_ = count;
    random_ = random;
  }
  void set_time(LocalTime::Moment now) { time_.set(now); }
  // What the names that the program added stand for, in their order; the views must hold as long as they are
  // used.
  void set(std::span<const std::string_view> own) { own_ = own; }

 private:
  friend class Template;

  Random random_;
  LocalTime time_;
  std::uint64_t count_ = 0;
  std::span<const std::string_view> own_;
};

// What a file holds, for {file PATH}.
using FileReader = std::function<Result<Buffer>(const std::string& path)>;

class Template {
 public:
  // `own`: names beside those known everywhere (count, time, time_ms, uuid, random, env), such as "line".
  // {file PATH} is known where `files` is given. Kind usage: a known name that is used wrongly, a variable
  // that is not set, a name that is nearly right.
  static Result<Template> compile(std::string_view text, std::span<const std::string_view> own,
                                  const Environment& environment, const FileReader& files = {});

  bool uses_own() const;  // one of the program's own names is in it
  bool uses_own(std::size_t number) const;
  bool uses_time() const;
  bool uses_message() const;  // the count or something random

  void append(TemplateValues& values, Buffer& out) const;

 private:
  enum class Kind : std::uint8_t { text, count, time, time_ms, uuid, random, own };
  struct Piece {
    Kind kind = Kind::text;
    std::string text{};
    // Of {random}: the least in units of the last decimal, how many above it, and how many decimals.
    std::int64_t least = 0;
    std::uint64_t range = 0;
    unsigned decimals = 0;
    std::size_t own = 0;  // number of the name
  };
  static Result<Piece> piece_of(std::string_view name, std::string_view argument,
                                std::span<const std::string_view> own, const Environment& environment,
                                const FileReader& files);
  static Result<Piece> random_of(std::string_view bounds);
  void add_text(std::string_view text);

  std::vector<Piece> pieces_;
};

}  // namespace mq
