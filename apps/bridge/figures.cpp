#include "bridge/figures.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "bridge/network.hpp"

namespace mq {

std::string_view name_of(StoreKind store) {
  constexpr std::string_view names[] = {"disk", "through", "memory"};
  return names[static_cast<std::size_t>(store)];
}

// A lane without a route is one of a plan of before.
void add_figures(const Network& network, BridgeFigures& figures) {
  for (const auto& [id, link] : network.links()) {
    figures.links.push_back(link->figures());
    for (const auto& lane : link->outlet().lanes()) {
      RouteFigures route{
          .name = lane->name(), .from = {}, .to = link->endpoint().name, .traffic = lane->traffic};
      route.oldest = link->outlet().oldest(*lane);
      route.lag = lane->lag;
      for (const auto& [source_id, source] : network.links())
        for (const Route* const each : source->routes())
          if (each->lane == lane.get()) route.from = source->endpoint().name;
      figures.routes.push_back(std::move(route));
    }
  }
}

std::string route_summary(const RouteFigures& route, StoreKind store) {
  const Traffic& traffic = route.traffic;
  std::string text = fmt::format("{}: {} came", route.name, traffic.received);
  for (std::size_t i = 0; i < fates; ++i)
    if (traffic.ended[i] > 0) text += fmt::format(", {} {}", traffic.ended[i], fate_rows()[i].summary);
  if (const std::uint64_t carried = traffic.invalid - traffic[Fate::invalid]; carried > 0)
    text += fmt::format(", {} carried though invalid", carried);
  if (traffic.waiting > 0)
    text += fmt::format(", {} {}", traffic.waiting,
                        store == StoreKind::disk ? "kept for later" : "not delivered");
  return text;
}

}  // namespace mq
