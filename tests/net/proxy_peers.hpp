// What the proxy tests share: an agreement with a proxy at the other end of a transport, and its outcome; a
// fake proxy that says what it is told to.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/memory_transport.hpp"
#include "net/proxy.hpp"
#include "net/testing.hpp"

namespace mq::testing {

// One thing that a fake proxy says, once so many bytes in all have come.
struct Line {
  std::size_t after = 0;
  Buffer bytes;
};

struct Agreement {
  Buffer sent{};  // what the proxy got
  Result<std::unique_ptr<Transport>> outcome;
  std::string first_read{};  // after an agreement
};

ProxyOptions socks5_proxy(std::optional<std::string> user_name = {},
                          std::optional<std::string> password = {});
ProxyOptions http_proxy(std::optional<std::string> user_name = {}, std::optional<std::string> password = {});

// With a proxy that speaks, and then ends its stream if `leaves`; in pieces of `piece` bytes.
Agreement agree(const ProxyOptions& proxy, const std::vector<Line>& lines, bool leaves = true,
                std::size_t piece = MemoryFaults::never, const std::string& host = "broker.test",
                std::uint16_t port = 1883);

// The error of an agreement that must fail.
Error refusal(const ProxyOptions& proxy, const std::vector<Line>& lines);

// Shows that a destroyed agreement closes the connection and never calls, destroyed at every turn of the loop
// and by its own handler.
void check_cancellation(const ProxyOptions& proxy, const std::vector<Line>& lines);

// Shows that the answer may come torn at every byte, and that whatever it is cut at is no crash and `lost`.
void check_every_split(const ProxyOptions& proxy, const std::vector<Line>& lines);

}  // namespace mq::testing
