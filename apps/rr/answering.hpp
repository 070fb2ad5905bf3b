// How answers are made: a class for each way (--exec, --echo, --reply, --jq, --file), which knows nothing of
// topics and of publishing. An answer is there at once or comes later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "net/loop.hpp"
#include "payload/payload_reader.hpp"
#include "rr/serve_settings.hpp"
#include "wire/packet.hpp"

namespace mq {

enum class AnswerStatus : std::uint8_t { ok, failed, timeout, busy, invalid };
// "ok", "failed", ...
std::string_view word_of(AnswerStatus status);

struct Answer {
  Bytes payload{};
  AnswerStatus status = AnswerStatus::ok;
  std::optional<int> exit_code{};  // of a command
  std::string_view why{};          // it is no success: a fragment, for the one who serves
  Properties described{};          // content type and payload format indicator, if `payload` has its own

  bool failure() const { return status != AnswerStatus::ok; }
};

// A failure whose reason is all that there is to say.
inline Answer failed_answer(AnswerStatus status, std::string_view why) {
  return {.payload = why, .status = status, .why = why};
}

struct AskedMessage {
  std::uint64_t number = 0;  // by which a later answer is known
  const Publish& publish;
  const Reading* reading;  // nullptr unless needs_reading()
  std::size_t kept = 0;    // bytes that are kept elsewhere until it is answered
};

class Answering {
 public:
  // Of an answer that comes later; its views live as long as the call. Not called from within answer().
  using Later = std::function<void(std::uint64_t number, const Answer&)>;

  // `settings` outlives it. Kind usage or io: what it is made of is wrong.
  static Result<std::unique_ptr<Answering>> make(const ServeSettings& settings, Loop& loop, Later later);

  Answering() = default;
  virtual ~Answering() = default;
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;

  virtual bool needs_reading() const { return false; }
  // The answer, whose views live until the next call; nullopt: it comes later.
  virtual std::optional<Answer> answer(const AskedMessage& asked) = 0;
  // After answer(), when a later answer is ready to be received.
  virtual void go_on() {}
  // What is not begun is answered as busy.
  virtual void drop_waiting() {}
  // So is all else; what runs is left for kill().
  virtual void give_up() {}
  // Ends what runs, without an answer; waits for that, not through the loop.
  virtual void kill() {}
};

}  // namespace mq
