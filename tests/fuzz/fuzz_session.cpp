// A session between a program and a server that do anything at any time. The first bytes choose the
// configuration, each further one an act: bytes and packets from the server, time, losses, requests, saving
// and restoring. Whatever happens, the output is made of packets that a client may send, no identifier is in
// use twice, the output is bounded, and every deadline goes away when its time has come.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "fuzz/target.hpp"
#include "session/session.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace {

using namespace mq;

SessionConfig config_of(Input& in) {
  constexpr Version versions[] = {Version::v31, Version::v311, Version::v5, Version::v5};
  SessionConfig config;
  const std::uint8_t first = in.byte();
  config.version = versions[first & 3U];
  config.client_id = "c";
  config.clean_start = (first & 4U) != 0;
  config.continues_session = (first & 8U) != 0;
  config.manual_acknowledgement = (first & 16U) != 0;
  config.keep_alive = (first & 32U) != 0 ? 10 : 0;
  config.automatic_topic_aliases = (first & 64U) != 0 ? 2 : 0;
  const std::uint8_t second = in.byte();
  config.max_in_flight = static_cast<std::uint16_t>(1 + (second & 15U));
  config.max_output = (second & 16U) != 0 ? 10 : 1000;
  config.max_in_flight_bytes = 2000;
  if (config.version != Version::v5) return config;
  (void)config.properties.add(PropertyId::topic_alias_maximum, 3);
  if ((second & 32U) != 0) (void)config.properties.add(PropertyId::receive_maximum, 2);
  if ((second & 64U) != 0) (void)config.properties.add(PropertyId::authentication_method, "M");
  if ((second & 128U) != 0) (void)config.properties.add(PropertyId::maximum_packet_size, 100);
  return config;
}

class Play {
 public:
  explicit Play(Input in) : in_(in), config_(config_of(in_)), session_(config_) {
    require(check(config_).has_value(), "the configuration is not right");
  }

  void run() {
    while (!in_.empty()) {
      act(in_.byte());
      require(session_.output_size() <= config_.max_output + 100'000, "the output grows without bounds");
      if (!stalled_) take_output();
    }
  }

 private:
  void act(std::uint8_t choice) {
    switch (choice % 18) {
      case 0:
        return session_.received(in_.bytes(in_.byte() % 64), now_);
      case 1:
        return feed_packet();
      case 2:
        return pull();
      case 3:
        return pass();
      case 4:
        return publish();
      case 5:
        return subscribe();
      case 6:
        return acknowledge();
      case 7:
        return disconnect();
      case 8:
        down();
        return session_.transport_up(now_);
      case 9:
        return down();
      case 10:
        stalled_ = in_.bit();
        return;
      case 11:
        return (void)session_.authenticate(in_.bytes(in_.byte() % 8), now_);
      case 12:
        return (void)session_.reauthenticate(in_.bytes(in_.byte() % 8), now_);
      case 13:
        return round_trip();
      case 14:
        return restore();
      case 15:
        return session_.reading(in_.bit(), now_);
      case 16:
        return connect();
      default: {
        Session copy(session_);
        session_ = std::move(copy);
      }
    }
  }

  // Most often enough to get somewhere.
  void connect() {
    down();
    session_.transport_up(now_);
    Connack connack{.session_present = in_.bit(), .properties = {}};
    PropertyList list;
    const std::uint8_t limits = in_.byte();
    if ((limits & 1U) != 0) (void)list.add(PropertyId::receive_maximum, 1U + (limits >> 6U));
    if ((limits & 2U) != 0) (void)list.add(PropertyId::maximum_packet_size, 30);
    if ((limits & 4U) != 0) (void)list.add(PropertyId::topic_alias_maximum, 2);
    if ((limits & 8U) != 0) (void)list.add(PropertyId::maximum_qos, 1);
    if ((limits & 16U) != 0) (void)list.add(PropertyId::retain_available, 0);
    if ((limits & 32U) != 0) (void)list.add(PropertyId::server_keep_alive, 5);
    if (config_.properties.view().contains(PropertyId::authentication_method))
      (void)list.add(PropertyId::authentication_method, "M");
    connack.properties = list.view();
    feed(connack);
    pull();
  }

  void down() {
    session_.transport_down();
    unseen_.clear();
    for (auto at = open_.begin(); at != open_.end();)
      at = at->second[0] == 's' ? open_.erase(at) : std::next(at);
    require(!session_.deadline(), "a deadline without a connection");
    require(session_.output_size() == 0, "output without a connection");
  }

  void feed(const Packet& packet) {
    Buffer bytes;
    if (encode(packet, config_.version, Sender::server, bytes)) session_.received(bytes, now_);
  }

  void feed_packet() {
    const std::uint8_t kind = in_.byte();
    const PacketId id = static_cast<PacketId>(in_.byte() % 24);
    const auto reason = static_cast<ReasonCode>((kind & 128U) != 0 ? in_.byte() : 0);
    const PropertyList list = properties();
    const Ack ack{id, reason, list.view()};
    switch (kind % 12) {
      case 0:
        return feed(Puback{ack});
      case 1:
        return feed(Pubrec{ack});
      case 2:
        return feed(Pubrel{ack});
      case 3:
        return feed(Pubcomp{ack});
      case 4:
        return feed(Suback{id, {}, std::string_view("\0", 1)});
      case 5:
        return feed(Unsuback{
            id, {}, config_.version == Version::v5 ? std::string_view("\0", 1) : std::string_view{}});
      case 6:
        return feed(Pingresp{});
      case 7:
        return feed(Disconnect{reason, list.view()});
      case 8:
        return feed(Auth{reason, list.view()});
      case 9:
        return feed(Connack{in_.bit(), reason, list.view()});
      default: {
        const std::uint8_t shape = in_.byte();
        const QoS qos = static_cast<QoS>(shape % 3);
        return feed(Publish{.dup = qos != QoS::at_most_once && (shape & 64U) != 0,
                            .qos = qos,
                            .retain = (shape & 128U) != 0,
                            .topic = (shape & 32U) != 0 ? "" : "t",
                            .packet_id = qos == QoS::at_most_once ? PacketId{0} : id,
                            .properties = list.view(),
                            .payload = "payload"});
      }
    }
  }

  PropertyList properties() {
    PropertyList list;
    const std::uint8_t which = in_.byte();
    if ((which & 1U) != 0) (void)list.add_user("name", "a value that takes some room");
    if ((which & 2U) != 0) (void)list.add(PropertyId::reason_string, "a reason that takes some room");
    if ((which & 4U) != 0) (void)list.add(PropertyId::topic_alias, 1U + (which >> 6U));
    if ((which & 8U) != 0) (void)list.add(PropertyId::message_expiry_interval, which >> 6U);
    if ((which & 16U) != 0) (void)list.add(PropertyId::authentication_method, "M");
    if ((which & 32U) != 0) (void)list.add(PropertyId::session_expiry_interval, which >> 6U);
    return list;
  }

  void pull() {
    while (const auto event = session_.next_event(now_)) {
      if (const auto* message = std::get_if<Message>(&*event)) {
        require(!message->publish.topic.empty(), "a message without a topic");
        require(message->ticket == 0 || config_.manual_acknowledgement, "a ticket for nothing");
        if (message->ticket != 0) arrived_.push_back(message->ticket);
      } else if (const auto* published = std::get_if<Published>(&*event)) {
        end(published->ticket);
      } else if (const auto* dropped = std::get_if<Dropped>(&*event)) {
        end(dropped->ticket);
      } else if (const auto* subscribed = std::get_if<Subscribed>(&*event)) {
        end(subscribed->ticket);
      } else if (const auto* connected = std::get_if<Connected>(&*event)) {
        // What goes out as new has other identifiers.
        if (!connected->connack.session_present) open_.clear();
      } else if (const auto* unsubscribed = std::get_if<Unsubscribed>(&*event)) {
        end(unsubscribed->ticket);
      } else if (std::holds_alternative<Broken>(*event) || std::holds_alternative<Refused>(*event) ||
                 std::holds_alternative<ServerDisconnected>(*event)) {
        require(!session_.connected(), "a connection that goes on after its end");
      }
    }
  }

  void pass() {
    now_ += std::chrono::milliseconds(in_.byte() * 100);
    const auto deadline = session_.deadline();
    session_.tick(now_);
    if (!deadline || *deadline > now_) return;
    require(!session_.deadline() || *session_.deadline() > *deadline,
            "tick() leaves its deadline where it was");
  }

  void publish() {
    const std::uint8_t shape = in_.byte();
    const PropertyList list = properties();
    const std::string name = "p" + std::to_string(names_++);
    const std::string payload = name + std::string((shape & 64U) != 0 ? 40 : 1, ' ');
    const Publish message{.dup = (shape & 4U) != 0,
                          .qos = static_cast<QoS>(shape & 3U),
                          .retain = (shape & 8U) != 0,
                          .topic = (shape & 16U) != 0   ? "a"
                                   : (shape & 32U) != 0 ? ""
                                                        : "b",
                          .packet_id = shape,
                          .properties = list.view(),
                          .payload = payload};
    const bool can = session_.can_publish(message.qos);
    const auto ticket = session_.publish(message, now_);
    require(can || !ticket, "a publish beyond the window");
    if (ticket) by_ticket_[*ticket] = name;
  }

  void subscribe() {
    if (session_.output_size() > config_.max_output) return;
    const std::uint8_t shape = in_.byte();
    const std::string filter = "s" + std::to_string(names_++) + ((shape & 4U) != 0 ? "/#" : "");
    const auto ticket =
        (shape & 8U) != 0
            ? session_.unsubscribe({filter}, {}, now_)
            : session_.subscribe({{.filter = filter, .qos = static_cast<QoS>(shape & 3U)}}, {}, now_);
    if (ticket) by_ticket_[*ticket] = filter;
  }

  void disconnect() {
    const auto reason = static_cast<ReasonCode>(in_.byte());
    const PropertyList list = properties();
    (void)session_.disconnect(reason, list.view(), now_);
  }

  void acknowledge() {
    const std::uint8_t which = in_.byte();
    const auto reason = static_cast<ReasonCode>((which & 128U) != 0 ? in_.byte() : 0);
    const PropertyList list = properties();
    const Ticket ticket = arrived_.empty() ? which : arrived_[which % arrived_.size()];
    (void)session_.acknowledge(ticket, now_, reason, list.view());
  }

  void round_trip() {
    const Buffer saved = session_.save(now_, wall);
    Session next(config_);
    require(next.restore(saved, now_, wall).has_value(), "what was saved cannot be restored");
    require(next.save(now_, wall) == saved, "what was restored is saved otherwise");
    if (in_.bit()) become(std::move(next));
  }

  void restore() {
    Buffer saved = Session(config_).save(now_, wall);
    if (in_.bit()) saved.resize(saved.size() - 4);
    saved.append(in_.bytes(in_.byte()));
    Session next(config_);
    if (next.restore(saved, now_, wall)) become(std::move(next));
  }

  // Another run of the program.
  void become(Session next) {
    session_ = std::move(next);
    unseen_.clear();
    open_.clear();
    by_ticket_.clear();
    arrived_.clear();
    restored_ = true;
  }

  void end(Ticket ticket) {
    const auto at = by_ticket_.find(ticket);
    if (at == by_ticket_.end()) {
      require(restored_, "an end of nothing");
      return;
    }
    std::erase_if(open_, [&](const auto& entry) { return entry.second == at->second; });
    by_ticket_.erase(at);
  }

  void take_output() {
    while (!session_.pending_output().empty()) {
      const Bytes pending = session_.pending_output();
      unseen_.append(pending);
      session_.written(pending.size());
    }
    std::size_t at = 0;
    while (at < unseen_.size()) {
      const auto frame = next_frame(Bytes(unseen_).substr(at));
      require(frame && *frame, "the output is not made of whole packets");
      at += (*frame)->size;
      const auto packet = decode(**frame, config_.version, Sender::client);
      require(packet.has_value(), "the output is not what a client may send");
      if (const auto* publish = std::get_if<Publish>(&*packet)) {
        require((*frame)->size <= session_.limits().maximum_packet_size,
                "a packet is larger than the server takes");
        if (publish->qos != QoS::at_most_once)
          open(publish->packet_id, publish->payload.substr(0, publish->payload.find(' ')));
      }
      if (const auto* subscribe = std::get_if<Subscribe>(&*packet))
        open(subscribe->packet_id, subscribe->subscriptions[0].filter);
      if (const auto* unsubscribe = std::get_if<Unsubscribe>(&*packet))
        open(unsubscribe->packet_id, unsubscribe->filters[0]);
    }
    unseen_.clear();
  }

  void open(PacketId id, std::string_view name) {
    require(id != 0, "an identifier of 0");
    if (restored_) return;  // whose names are not known
    bool known = false;
    for (const auto& [ticket, named] : by_ticket_) known = known || named == name;
    if (!known) return;  // over before it was seen
    std::erase_if(open_, [&](const auto& entry) { return entry.second == name; });
    require(open_.emplace(id, name).second, "an identifier is in use twice");
  }

  static constexpr std::int64_t wall = 1'800'000'000;

  Input in_;
  SessionConfig config_;
  Session session_;
  Time now_{std::chrono::hours(1)};
  Buffer unseen_;
  bool stalled_ = false;
  bool restored_ = false;
  std::uint64_t names_ = 0;
  std::map<Ticket, std::string> by_ticket_;
  std::map<PacketId, std::string> open_;
  std::vector<Ticket> arrived_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  Play(Input(data, size)).run();
  return 0;
}
