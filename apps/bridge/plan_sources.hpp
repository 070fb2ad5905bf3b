// What a plan takes from outside before it can run: passwords, certificates, payload maps, jq programs.
#pragma once

#include "base/error.hpp"
#include "bridge/plan.hpp"

namespace mq {

// Fills in the passwords of all endpoints. Kind usage.
Result<void> read_plan_secrets(BridgePlan& plan);

// Whether all is there and can be read, without running a password command. Kind usage, io or payload.
Result<void> try_sources(const BridgePlan& plan);

// The folder of the usual store, where it isn't there yet; one that was named must be. Kind io.
Result<void> make_store_folder(const BridgePlan& plan, const std::string& usual_path);

}  // namespace mq
