// What mqtt-bridge's command line amounts to. Rows store into these; options.cpp makes the plan of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/plan.hpp"
#include "shared/settings.hpp"

namespace mq {

struct BridgeSettings {
  ConnectionSettings connection;  // --quiet and the like; of a one-liner's endpoints what TLS is to be
  std::string config;             // -c
  bool check = false;
  std::vector<std::string> dry_run;  // topics

  // A bridge without a file.
  std::vector<std::string> from, to;  // URLs
  std::vector<std::string> topics, topic_maps, excludes;
  QoS qos = QoS::exactly_once;
  bool both = false;
  std::string name;
  StoreKind store = StoreKind::disk;
  std::string store_path;
  std::optional<std::string> first;  // of those that were given, as messages show it

  BridgePlan plan;  // what all that makes
};

struct ImportSettings {
  ConnectionSettings connection;
  std::string file;
  std::string output;  // -o; empty: standard output
};

}  // namespace mq
