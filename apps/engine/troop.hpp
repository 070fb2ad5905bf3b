// One thread's part of a load: its clients, its poller, its tally. It does what it is told (start, go, stop,
// leave) and shares nothing while it does it; how far it is stands in a few atomic numbers that change when
// clients come and go. A run (run.hpp) tells several of them.
//
// Life of a population: start = its clients connect and subscribe, then are ready; go = they publish, ask,
// come and go; stop = nothing new any more, and who has nothing under way is finished; leave = they
// disconnect.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/agenda.hpp"
#include "engine/client_names.hpp"
#include "engine/delays.hpp"
#include "engine/falls.hpp"
#include "engine/load_client.hpp"
#include "engine/load_plan.hpp"
#include "engine/stream_facts.hpp"
#include "load/audience.hpp"
#include "load/message_maker.hpp"
#include "load/outcome.hpp"

namespace mq {

// From the first connecting or subscribing of those who wait for queued or retained messages to the last of
// these.
struct ReplaySpan {
  Time first = Time::max(), last{};

  void add(const ReplaySpan& other) {
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }
};

// The clients of one population in one thread.
struct Squad {
  std::size_t index = 0;
  const Population* population = nullptr;
  std::deque<LoadClient> clients;
  std::unique_ptr<MessageMaker> maker;  // of what it publishes or asks
  std::optional<Timetable> timetable;
  std::optional<Arrivals> connects;  // when the next of the whole population is due; none: at once
  Time connect_at{};                 // when the one before the next is due
  std::uint64_t next_connect = 0;    // index of that one, in the population
  std::size_t next_own = 0;          // of `clients`, that has not begun yet
  std::unique_ptr<ClientNames> names;
  Time measured_from = Time::max();  // messages that are due earlier are checked, not measured
  Time started{}, gone{};            // start and go
  bool going = false;
  bool over = false;  // stop
  std::size_t connecting = 0;
  std::deque<LoadClient*> returning;  // wait for their turn to connect again
  bool lost_any = false;              // a connection, while it was needed
  ErrorKind fell_by = ErrorKind::connect;
  std::string fell_why;

  bool sends() const { return population->publish || population->request; }
  const PublishPlan& plan() const {
    return population->publish ? *population->publish : population->request->publish;
  }
};

class Troop final : public ConnectionOwner {
 public:
  // `plan` outlives it. `index` of `count` threads in this process.
  static Result<std::unique_ptr<Troop>> make(const LoadPlan& plan, unsigned index, unsigned count);
  ~Troop() override;

  // The thread's whole life: until end(). The rest of the public functions but status() are called in it, by
  // post().
  void work();
  void post(Loop::Handler handler) { poller_.post(std::move(handler)); }

  void start(std::size_t population, Time when);
  void go(std::size_t population, Time when, Time measured_from);
  void stop(std::size_t population);
  void leave(std::size_t population);
  void end() { ended_ = true; }

  // Calls it at that moment, before whatever is due then; at once when that is past. One at a time.
  void cut_at(Time when, Loop::Handler cut);
  // What was counted since the last time.
  std::unique_ptr<Tally> collect();
  Delays take_delays() { return std::exchange(delays_, {}); }
  const ReplaySpan& replay() const { return replay_; }
  // Of its own streams and subscribers, once they have left.
  StreamFacts sent() const;
  struct Verdict {
    std::vector<Breach> breaches;  // at most `most_breaches`
    std::uint64_t breach_count = 0;
    std::map<std::string, std::uint64_t> errors;
    std::map<std::string, ErrorKind> kinds;         // of these
    std::array<std::uint64_t, 3> unacknowledged{};  // by QoS
    bool forgetful = false;      // more was missing at the same time than could be kept in mind
    std::vector<Falls> falls{};  // by population
  };
  // `facts` are those of all troops of the run.
  Verdict judge(const StreamFacts& facts);
  double cpu_seconds() const;
  double waited_seconds() const;  // for a processor; 0 where the kernel does not tell
  SocketTimes socket_times() const;

  // Of one population, to be read at any time from any thread.
  struct Status {
    std::atomic<std::uint64_t> ready = 0;     // have been ready, or never will be
    std::atomic<std::uint64_t> finished = 0;  // have nothing more to do
    std::atomic<std::uint64_t> open = 0;      // are connected now
    std::atomic<std::uint64_t> came = 0;      // have been connected
    std::atomic<std::uint64_t> spent = 0;     // begin nothing more
  };
  const Status& status(std::size_t population) const { return status_[population]; }
  std::uint64_t clients(std::size_t population) const { return squads_[population].clients.size(); }

 private:
  Troop(const LoadPlan& plan, unsigned index, unsigned count);
  Result<void> prepare();
  Result<void> enlist(std::size_t index);

  void on_event(Connection& connection, const Event& event) override;
  void on_room(Connection& connection) override;
  void on_end(Connection& connection, const std::optional<Error>& why) override;

  // troop.cpp: coming and going
  void act(const Agenda::Entry& entry);
  void connect_due(Squad& squad);
  void connect_more(Squad& squad);
  void connect(LoadClient& client, Time due);
  void come_again(LoadClient& client);
  void connected(LoadClient& client, const Connected& event);
  void subscribe(LoadClient& client);
  void subscribed(LoadClient& client, const Subscribed& event);
  void expire_subscribe(LoadClient& client);
  void ready(LoadClient& client);
  void arm(LoadClient& client);
  void note(const Error& error);
  void fall(LoadClient& client, const Error& why, bool was_connected);
  void count_bytes(LoadClient& client);

  // troop_end.cpp
  void leave(LoadClient& client);
  void gone(LoadClient& client);
  void settle(LoadClient& client, bool whole);
  void count_unsent(const LoadClient& client, Time due);
  void count_unanswered(const LoadClient& client);
  void check_progress(LoadClient& client);
  void check_finished(LoadClient& client);
  void spend(LoadClient& client);
  void finish(LoadClient& client);
  Duration pause_before(const LoadClient& client) const;

  // troop_send.cpp
  void make_sending(LoadClient& client);
  void begin_sending(LoadClient& client);
  void send_due(LoadClient& client);
  bool publish(LoadClient& client, Time due, Time now);
  bool ask(LoadClient& client, const Publish& message, OpenRequests::Times times);
  void published(LoadClient& client, Ticket ticket, ReasonCode reason);
  void expire_requests(LoadClient& client);
  static bool worth_it(const LoadClient& client);
  static bool has_room(const LoadClient& client);

  // troop_receive.cpp
  void received(LoadClient& client, const Publish& message);
  void answered(LoadClient& client, const Publish& message);
  void answer(LoadClient& client, const Publish& request);
  void lapse(LoadClient& client);
  static void end_lapse(Receiving& receiving, const Stamp& stamp, bool first_of_stream);
  // How many subscribers are expected to get what it publishes: nothing is known again without a stamp.
  std::uint32_t receivers_of(const LoadClient& client) const {
    return client.squad->plan().stamp == StampPlace::none ? 0 : plan_.receivers[client.number];
  }
  // The population whose client's number that is; nullptr: none.
  const Squad* squad_of(std::uint32_t stream) const;

  // troop_judge.cpp
  std::vector<Falls> falls() const;
  void judge(const LoadClient& client, const StreamFacts& facts, const Audience* audience);
  void judge_copies(const LoadClient& client, const StreamFacts& facts);
  void judge_stream(const LoadClient& client, std::uint32_t stream, const StreamFacts& facts,
                    std::uint64_t& corrupted);
  void breach(Breach::Kind kind, Breach what);

  const LoadPlan& plan_;
  unsigned index_, count_;
  Poller poller_;
  Agenda agenda_;
  WayIn way_;
  std::deque<Squad> squads_;          // by population
  std::vector<LoadClient*> clients_;  // by place
  std::unique_ptr<Status[]> status_;
  std::unique_ptr<Tally> tally_, spare_;
  Delays delays_;
  Loop::Handler cut_;
  ReplaySpan replay_;
  Verdict verdict_;
  PropertyList request_properties_;
  bool times_connects_ = false;  // they are what the schedule's lag is about
  bool ended_ = false;
};

}  // namespace mq
