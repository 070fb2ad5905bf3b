// One of mosquitto's bridges as endpoints of ours: which of its options are keys, and which have no like
// here.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bridge/mosquitto_conf.hpp"

namespace mq {

// A text as TOML has it, between quotation marks.
std::string toml_text(std::string_view text);

struct ImportedEndpoint {
  std::string name;
  std::vector<std::pair<std::string, std::string>> keys;  // with their values as TOML has them
  std::vector<ConfNote> notes;

  void add(std::string key, std::string value) { keys.emplace_back(std::move(key), std::move(value)); }
};

struct ImportedEnds {
  ImportedEndpoint remote, local;  // of the local one what is this bridge's own
  bool retain_out = true;
  std::string status_topic;
};

// All options but topics. Values that no option would take become notes.
ImportedEnds import_ends(const ConfBridge& bridge, bool secrets);

}  // namespace mq
