#include "rr/pending.hpp"

#include <utility>

namespace mq {
namespace {

constexpr std::size_t remembered = 4096;

}  // namespace

Request& PendingRequests::add(Request request) {
  Buffer key = request.correlation;
  const auto place = requests_.insert_or_assign(std::move(key), std::move(request)).first;
  deadlines_.emplace(place->second.deadline, place->first);
  return place->second;
}

Request* PendingRequests::find(Bytes correlation) {
  const auto found = requests_.find(correlation);
  return found == requests_.end() ? nullptr : &found->second;
}

bool PendingRequests::was_there(Bytes correlation) const { return gone_.contains(correlation); }

Request PendingRequests::remove(const Request& request) {
  deadlines_.erase({request.deadline, request.correlation});
  auto node = requests_.extract(request.correlation);
  if (gone_order_.size() == remembered) {
    gone_.erase(gone_order_.front());
    gone_order_.pop_front();
  }
  gone_.insert(node.key());
  gone_order_.push_back(std::move(node.key()));
  return std::move(node.mapped());
}

std::optional<Time> PendingRequests::deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

Request* PendingRequests::overdue(Time now) {
  if (deadlines_.empty() || deadlines_.begin()->first > now) return nullptr;
  return find(deadlines_.begin()->second);
}

}  // namespace mq
