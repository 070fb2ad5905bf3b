#include "sink/message.hpp"

#include <cstring>
#include <new>

namespace mq::sink {
namespace {

char* put(char* at, Bytes bytes) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

}  // namespace

MessagePtr MessageStock::make(const Publish& packet, Time expires, Bytes more_properties) {
  const Bytes properties = packet.properties.block();
  const std::size_t text =
      packet.topic.size() + properties.size() + more_properties.size() + packet.payload.size();
  auto* const message = new (::operator new(sizeof(Message) + text)) Message;
  message->stock_ = this;
  message->expires_ = expires;
  message->references_ = 1;
  message->topic_size_ = static_cast<std::uint16_t>(packet.topic.size());
  message->properties_size_ = static_cast<std::uint32_t>(properties.size() + more_properties.size());
  message->payload_size_ = static_cast<std::uint32_t>(packet.payload.size());
  message->qos_ = packet.qos;
  char* at = put(reinterpret_cast<char*>(message + 1), packet.topic);
  at = put(put(at, properties), more_properties);
  put(at, packet.payload);
  bytes_ += message->size();
  MessagePtr result;
  result.message_ = message;
  return result;
}

MessagePtr MessageStock::extended(const Message& message, Bytes more_properties) {
  return make(Publish{.qos = message.qos(),
                      .topic = message.topic(),
                      .properties = message.properties(),
                      .payload = message.payload()},
              message.expires(), more_properties);
}

void MessagePtr::discard() {
  message_->stock_->bytes_ -= message_->size();
  message_->~Message();
  ::operator delete(message_);
}

}  // namespace mq::sink
