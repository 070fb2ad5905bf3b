// Requests that wait for their answers: which key is whose, and when each is given up. Told the time, does
// nothing by itself. Remembers for a while who has been dealt with, so that what comes late or twice can be
// told from what was never asked.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "session/session.hpp"
#include "wire/property.hpp"

namespace mq {

struct Request {
  std::uint64_t number = 0;  // 1, 2, ... in the order of the input
  std::uint64_t line = 0;    // of the input; 0: there are none
  std::string topic{};
  QoS qos = QoS::at_most_once;
  PropertyList properties{};  // without correlation data and response topic
  bool own_id = false;        // the user's; else each try may have another
  Buffer payload{};

  // Of the last try:
  Buffer id{};                   // correlation data, or its text elsewhere
  Buffer key{};                  // what its answer is known by
  std::string response_topic{};  // where it is to come
  Ticket ticket{};               // of the publication; 0: not sent yet
  Time asked{};                  // when its id was first sent
  Time deadline{};
  std::uint32_t tries = 0;  // this one included

  std::uint64_t answers = 0;
  bool well = true;                 // so far
  std::vector<std::size_t> seen{};  // hashes of the answers, when several are wanted
  Buffer shown{};                   // what is to be printed once it is its turn
};

class PendingRequests {
 public:
  // `request.key` is nobody else's. The reference lives until the request is removed.
  Request& add(Request request);
  // nullptr: none that is waiting has this key.
  Request* find(Bytes key);
  Request* find_ticket(Ticket ticket);  // looks at all of them; not for 0
  // Whether one that was removed not long ago had it.
  bool was_there(Bytes key) const { return gone_.contains(key); }
  void set_deadline(Request& request, Time deadline);
  // Takes it out; its key is remembered.
  Request remove(const Request& request);

  std::size_t size() const { return requests_.size(); }
  bool empty() const { return requests_.empty(); }
  std::optional<Time> deadline() const;  // the earliest
  Request* overdue(Time now);            // one whose deadline has come
  std::vector<Buffer> keys() const;      // in the order of the requests

 private:
  std::map<Buffer, Request, std::less<>> requests_;
  // By number among those of the same time; the views are of the keys of requests_.
  std::set<std::tuple<Time, std::uint64_t, Bytes>> deadlines_;
  std::deque<Buffer> gone_order_;
  std::set<Buffer, std::less<>> gone_;
};

}  // namespace mq
