// The servers of a load, looked up once before it: SRV records, names, the proxy. No name server takes part
// in what is measured.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "client/config.hpp"
#include "engine/connecting.hpp"

namespace mq {

// Of all `config.endpoints`, in their order; where a name has several addresses, the one the system prefers.
// Waits, at most for the time limit of an opening. Kinds usage, resolve, connect and timeout.
Result<std::vector<Target>> find_targets(const ClientConfig& config);

}  // namespace mq
