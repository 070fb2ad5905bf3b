// Where messages come from: one concept for all, so that the publisher need not know which it has. A source
// gives one message after the other, says that there is none for now, that it has come to its end, or that
// what stands there can't be read. It reads no faster than it is asked.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/time.hpp"
#include "input/settings.hpp"
#include "net/loop.hpp"
#include "wire/packet.hpp"

namespace mq {

// The next message as its source gives it. All views live until the source is asked again.
struct Draft {
  std::string_view topic{};  // empty: those of -t
  QoS qos = QoS::at_most_once;
  bool retain = false;
  Properties properties{};
  Bytes payload{};
  Duration pause{};  // between the message before it and this one
};

class Source {
 public:
  enum class Supply : std::uint8_t { message, nothing, end, unreadable, failed };

  Source() = default;
  virtual ~Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Once, before all else. `ready` is called when, after `nothing`, it is worth while to ask again.
  virtual void start(Loop& /*loop*/, Loop::Handler /*ready*/) {}

  // Writes into `draft`, which keeps what options say of all messages, what this message has of its own.
  // After `unreadable` (one message only) and `failed` (the end) error() says why.
  virtual Supply next(Draft& draft) = 0;

  const Error& error() const { return error_; }
  // Where the last message, or what could not be read, stood in the input; 0 when there are no lines.
  virtual std::uint64_t line() const { return 0; }
  // How much of the whole was given, 0 to 1, if that is known.
  virtual std::optional<double> share() const { return std::nullopt; }

 protected:
  Supply say(Supply supply, Error error) {
    error_ = std::move(error);
    return supply;
  }

 private:
  Error error_;
};

// `message` is the payload of the sources that have but one. Opens what is to be read. Kind usage or io.
// `settings` outlives the source.
Result<std::unique_ptr<Source>> make_source(const InputSettings& settings, Buffer message);

}  // namespace mq
