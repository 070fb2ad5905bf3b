#include "sink/output.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "wire/frame.hpp"

namespace mq::sink {
namespace {

constexpr std::size_t first_capacity = 4096;
constexpr std::size_t most_spare = 64;
constexpr std::size_t largest_spare = 1U << 20U;

char* put(char* at, Bytes bytes) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

char* put_two(char* at, std::size_t value) {
  at[0] = static_cast<char>(value >> 8U);
  at[1] = static_cast<char>(value & 0xFFU);
  return at + 2;
}

char* put_variable(char* at, std::size_t value) {
  for (; value >= 0x80; value >>= 7U) *at++ = static_cast<char>(value | 0x80U);
  *at++ = static_cast<char>(value);
  return at;
}

std::size_t properties_size(const Departure& packet) {
  return packet.properties.size() + packet.more_properties.size();
}

std::size_t body_size(const Departure& packet) {
  std::size_t size = 2 + packet.topic.size() + packet.payload.size();
  if (packet.qos != QoS::at_most_once) size += 2;
  if (packet.modern) {
    const std::size_t properties = properties_size(packet);
    size += variable_integer_size(static_cast<std::uint32_t>(properties)) + properties;
  }
  return size;
}

std::size_t whole_size(std::size_t body) {
  return 1 + variable_integer_size(static_cast<std::uint32_t>(body)) + body;
}

}  // namespace

void Output::append(Bytes bytes) {
  put(room(bytes.size()), bytes);
  commit(bytes.size());
}

void Output::grow(std::size_t size) {
  const std::size_t unsent = end_ - begin_;
  if (unsent + size <= capacity_ && begin_ >= capacity_ / 2) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, unsent);
  } else {
    const std::size_t larger = std::max({first_capacity, 2 * capacity_, unsent + size});
    auto bytes = std::make_unique_for_overwrite<char[]>(larger);
    put(bytes.get(), this->unsent());
    bytes_ = std::move(bytes);
    capacity_ = larger;
  }
  begin_ = 0;
  end_ = unsent;
}

std::unique_ptr<Output> OutputPool::take() {
  if (spare_.empty()) return std::make_unique<Output>();
  std::unique_ptr<Output> output = std::move(spare_.back());
  spare_.pop_back();
  return output;
}

void OutputPool::give(std::unique_ptr<Output> output) {
  if (spare_.size() < most_spare && output->capacity() <= largest_spare) spare_.push_back(std::move(output));
}

std::size_t size_of(const Departure& packet) { return whole_size(body_size(packet)); }

void append(const Departure& packet, Output& output) {
  const std::size_t body = body_size(packet);
  const std::size_t size = whole_size(body);
  char* at = output.room(size);
  *at++ = static_cast<char>(static_cast<unsigned>(PacketType::publish) << 4U | (packet.dup ? 8U : 0U) |
                            static_cast<unsigned>(packet.qos) << 1U | (packet.retain ? 1U : 0U));
  at = put_variable(at, body);
  at = put(put_two(at, packet.topic.size()), packet.topic);
  if (packet.qos != QoS::at_most_once) at = put_two(at, packet.id);
  if (packet.modern) {
    at = put_variable(at, properties_size(packet));
    at = put(put(at, packet.properties), packet.more_properties);
  }
  put(at, packet.payload);
  output.commit(size);
}

}  // namespace mq::sink
