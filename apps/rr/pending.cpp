#include "rr/pending.hpp"

#include <algorithm>
#include <utility>

namespace mq {
namespace {

constexpr std::size_t remembered = 4096;

}  // namespace

Request& PendingRequests::add(Request request) {
  Buffer key = request.key;
  const auto place = requests_.insert_or_assign(std::move(key), std::move(request)).first;
  deadlines_.emplace(place->second.deadline, place->second.number, place->first);
  return place->second;
}

Request* PendingRequests::find(Bytes key) {
  const auto found = requests_.find(key);
  return found == requests_.end() ? nullptr : &found->second;
}

Request* PendingRequests::find_ticket(Ticket ticket) {
  for (auto& [key, request] : requests_)
    if (request.ticket == ticket) return &request;
  return nullptr;
}

void PendingRequests::set_deadline(Request& request, Time deadline) {
  auto node = deadlines_.extract({request.deadline, request.number, request.key});
  request.deadline = deadline;
  if (node.empty()) return;
  std::get<Time>(node.value()) = deadline;
  deadlines_.insert(std::move(node));
}

Request PendingRequests::remove(const Request& request) {
  deadlines_.erase({request.deadline, request.number, request.key});
  auto node = requests_.extract(request.key);
  // A key that is used again, for the next try, is one that waits.
  if (gone_.insert(node.key()).second) {
    gone_order_.push_back(std::move(node.key()));
    if (gone_order_.size() > remembered) {
      gone_.erase(gone_order_.front());
      gone_order_.pop_front();
    }
  }
  return std::move(node.mapped());
}

std::optional<Time> PendingRequests::deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return std::get<Time>(*deadlines_.begin());
}

Request* PendingRequests::overdue(Time now) {
  if (deadlines_.empty() || std::get<Time>(*deadlines_.begin()) > now) return nullptr;
  return find(std::get<Bytes>(*deadlines_.begin()));
}

std::vector<Buffer> PendingRequests::keys() const {
  std::vector<std::pair<std::uint64_t, Bytes>> all;
  all.reserve(requests_.size());
  for (const auto& [key, request] : requests_) all.emplace_back(request.number, key);
  std::ranges::sort(all);
  std::vector<Buffer> keys;
  keys.reserve(all.size());
  for (const auto& [number, key] : all) keys.emplace_back(key);
  return keys;
}

}  // namespace mq
