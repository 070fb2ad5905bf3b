#include "e2e/bridge_wire.hpp"

#include <algorithm>
#include <utility>

#include "peers/failure.hpp"
#include "wire/decode.hpp"

namespace mq {
namespace {

// Calls `take` with every whole packet of the wanted type.
template <class Wanted, class Take>
void each_packet(Bytes bytes, Version version, Sender sender, PacketType type, Take take) {
  for (auto frame = next_frame(bytes); frame && *frame; frame = next_frame(bytes)) {
    if ((*frame)->type == type) {
      const auto packet = decode(**frame, version, sender);
      if (!packet) throw PeerFailure("a packet on the wire can't be read: " + packet.error().text);
      take(std::get<Wanted>(*packet));
    }
    bytes.remove_prefix((*frame)->size);
  }
}

std::string name_of(const Publish& publish) {
  return std::string(publish.topic) + ' ' + std::string(publish.payload);
}

std::string topic_of(const std::string& name) { return name.substr(0, name.find(' ')); }

// Follows one direction through the connections of a client.
class Follower {
 public:
  Follower(Version version, Sender sender, QoS qos) : version_(version), sender_(sender), qos_(qos) {}

  void follow(const Cable::Record& record) {
    const Bytes to_client = record.to_client;
    each_packet<Connack>(to_client, version_, Sender::server, PacketType::connack,
                         [this](const Connack& packet) { connected(packet.session_present); });
    const bool up = sender_ == Sender::client;
    const Bytes from = up ? record.to_broker : record.to_client;
    const Bytes back = up ? record.to_client : record.to_broker;
    const Sender receiver = up ? Sender::server : Sender::client;
    // An answer belongs to what had its identifier then: identifiers are used again on one connection too.
    std::map<PacketId, std::vector<std::string>> sent;
    read(from, sent);
    if (qos_ == QoS::at_least_once)
      each_packet<Puback>(back, version_, receiver, PacketType::puback,
                          [&](const Puback& packet) { answered(packet.packet_id, sent); });
    else
      each_packet<Pubrec>(back, version_, receiver, PacketType::pubrec,
                          [&](const Pubrec& packet) { answered(packet.packet_id, sent); });
  }

  Passage passage;

 private:
  void connected(bool session_present) {
    if (std::exchange(any_, true) && !session_present) {
      ++passage.sessions_lost;
      for (const auto& [id, name] : open_) lost_.insert(name);
      open_.clear();
    }
  }

  void read(Bytes bytes, std::map<PacketId, std::vector<std::string>>& sent) {
    for (auto frame = next_frame(bytes); frame && *frame; frame = next_frame(bytes)) {
      if ((*frame)->type == PacketType::publish) {
        const auto publish = decode_publish(**frame, version_, sender_);
        if (!publish) throw PeerFailure("a PUBLISH on the wire can't be read: " + publish.error().text);
        if (publish->qos == qos_) published(*publish, sent);
      } else if ((*frame)->type == PacketType::pubrel) {
        const auto packet = decode(**frame, version_, sender_);
        if (packet) released(std::get<Pubrel>(*packet).packet_id);
      }
      bytes.remove_prefix((*frame)->size);
    }
  }

  void published(const Publish& publish, std::map<PacketId, std::vector<std::string>>& sent) {
    const std::string name = name_of(publish);
    sent[publish.packet_id].push_back(name);
    std::string& open = open_[publish.packet_id];
    if (open == name) return;
    open = name;
    std::size_t& begun = passage.begun[name];
    if (++begun == 1) passage.order.push_back(name);
    if (lost_.erase(name) > 0) ++passage.anew[name];
  }

  void released(PacketId id) {
    const auto open = open_.find(id);
    if (open == open_.end()) return;
    if (released_.insert(open->second).second) passage.released.push_back(open->second);
    open_.erase(open);
  }

  // The nth answer under an identifier is for the nth message that had it on this connection.
  void answered(PacketId id, std::map<PacketId, std::vector<std::string>>& sent) {
    std::vector<std::string>& names = sent[id];
    if (names.empty()) return;
    passage.taken.insert(names.front());
    names.erase(names.begin());
  }

  Version version_;
  Sender sender_;
  QoS qos_;
  bool any_ = false;
  std::map<PacketId, std::string> open_;
  std::set<std::string> released_;
  std::set<std::string> lost_;  // open when the session was lost
};

std::size_t count_in(const std::map<std::string, std::size_t>& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

std::map<std::string, std::vector<std::string>> by_topic(const std::vector<std::string>& names) {
  std::map<std::string, std::vector<std::string>> orders;
  for (const std::string& name : names) orders[topic_of(name)].push_back(name);
  return orders;
}

// Topics whose messages are in another order than they had come in.
std::size_t reordered_in(const std::vector<std::string>& names, const std::vector<std::string>& came) {
  const auto before = by_topic(came);
  std::size_t reordered = 0;
  for (const auto& [topic, order] : by_topic(names))
    if (const auto of = before.find(topic); of == before.end() || of->second != order) ++reordered;
  return reordered;
}

}  // namespace

Passage passage_of(const Cable& cable, Version version, Sender sender, QoS qos) {
  Follower follower(version, sender, qos);
  for (const Cable::Record& record : cable.records()) follower.follow(record);
  return std::move(follower.passage);
}

CarryVerdict judge_carry(const Passage& given, const Passage& passed, QoS qos) {
  CarryVerdict verdict;
  for (const auto& [name, begun] : given.begun)
    if (given.taken.contains(name) && !passed.taken.contains(name)) ++verdict.kept_back;
  if (qos == QoS::exactly_once)
    for (const auto& [name, begun] : passed.begun)
      if (begun > count_in(given.begun, name) + count_in(passed.anew, name)) ++verdict.doubled;
  verdict.reordered = reordered_in(passed.order, given.order);
  if (qos == QoS::exactly_once) verdict.reordered += reordered_in(passed.released, given.order);
  return verdict;
}

CarryVerdict BridgeCables::judge(QoS qos) const {
  return judge_carry(passage_of(to_a, version, Sender::server, qos),
                     passage_of(to_b, version, Sender::client, qos), qos);
}

std::size_t again_in(const Passage& passage) {
  std::size_t again = 0;
  for (const auto& [name, begun] : passage.begun) again += begun - 1;
  return again;
}

std::size_t doubled_by_broker(const Passage& came, const Passage& gave) {
  std::size_t doubled = 0;
  for (const auto& [name, begun] : gave.begun)
    doubled += begun - std::min(begun, std::max<std::size_t>(1, count_in(came.begun, name)));
  return doubled;
}

std::size_t reordered_by_broker(const Passage& came, const Passage& gave, QoS qos) {
  return reordered_in(gave.order, qos == QoS::exactly_once ? came.released : came.order);
}

}  // namespace mq
