// What tests of the sink have in common.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <utility>

#include "sink/client.hpp"
#include "sink/sink.hpp"

namespace mq::testing {

inline std::unique_ptr<Sink> start(SinkOptions options = {}) {
  auto sink = Sink::start(std::move(options));
  REQUIRE(sink.has_value());
  return std::move(*sink);
}

// Properties of a packet, of which only numbers are asked for.
inline PropertyList with(std::initializer_list<std::pair<PropertyId, std::uint32_t>> numbers) {
  PropertyList properties;
  for (const auto& [id, number] : numbers) REQUIRE(properties.add(id, number));
  return properties;
}

}  // namespace mq::testing
