// The figures of a bridge that has been at work, with one of its servers away.
#pragma once

#include "bridge/figures.hpp"

namespace mq::test {

inline BridgeFigures figures() {
  BridgeFigures figures{
      .name = "site7", .taken = 1'795'430'012'500, .started = 1'795'430'000'000, .store = "disk"};
  figures.links.push_back({.endpoint = "plant",
                           .client_id = "site7-plant",
                           .server = "localhost:1883",
                           .connected = true,
                           .since = 1'795'430'000'250,
                           .connections = 3,
                           .unrouted = 1,
                           .in_flight = 0,
                           .blocked = 7});
  figures.links.push_back({.endpoint = "cloud",
                           .client_id = "site7-cloud",
                           .server = "",
                           .connected = false,
                           .since = 1'795'430'001'000,
                           .why = "cannot connect to \"cloud\": connection refused",
                           .connections = 0,
                           .in_flight = 4});
  RouteFigures up{.name = "up", .from = "plant", .to = "cloud", .traffic = {}};
  up.traffic.received = 20;
  up.traffic.invalid = 2;
  up.traffic.end(Fate::delivered);
  up.traffic.end(Fate::delivered);
  up.traffic.end(Fate::looped);
  up.traffic.waiting = 17;
  up.traffic.waiting_bytes = 1700;
  up.oldest = 1'795'430'010'000;
  up.lag = std::chrono::milliseconds(1250);
  figures.routes.push_back(up);
  figures.routes.push_back({.name = "down", .from = "cloud", .to = "plant", .traffic = {}});
  return figures;
}

}  // namespace mq::test
