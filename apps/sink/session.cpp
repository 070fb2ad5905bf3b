#include "sink/session.hpp"

#include <fmt/core.h>

#include <utility>

namespace mq::sink {

void WaitingLine::push(Waiting waiting) {
  bytes_ += sizeof waiting + waiting.message->size();
  messages_.push_back(std::move(waiting));
}

Waiting WaitingLine::pop() {
  Waiting waiting = std::move(messages_[first_++]);
  bytes_ -= sizeof waiting + waiting.message->size();
  if (empty()) {
    clear();
  } else if (first_ >= 1024 && 2 * first_ >= messages_.size()) {
    messages_.erase(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  return waiting;
}

void WaitingLine::clear() {
  if (messages_.capacity() > 64) {
    messages_ = {};
  } else {
    messages_.clear();
  }
  first_ = 0;
  bytes_ = 0;
}

PacketId Session::free_id() {
  do {
    last_id = static_cast<PacketId>(last_id == 65535 ? 1 : last_id + 1);
  } while (outbound.find(last_id) != nullptr);
  return last_id;
}

Session* Sessions::find(std::string_view client_id) const {
  const auto found = sessions_.find(client_id);
  return found == sessions_.end() ? nullptr : found->get();
}

Session& Sessions::add(std::string client_id) {
  auto session = std::make_unique<Session>();
  session->client_id = std::move(client_id);
  session->serial = ++last_serial_;
  return **sessions_.insert(std::move(session)).first;
}

void Sessions::erase(Session& session) {
  sessions_.erase(sessions_.find(std::string_view(session.client_id)));
}

std::string Sessions::new_client_id() {
  std::string name;
  do {
    name = fmt::format("sink-{}", ++last_name_);
  } while (find(name) != nullptr);
  return name;
}

}  // namespace mq::sink
