// mosquitto's bridges as a configuration of ours. Every option is carried over or named, with the reason.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "bridge/mosquitto_conf.hpp"

namespace mq {

struct ImportedBridge {
  std::string toml;             // which loads; the notes stand in it as comments
  std::vector<ConfNote> notes;  // what is not as in mosquitto
};

// `name`: the bridge's, from which client identifiers are made. Without `secrets`, passwords and keys are
// left out, and the notes say so. Kind usage: there is no bridge, or one that can't be.
Result<ImportedBridge> import_mosquitto(const MosquittoConf& conf, std::string_view name, bool secrets);

// What is left of a text when it is made a name.
std::string as_name(std::string_view text);

}  // namespace mq
