// One packet in the words of mosquitto's -d: "Client null sending CONNECT".
#pragma once

#include <string>

#include "wire/packet.hpp"

namespace mq {

class PacketWords {
 public:
  explicit PacketWords(std::string client_id);

  // Lines without the last newline; empty when mosquitto has nothing to say. Learns the client identifier
  // that the server assigns.
  std::string operator()(Sender sender, const Packet& packet);

 private:
  std::string id_;     // "null" as long as there is none
  PacketId last_ = 0;  // mosquitto numbers what it publishes at QoS 0 too
};

}  // namespace mq
