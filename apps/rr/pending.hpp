// Requests that wait for their answers: which correlation data is whose, and when each is given up. Told the
// time, does nothing by itself. Remembers for a while who has been dealt with, so that what comes late or
// twice can be told from what was never asked.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "wire/property.hpp"

namespace mq {

struct Request {
  std::uint64_t number = 0;  // 1, 2, ... in the order of the input
  std::string topic;
  PropertyList properties;  // without correlation data and response topic
  Buffer payload;
  Buffer correlation;  // of the last try
  Time sent{};         // of the last try
  Time deadline{};
  std::uint32_t tries = 0;
  std::uint64_t answers = 0;
};

class PendingRequests {
 public:
  // `request.correlation` is nobody else's. The reference lives until the request is removed.
  Request& add(Request request);
  // nullptr: none that is waiting has this correlation data.
  Request* find(Bytes correlation);
  // Whether one that was removed not long ago had it.
  bool was_there(Bytes correlation) const;
  // Takes it out; its correlation data is remembered.
  Request remove(const Request& request);

  std::size_t size() const { return requests_.size(); }
  bool empty() const { return requests_.empty(); }
  std::optional<Time> deadline() const;  // the earliest
  Request* overdue(Time now);            // one whose deadline has come

 private:
  using ByCorrelation = std::map<Buffer, Request, std::less<>>;

  ByCorrelation requests_;
  std::set<std::pair<Time, Bytes>> deadlines_;  // views of the keys of requests_
  std::deque<Buffer> gone_order_;
  std::set<Buffer, std::less<>> gone_;
};

}  // namespace mq
