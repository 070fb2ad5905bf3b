// A broker that does what a test tells it: correct where the test is silent, and wrong in just the way that
// the test wants. It runs in a thread of the test with blocking sockets, one connection after the other, and
// keeps every packet that it was sent.
//
//   FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& p) { ... }});   // correct but for
//   PUBLISH FakeBroker broker([](FakeBroker& self) { Peer peer = self.accept();
//   peer.expect(PacketType::connect); ... });
//
// What goes wrong in the thread is thrown in the test: by finish(), by any await, at the latest by the
// destructor.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "peers/failure.hpp"
#include "peers/file_handle.hpp"
#include "wire/packet.hpp"

namespace mq {

// A packet that a client sent. `packet` points into `raw`.
struct Record {
  int connection = 0;  // 1, 2, ...
  Clock::time_point when;
  Version version = Version::v5;
  Buffer raw;
  Packet packet;

  PacketType type() const { return type_of(packet); }
  // The packet as what it must be; throws otherwise.
  template <class T>
  const T& as() const {
    if (const T* typed = std::get_if<T>(&packet)) return *typed;
    throw PeerFailure("expected another packet than " + std::string(name_of(type())));
  }
};
using RecordPtr = std::shared_ptr<const Record>;

class Peer;
class FakeBroker;

// What replaces Peer::answer for one kind of packet.
struct Reactions {
  std::function<void(Peer&, const Connect&)> connect = {};
  std::function<void(Peer&, const Publish&)> publish = {};
  std::function<void(Peer&, const Pubrel&)> pubrel = {};
  std::function<void(Peer&, const Subscribe&)> subscribe = {};
  std::function<void(Peer&, const Unsubscribe&)> unsubscribe = {};
  std::function<void(Peer&, const Pingreq&)> pingreq = {};
};

// One connection, in the broker's thread alone. Closed at its destruction. Every wait ends when the test
// does.
class Peer {
 public:
  Peer(FakeBroker& broker, FileHandle socket, int number);

  int number() const { return number_; }
  Version version() const { return version_; }  // what CONNECT said

  // The next packet; nullptr at the end of the connection. Bytes that are no packet are a failure.
  RecordPtr next(Duration limit = patience);
  RecordPtr expect(PacketType type, Duration limit = patience);
  bool readable(Duration limit);               // whether the client has sent something, or closed
  void expect_end(Duration limit = patience);  // the client closes, whatever it says before
  // Reads one CONNECT and answers it.
  RecordPtr welcome();

  // A client that is gone already is no failure: what it did shows elsewhere.
  void send(const Packet& packet);
  void send_bytes(Bytes bytes);
  void send_hex(std::string_view hex);
  std::size_t send_some(Bytes bytes);  // what fits now; 0 when nothing does

  // What a correct server does about a packet; of a connection that ends, nothing.
  void answer(const Packet& packet);
  // Answers every packet until the client closes.
  void serve(const Reactions& reactions = {});

  void finish();  // FIN, then reads on until the client closes too
  void reset();   // RST, and gone
  void hold();    // neither reads nor writes until the client has closed or the test ends
  void pause(Duration time);

 private:
  bool wait_for(short events, Duration limit);
  void react(const Record& record, const Reactions& reactions);

  FakeBroker* broker_;
  FileHandle socket_;
  int number_;
  Version version_ = Version::v5;
  Buffer input_;
  std::size_t taken_ = 0;  // bytes of input_ that are dealt with
};

class FakeBroker {
 public:
  using Script = std::function<void(FakeBroker&)>;

  // The correct server, for any number of connections.
  explicit FakeBroker(Reactions reactions = {}, const std::string& unix_path = {});
  explicit FakeBroker(Script script, const std::string& unix_path = {});
  ~FakeBroker() noexcept(false);
  FakeBroker(const FakeBroker&) = delete;
  FakeBroker& operator=(const FakeBroker&) = delete;

  std::uint16_t port() const { return port_; }

  // For the test. finish() waits until the script has come to its end.
  void finish(Duration limit = patience);
  std::vector<RecordPtr> records() const;
  std::vector<RecordPtr> records(PacketType type) const;
  // The `count`th packet of that type, as soon as it is there.
  RecordPtr await(PacketType type, std::size_t count = 1, Duration limit = patience);
  int connections() const;  // accepted so far

  // For the script.
  Peer accept(Duration limit = patience);

 private:
  friend class Peer;
  struct Stopped {};

  void run(const Script& script);
  // Whether one of `events` came before the limit; throws Stopped when the test is over.
  bool wait_for(int socket, short events, Duration limit) const;
  void keep(RecordPtr record);
  std::string story() const;  // with the mutex held: what came, for the text of a failure

  FileHandle listener_, stop_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<RecordPtr> records_;
  std::array<std::vector<RecordPtr>, 16> by_type_;
  int connections_ = 0;
  bool done_ = false, surfaced_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace mq
