#include "bridge/metrics.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "shared/exposition.hpp"
#include "shared/program.hpp"

namespace mq {
namespace {

double seconds_of(std::int64_t milliseconds) { return static_cast<double>(milliseconds) / 1000; }

template <class Value>
void put_links(const BridgeFigures& figures, Exposition& to, std::string_view suffix, Value value) {
  for (const LinkFigures& link : figures.links)
    to.sample(suffix,
              fmt::format("endpoint=\"{}\",client_id=\"{}\"", label_text(link.endpoint),
                          label_text(link.client_id)),
              value(link));
}

std::string labels_of(const RouteFigures& route) {
  return fmt::format("route=\"{}\",from=\"{}\",to=\"{}\"", label_text(route.name), label_text(route.from),
                     label_text(route.to));
}

template <class Value>
void put_routes(const BridgeFigures& figures, Exposition& to, std::string_view suffix, Value value) {
  for (const RouteFigures& route : figures.routes) to.sample(suffix, labels_of(route), value(route));
}

void put_bridge(const BridgeFigures& figures, Exposition& to) {
  to.begin({}, "info", "The bridge");
  to.sample("_info",
            fmt::format("name=\"{}\",version=\"{}\",store=\"{}\"", label_text(figures.name),
                        toolkit_version(), label_text(figures.store)),
            std::uint64_t{1});
  to.begin("start_time_seconds", "gauge", "When the bridge was started, in seconds since 1970", "seconds");
  to.sample({}, {}, seconds_of(figures.started));
  to.begin("store_working", "gauge", "1, or 0 while the store can't be written");
  to.sample({}, {}, std::uint64_t{figures.store_works});
}

void put_links(const BridgeFigures& figures, Exposition& to) {
  to.begin("link_connected", "gauge", "1 while the connection can be used, else 0");
  put_links(figures, to, {}, [](const LinkFigures& link) { return std::uint64_t{link.connected}; });
  to.begin("link_reconnects", "counter", "Connections that were accepted after the first");
  put_links(figures, to, "_total",
            [](const LinkFigures& link) { return std::max<std::uint64_t>(link.connections, 1) - 1; });
  to.begin("link_unrouted_messages", "counter", "Messages that came and that no route takes");
  put_links(figures, to, "_total", [](const LinkFigures& link) { return link.unrouted; });
  to.begin("link_in_flight_messages", "gauge",
           "Messages that were published there at QoS 1 and 2 and are not acknowledged");
  put_links(figures, to, {}, [](const LinkFigures& link) { return link.in_flight; });
  to.begin("link_blocked_messages", "gauge",
           "Messages from there that wait, unacknowledged, for room in a queue");
  put_links(figures, to, {}, [](const LinkFigures& link) { return link.blocked; });
}

void put_routes(const BridgeFigures& figures, Exposition& to) {
  to.begin("route_received_messages", "counter", "Messages that the route took");
  put_routes(figures, to, "_total", [](const RouteFigures& route) { return route.traffic.received; });
  to.begin("route_invalid_messages", "counter",
           "Messages against their schema, or whose treatment failed, whatever became of them");
  put_routes(figures, to, "_total", [](const RouteFigures& route) { return route.traffic.invalid; });
  to.begin("route_ended_messages", "counter", "Messages of the route by what became of them");
  for (const RouteFigures& route : figures.routes)
    for (std::size_t i = 0; i < fates; ++i)
      to.sample("_total", fmt::format("{},fate=\"{}\"", labels_of(route), fate_rows()[i].name),
                route.traffic.ended[i]);
  to.begin("route_waiting_messages", "gauge", "Messages that have come and not ended");
  put_routes(figures, to, {}, [](const RouteFigures& route) { return route.traffic.waiting; });
  to.begin("route_waiting_bytes", "gauge", "Their bytes: topics, properties and payloads", "bytes");
  put_routes(figures, to, {}, [](const RouteFigures& route) { return route.traffic.waiting_bytes; });
  to.begin("route_oldest_age_seconds", "gauge", "How long the oldest of them has waited; 0 if there is none",
           "seconds");
  put_routes(figures, to, {}, [&figures](const RouteFigures& route) {
    return route.oldest ? seconds_of(std::max<std::int64_t>(0, figures.taken - *route.oldest)) : 0.0;
  });
  to.begin("route_lag_seconds", "gauge",
           "From the arrival of the message that was delivered last to its acknowledgement", "seconds");
  for (const RouteFigures& route : figures.routes)
    if (route.lag)
      to.sample({}, labels_of(route),
                std::chrono::duration_cast<std::chrono::duration<double>>(*route.lag).count());
}

}  // namespace

void append_bridge_metrics(const BridgeFigures& figures, Buffer& out) {
  Exposition to("mqttkit_bridge", out);
  put_bridge(figures, to);
  put_links(figures, to);
  put_routes(figures, to);
  to.end();
}

}  // namespace mq
