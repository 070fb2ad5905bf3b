// A broker that answers requests by itself, rightly or wrongly.
#pragma once

#include <string_view>
#include <vector>

#include "peers/fake_broker.hpp"

namespace mq {

struct Answer {
  std::string_view payload;
  bool right_correlation = true;
  bool retain = false;
};

void send_answer(Peer& peer, const Publish& request, const Answer& answer);

// Acknowledges each request and sends these.
Reactions answering(std::vector<Answer> answers);

}  // namespace mq
