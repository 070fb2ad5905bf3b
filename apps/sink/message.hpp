// A message that must outlive the packet it came in: queued, retained, or not acknowledged yet. One block of
// memory, shared by all who wait for it within the sink's one thread, and counted by the stock it is from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "wire/packet.hpp"

namespace mq::sink {

class MessageStock;

class Message {
 public:
  std::string_view topic() const { return {text(), topic_size_}; }
  Properties properties() const { return Properties(Bytes(text() + topic_size_, properties_size_)); }
  Bytes payload() const { return {text() + topic_size_ + properties_size_, payload_size_}; }
  QoS qos() const { return qos_; }           // as it was published
  Time expires() const { return expires_; }  // Time::max(): never
  std::size_t size() const { return sizeof(Message) + topic_size_ + properties_size_ + payload_size_; }

 private:
  friend class MessageStock;
  friend class MessagePtr;

  const char* text() const { return reinterpret_cast<const char*>(this + 1); }

  MessageStock* stock_ = nullptr;
  Time expires_{};
  std::uint32_t references_ = 0;
  std::uint32_t properties_size_ = 0;
  std::uint32_t payload_size_ = 0;
  std::uint16_t topic_size_ = 0;
  QoS qos_ = QoS::at_most_once;
};

class MessagePtr {
 public:
  MessagePtr() = default;
  MessagePtr(const MessagePtr& other) : message_(other.message_) {
    if (message_ != nullptr) ++message_->references_;
  }
  MessagePtr(MessagePtr&& other) noexcept : message_(std::exchange(other.message_, nullptr)) {}
  MessagePtr& operator=(MessagePtr other) noexcept {
    std::swap(message_, other.message_);
    return *this;
  }
  ~MessagePtr() {
    if (message_ != nullptr && --message_->references_ == 0) discard();
  }

  explicit operator bool() const { return message_ != nullptr; }
  const Message& operator*() const { return *message_; }
  const Message* operator->() const { return message_; }
  bool operator==(const MessagePtr& other) const { return message_ == other.message_; }

 private:
  friend class MessageStock;
  void discard();

  Message* message_ = nullptr;
};

// Makes messages and knows how much memory they take. It outlives them all.
class MessageStock {
 public:
  explicit MessageStock(std::size_t limit) : limit_(limit) {}
  MessageStock(const MessageStock&) = delete;
  MessageStock& operator=(const MessageStock&) = delete;

  // The packet with its properties, and more of them behind.
  MessagePtr make(const Publish& packet, Time expires, Bytes more_properties = {});
  MessagePtr extended(const Message& message, Bytes more_properties);

  std::size_t bytes() const { return bytes_; }
  bool full() const { return bytes_ > limit_; }

 private:
  friend class MessagePtr;

  std::size_t limit_;
  std::size_t bytes_ = 0;
};

}  // namespace mq::sink
