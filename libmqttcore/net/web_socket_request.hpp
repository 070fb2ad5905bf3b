// What a WebSocket's opening request may hold, and what it means when the answer is not 101. For net/ alone.
#pragma once

#include <string>

#include "base/error.hpp"
#include "net/http_answer.hpp"
#include "net/web_socket.hpp"

namespace mq {

// An error is of kind usage.
Result<void> check_request(const WebSocketOptions& options, const std::string& host);

// Of kind connect. The answer is complete, or all of it that will come.
Error refusal(const HttpAnswer& answer, const WebSocketOptions& options);

}  // namespace mq
