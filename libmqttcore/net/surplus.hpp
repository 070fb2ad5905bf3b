// Bytes that a handshake has read beyond its end, given back to whoever reads next. For net/ alone.
#pragma once

#include <memory>

#include "net/loop.hpp"
#include "net/transport.hpp"

namespace mq {

// A transport whose first read hands over `surplus` and which is `below` in everything else. `below` itself
// when there is none.
std::unique_ptr<Transport> with_surplus(Loop& loop, std::unique_ptr<Transport> below, Buffer surplus);

}  // namespace mq
