// Sources that make their messages themselves: the one of -m, -f, -s or -n, as often as it is to be repeated,
// and payloads of random bytes.
#pragma once

#include <cstdint>
#include <utility>

#include "input/source.hpp"
#include "shared/random.hpp"

namespace mq {

class MessageSource : public Source {
 public:
  MessageSource(Buffer payload, std::uint64_t times) : payload_(std::move(payload)), left_(times) {}

  Supply next(Draft& draft) override {
    if (left_ == 0) return Supply::end;
    --left_;
    draft.payload = payload_;
    return Supply::message;
  }

 private:
  Buffer payload_;
  std::uint64_t left_;
};

class RandomSource : public Source {
 public:
  explicit RandomSource(const InputSettings& settings)
      : random_(seed_of(settings)), payload_(settings.size, '\0'), left_(settings.repeat) {}

  Supply next(Draft& draft) override {
    if (left_ == 0) return Supply::end;
    --left_;
    random_.fill(payload_);
    draft.payload = payload_;
    return Supply::message;
  }

 private:
  // Not the numbers that templates get of the same seed.
  static std::optional<std::uint64_t> seed_of(const InputSettings& settings) {
    return settings.seed ? std::optional(~*settings.seed) : std::nullopt;
  }

  Random random_;
  Buffer payload_;
  std::uint64_t left_;
};

}  // namespace mq
