#include "bridge/health.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "base/bytes.hpp"
#include "base/utf8.hpp"
#include "payload/json_text.hpp"
#include "shared/local_time.hpp"
#include "shared/program.hpp"

namespace mq {
namespace {

std::string link_json(const LinkFigures& link) {
  std::string text = fmt::format(R"({{"endpoint":{},"client_id":{},"server":{},"connected":{},"since":"{}")",
                                 json_quoted(link.endpoint), json_quoted(link.client_id),
                                 json_quoted(link.server), link.connected, moment_text(link.since));
  if (!link.connected && !link.why.empty()) text += fmt::format(R"(,"why":{})", json_quoted(link.why));
  return text + "}";
}

}  // namespace

std::string json_quoted(std::string_view text) {
  std::string quoted;
  if (is_utf8(text)) {
    append_json_string(text, quoted);
    return quoted;
  }
  std::string readable(text);
  std::ranges::replace_if(readable, [](char c) { return octet(c) >= 0x80; }, '?');
  append_json_string(readable, quoted);
  return quoted;
}

std::string moment_text(std::int64_t wall) {
  LocalTime time;
  time.set(LocalTime::Moment(std::chrono::milliseconds(wall)));
  return std::string(time.rfc3339());
}

std::vector<std::string> ailments(const BridgeFigures& figures) {
  std::vector<std::string> found;
  if (!figures.stands_by.empty()) found.push_back(fmt::format("stands by for {}", figures.stands_by));
  for (const LinkFigures& link : figures.links) {
    if (link.connected || link.leaving) continue;
    found.push_back(fmt::format("{} ({}) is not connected since {}", link.endpoint, link.client_id,
                                moment_text(link.since)));
    if (!link.why.empty()) found.back() += ": " + link.why;
  }
  if (!figures.store_works) found.emplace_back("the store can't be written");
  return found;
}

std::string health_json(const BridgeFigures& figures) {
  const std::vector<std::string> reasons = ailments(figures);
  std::string text = fmt::format(
      R"({{"bridge":{},"status":"{}","version":"{}","started":"{}","store":"{}","store_works":{})",
      json_quoted(figures.name), reasons.empty() ? "ok" : "failing", toolkit_version(),
      moment_text(figures.started), figures.store, figures.store_works);
  const auto add = [&text](std::string_view name, const auto& items, auto one) {
    text += fmt::format(R"(,"{}":[)", name);
    for (bool first = true; const auto& item : items) {
      if (!first) text += ',';
      first = false;
      text += one(item);
    }
    text += ']';
  };
  add("reasons", reasons, [](const std::string& reason) { return json_quoted(reason); });
  add("links", figures.links, link_json);
  return text + "}\n";
}

std::string health_line(const BridgeFigures& figures) {
  if (!figures.stands_by.empty()) return fmt::format("stands by for {}", figures.stands_by);
  const auto standing = std::ranges::count_if(figures.links, &LinkFigures::connected);
  std::uint64_t waiting = 0;
  for (const RouteFigures& route : figures.routes) waiting += route.traffic.waiting;
  return fmt::format("{} of {} connections stand, {} message{} wait{}{}", standing, figures.links.size(),
                     waiting, waiting == 1 ? "" : "s", waiting == 1 ? "s" : "",
                     figures.store_works ? "" : ", the store can't be written");
}

}  // namespace mq
