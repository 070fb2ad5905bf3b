// WebSocket (RFC 6455) as a Transport on top of another one, by Boost.Beast: what is written leaves as binary
// messages, what arrives in binary messages is read as one stream, however it is framed. Pings are answered.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/handshake.hpp"
#include "net/loop.hpp"

namespace mq {

struct WebSocketOptions {
  std::string path = "/mqtt";     // begins with '/'; may hold a query
  std::string protocol = "mqtt";  // the sub-protocol asked for, and required in the answer
  std::vector<std::pair<std::string, std::string>> headers{};  // more of the request's; no CR or LF
};

// `host` is the Host header: "broker.example:8080". An HTTP answer that refuses is an error of kind connect
// with its status and the first line of its body, `permanent` for a status of 400 to 499 (but not 408, 425
// and 429). A close by the peer with a reason is a read error of kind lost that names code and reason; a
// text message is one too.
std::unique_ptr<Handshake> begin_web_socket(Loop& loop, std::unique_ptr<Transport> below,
                                            const WebSocketOptions& options, const std::string& host,
                                            Opened opened);

}  // namespace mq
