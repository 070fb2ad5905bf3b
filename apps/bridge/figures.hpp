// What a bridge shows of itself in metrics, in its health and in its status: plain data, taken at one moment.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "bridge/plan.hpp"
#include "bridge/traffic.hpp"

namespace mq {

// A connection.
struct LinkFigures {
  std::string endpoint;           // name in the plan
  std::string client_id;          // an endpoint may have several connections
  std::string server;             // where it is or was connected; empty: nowhere yet
  bool connected = false;         // its session can be used
  bool leaving = false;           // no route wants it any more
  std::int64_t since = 0;         // since when it is so or not, milliseconds since 1970
  std::string why{};              // why it is not connected; empty: it was not tried yet
  std::uint64_t connections = 0;  // that were accepted; all but the first are reconnects
  std::uint64_t unrouted = 0;     // messages that no route takes
  std::uint64_t in_flight = 0;    // published there at QoS 1 and 2 and not acknowledged
  std::uint64_t blocked = 0;      // messages from there that wait, unacknowledged, for room in a queue
};

struct RouteFigures {
  std::string name, from, to;  // endpoints by name
  Traffic traffic;
  std::optional<std::int64_t> oldest{};  // arrival of what waits longest, milliseconds since 1970
  std::optional<Duration> lag{};         // from the arrival of what was delivered last to its acknowledgement
};

struct BridgeFigures {
  std::string name;
  std::int64_t taken = 0;    // when all this was so, milliseconds since 1970
  std::int64_t started = 0;  // the same of the start
  std::string store;         // "disk", "through" or "memory"
  bool store_works = true;
  std::string stands_by{};  // "process 12": it waits for the store that this one has
  std::vector<LinkFigures> links{};
  std::vector<RouteFigures> routes{};
};

class Network;
void add_figures(const Network& network, BridgeFigures& figures);  // its links and routes

// What came along a route and what became of it, for people.
std::string route_summary(const RouteFigures& route, StoreKind store);
std::string_view name_of(StoreKind store);  // as a plan's file has it

}  // namespace mq
