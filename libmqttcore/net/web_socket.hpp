// WebSocket (RFC 6455) as a Transport on top of another one, by Boost.Beast: what is written leaves as binary
// messages, what arrives in binary messages is read as one stream, however it is framed. Pings are answered
// as long as the owner reads: a full buffer (512 bytes to 64 KiB) that he does not take stops all reading.
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
  // More of the request's, in place of a default of the same name (Host, User-Agent). What the handshake says
  // itself (Connection, Upgrade, Sec-WebSocket-...) is an error of kind usage, as is a control character.
  std::vector<std::pair<std::string, std::string>> headers{};
};

// `host` is the Host header: "broker.example:8080". An HTTP answer that refuses is an error of kind connect
// with its status and the first line of its body, or where it redirects to; `permanent` for a status of 400
// to 499 (but not 408, 425 and 429), 301 and 308. A close by the peer is the end of the stream (1000, 1001,
// none), or a read error of kind lost that names code and reason; a text message is one too.
std::unique_ptr<Handshake> begin_web_socket(Loop& loop, std::unique_ptr<Transport> below,
                                            const WebSocketOptions& options, const std::string& host,
                                            Opened opened);

}  // namespace mq
