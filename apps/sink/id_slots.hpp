// Packet identifiers in use and what belongs to each: a table with the slot of an identifier's low bits,
// which grows when two identifiers want the same one. Without an identifier it owns no memory until the first
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "wire/packet.hpp"

namespace mq::sink {

template <class Value>
class IdSlots {
 public:
  std::size_t count() const { return count_; }

  Value* find(PacketId id) {
    if (count_ == 0) return nullptr;
    Slot& slot = slots_[id & mask_];
    return slot.id == id ? &slot.value : nullptr;
  }

  // `id`, not 0, is not in it yet.
  Value& add(PacketId id) {
    if (slots_ == nullptr) resize(first_size);
    while (slots_[id & mask_].id != 0) resize(2 * (std::size_t{mask_} + 1));
    Slot& slot = slots_[id & mask_];
    slot.id = id;
    ++count_;
    return slot.value;
  }

  void erase(PacketId id) {
    slots_[id & mask_] = {};
    --count_;
  }

  void clear() {
    slots_.reset();
    mask_ = count_ = 0;
  }

  // In no order.
  template <class Visit>
  void for_each(Visit&& visit) {
    if (count_ == 0) return;
    for (std::size_t at = 0; at <= mask_; ++at) {
      if (slots_[at].id != 0) visit(slots_[at].id, slots_[at].value);
    }
  }

 private:
  struct Slot {
    PacketId id = 0;
    [[no_unique_address]] Value value{};
  };

  static constexpr std::size_t first_size = 4;

  void resize(std::size_t size) {
    auto larger = std::make_unique<Slot[]>(size);
    if (slots_ != nullptr) {
      for (std::size_t at = 0; at <= mask_; ++at) {
        if (slots_[at].id != 0) larger[slots_[at].id & (size - 1)] = std::move(slots_[at]);
      }
    }
    slots_ = std::move(larger);
    mask_ = static_cast<std::uint32_t>(size - 1);
  }

  std::unique_ptr<Slot[]> slots_;
  std::uint32_t mask_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace mq::sink
