// The queues of routes: order, bounds, pace, and what a crash leaves of them.
#include "bridge/lane.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "bridge/latest_lane.hpp"
#include "bridge/queue_lane.hpp"
#include "journal/testing.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

constexpr Time start = Time{} + 1h;
constexpr std::size_t large = std::size_t{1} << 20;

Waiting message(RecordId id, std::string topic, Buffer payload = "x", QoS qos = QoS::at_least_once) {
  Waiting made;
  made.id = id;
  made.qos = qos;
  made.topic = std::move(topic);
  made.payload = std::move(payload);
  return made;
}

Waiting unstored(RecordId id, std::string topic) {
  return message(id, std::move(topic), "x", QoS::at_most_once);
}

// A journal, and what an outlet does with it and a lane.
struct Kept {
  testing::Stand stand;
  PartyId party;

  explicit Kept(const TempDir& dir) : stand(dir.file("store")), party(stand.party("queue way bridge-b")) {}

  std::unique_ptr<Lane> lane(const RoutePlan& plan) {
    return Lane::make("way", &plan, party, stand.journal.get());
  }
  RecordId add(const std::string& topic, const Buffer& payload) {
    return stand.journal->add(testing::record(party, topic, payload));
  }
  RecordId put(Lane& lane, const std::string& topic, const Buffer& payload = "x") {
    Waiting made = message(add(topic, payload), topic, payload);
    made.stored = true;
    const RecordId id = made.id;
    CHECK_FALSE(lane.put(std::move(made), start));
    return id;
  }
};

RoutePlan latest_every(Duration every) {
  RoutePlan plan;
  plan.treatment.latest_every = every;
  return plan;
}

std::vector<RecordId> taken(Lane& lane, Time now = start) {
  std::vector<RecordId> ids;
  while (lane.first(now) != nullptr) ids.push_back(lane.pop(now).id);
  return ids;
}

}  // namespace

TEST_CASE("a queue gives back in the order of arrival, from memory and then from the disk") {
  const TempDir dir;
  Kept kept(dir);
  const RoutePlan plan;
  const auto lane = kept.lane(plan);
  CHECK(lane->open(start));
  std::vector<RecordId> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(kept.put(*lane, "t", Buffer(large, 'x')));
  CHECK(lane->size() == 20);
  CHECK_FALSE(lane->open(start));
  // The tail is read once it has been committed, and waits until then.
  std::vector<RecordId> first = taken(*lane);
  CHECK(first.size() < 20);
  CHECK(lane->size() == 20 - first.size());
  kept.stand.commit();
  for (const RecordId id : taken(*lane)) first.push_back(id);
  CHECK(first == ids);
  CHECK(lane->size() == 0);
  CHECK(lane->open(start));
  // Nothing of it is read again, though nobody has removed it yet.
  const RecordId next = kept.put(*lane, "t");
  kept.stand.commit();
  CHECK(taken(*lane) == std::vector{next});
}

TEST_CASE("without a journal a queue is in memory, however long") {
  const RoutePlan plan;
  const auto lane = Lane::make("way", &plan, 0, nullptr);
  std::vector<RecordId> ids;
  for (RecordId id = 1; id <= 20; ++id) {
    CHECK_FALSE(lane->put(message(id, "t", Buffer(large, 'x')), start));
    ids.push_back(id);
  }
  CHECK(taken(*lane) == ids);
}

TEST_CASE("what waits at QoS 0 goes when all that came before it has gone, also from the disk") {
  const TempDir dir;
  Kept kept(dir);
  RoutePlan plan;
  plan.queue.qos0 = true;
  const auto lane = kept.lane(plan);
  std::vector<RecordId> ids;
  for (int i = 0; i < 15; ++i) ids.push_back(kept.put(*lane, "t", Buffer(large, 'x')));
  lane->put(unstored(ids.back(), "first"), start);
  const RecordId after = kept.put(*lane, "t");
  lane->put(unstored(after, "second"), start);
  kept.stand.commit();
  CHECK(lane->size() == 18);
  for (const RecordId id : ids) {
    REQUIRE(lane->first(start) != nullptr);
    const Waiting one = lane->pop(start);
    CHECK(one.id == id);
    CHECK(one.qos == QoS::at_least_once);
  }
  REQUIRE(lane->first(start) != nullptr);
  CHECK(lane->pop(start).topic == "first");
  REQUIRE(lane->first(start) != nullptr);
  CHECK(lane->pop(start).id == after);
  REQUIRE(lane->first(start) != nullptr);
  CHECK(lane->pop(start).topic == "second");
  CHECK(lane->first(start) == nullptr);
}

TEST_CASE("a queue takes over what the journal has, but for what a session has already") {
  const TempDir dir;
  Kept kept(dir);
  std::vector<RecordId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(kept.add("t", "payload"));
  kept.stand.journal->sent(ids[0], 7);
  kept.stand.journal->sent(ids[1], 8);
  kept.stand.commit();
  kept.stand.reopen();
  const RoutePlan plan;
  const auto lane = kept.lane(plan);
  REQUIRE(lane->restore(2));
  CHECK(lane->size() == 3);
  CHECK(lane->traffic.waiting == 5);
  CHECK(lane->traffic.waiting_bytes == 5 * 8);
  const RecordId next = kept.put(*lane, "t");
  kept.stand.commit();
  CHECK(taken(*lane) == std::vector{ids[2], ids[3], ids[4], next});
  CHECK(lane->size() == 0);
}

TEST_CASE("bounds are those of the plan, and none without one") {
  RoutePlan plan;
  plan.queue.most_messages = 3;
  plan.queue.most_bytes = 100;
  const auto lane = Lane::make("way", &plan, 0, nullptr);
  CHECK(lane->has_room("t", 1000));  // alone, however large
  lane->traffic.waiting = 2;
  lane->traffic.waiting_bytes = 60;
  CHECK(lane->has_room("t", 40));
  CHECK_FALSE(lane->has_room("t", 41));
  lane->traffic.waiting = 3;
  CHECK_FALSE(lane->has_room("t", 1));
  RoutePlan wider;
  lane->follow(&wider);
  CHECK(lane->has_room("t", 1000));
  lane->traffic.waiting_bytes = std::uint64_t{1} << 30;
  CHECK_FALSE(lane->has_room("t", 1));
  lane->follow(nullptr);
  CHECK(lane->has_room("t", 1));
}

TEST_CASE("the oldest is dropped first, wherever it is") {
  const TempDir dir;
  Kept kept(dir);
  RoutePlan plan;
  plan.queue.qos0 = true;
  plan.treatment.most_per_second = 1;
  const auto lane = kept.lane(plan);
  lane->put(unstored(0, "unstored"), start);
  std::vector<RecordId> ids;
  for (int i = 0; i < 12; ++i) ids.push_back(kept.put(*lane, "t", Buffer(large, 'x')));
  kept.stand.commit();
  lane->pace.took(start);  // what may not go yet can be dropped
  CHECK(lane->first(start) == nullptr);
  REQUIRE(lane->oldest() != nullptr);
  CHECK(lane->drop_oldest().topic == "unstored");
  for (const RecordId id : ids) {
    REQUIRE(lane->oldest() != nullptr);
    CHECK(lane->drop_oldest().id == id);
  }
  CHECK(lane->oldest() == nullptr);
  CHECK(lane->size() == 0);
}

TEST_CASE("QoS 0 that waits without being asked to holds up, until it is dropped or gone") {
  RoutePlan plan;
  const auto lane = Lane::make("way", &plan, 0, nullptr);
  CHECK_FALSE(lane->keeps_unstored());
  lane->put(message(1, "t"), start);
  CHECK_FALSE(lane->holds_up());
  lane->put(unstored(1, "a"), start);
  lane->put(unstored(1, "b"), start);
  CHECK(lane->holds_up());
  CHECK(lane->drop_unstored().topic == "a");
  CHECK(taken(*lane).size() == 2);
  CHECK_FALSE(lane->holds_up());
  lane->put(unstored(2, "c"), start);
  plan.queue.qos0 = true;
  lane->follow(&plan);
  CHECK_FALSE(lane->holds_up());
}

TEST_CASE("a rate spreads messages evenly, makes up for a late timer, and saves nothing up") {
  RoutePlan plan;
  plan.treatment.most_per_second = 10;
  const auto lane = Lane::make("way", &plan, 0, nullptr);
  CHECK(lane->open(start));
  for (RecordId id = 1; id <= 6; ++id) lane->put(message(id, "t"), start);
  CHECK_FALSE(lane->due(start));  // it is now
  CHECK(lane->pop(start).id == 1);
  CHECK(lane->first(start) == nullptr);
  CHECK(lane->due(start) == start + 100ms - 50ms);
  const Time late = *lane->due(start) + 30ms;
  REQUIRE(lane->first(late) != nullptr);
  CHECK(lane->pop(late).id == 2);
  CHECK(lane->due(late) == start + 150ms);
  const Time much_later = start + 1h;
  REQUIRE(lane->first(much_later) != nullptr);
  CHECK(lane->pop(much_later).id == 3);
  CHECK(lane->first(much_later) == nullptr);
  RoutePlan faster;
  lane->follow(&faster);  // without a rate
  CHECK_FALSE(lane->pace.limited());
}

TEST_CASE("of each topic the first goes at once, then the latest, so often at most") {
  const RoutePlan plan = latest_every(10s);
  const auto lane = Lane::make("way", &plan, 0, nullptr);
  CHECK(lane->keeps_unstored());
  CHECK_FALSE(lane->open(start));
  CHECK_FALSE(lane->put(message(1, "a"), start));
  CHECK_FALSE(lane->put(message(2, "b"), start));
  CHECK(taken(*lane) == std::vector<RecordId>{1, 2});
  CHECK_FALSE(lane->put(message(3, "a"), start + 1s));
  const auto superseded = lane->put(message(4, "a"), start + 2s);
  REQUIRE(superseded);
  CHECK(superseded->id == 3);
  CHECK(lane->size() == 1);
  CHECK(lane->first(start + 9s) == nullptr);
  CHECK(lane->due(start + 9s) == start + 10s);
  CHECK(taken(*lane, start + 10s) == std::vector<RecordId>{4});
  CHECK(lane->first(start + 19s) == nullptr);
  // After its time without any a topic's next goes at once.
  CHECK_FALSE(lane->put(message(5, "a"), start + 20s));
  CHECK(taken(*lane, start + 20s) == std::vector<RecordId>{5});
  CHECK_FALSE(lane->due(start + 60s));
}

TEST_CASE("a rate and the latest alone go together") {
  RoutePlan plan = latest_every(10s);
  plan.treatment.most_per_second = 1;
  const auto lane = Lane::make("way", &plan, 0, nullptr);
  lane->put(message(1, "a"), start);
  lane->put(message(2, "b"), start);
  CHECK(taken(*lane) == std::vector<RecordId>{1});
  const auto due = lane->due(start);
  REQUIRE(due);
  CHECK(*due > start);
  CHECK(taken(*lane, *due) == std::vector<RecordId>{2});
}

TEST_CASE("after a crash the latest of each topic is there, and the rest leaves the journal") {
  const TempDir dir;
  Kept kept(dir);
  kept.add("a", "1");
  const RecordId b = kept.add("b", "2");
  kept.add("a", "3");
  const RecordId a = kept.add("a", "4");
  kept.stand.commit();
  kept.stand.reopen();
  const RoutePlan plan = latest_every(10s);
  const auto lane = kept.lane(plan);
  REQUIRE(lane->restore(0));
  CHECK(lane->size() == 2);
  CHECK(lane->traffic.waiting == 2);
  CHECK(lane->traffic.waiting_bytes == 4);
  CHECK(lane->traffic[Fate::superseded] == 2);
  kept.stand.commit();
  const auto left = kept.stand.read(kept.party);
  REQUIRE(left.size() == 2);
  CHECK(left[0].id == b);
  CHECK(left[1].id == a);
  CHECK(taken(*lane) == std::vector{a, b});
}

TEST_CASE("what waits of one topic makes room for its next, and so many topics are remembered at most") {
  RoutePlan plan = latest_every(10s);
  plan.queue.most_messages = 2000;
  const auto lane = Lane::make("way", &plan, 0, nullptr);
  const auto topic = [](int number) { return std::to_string(number) + std::string(60'000, 't'); };
  int number = 0;
  while (lane->has_room(topic(number), 1)) {
    lane->put(message(1, topic(number)), start);
    ++lane->traffic.waiting;
    REQUIRE(++number < 2000);  // 64 MiB of topics
  }
  CHECK(number > 1000);
  CHECK(lane->has_room(topic(0), 1));
  // One that has gone is remembered for as long as its next has to wait, then forgotten.
  CHECK(taken(*lane).size() == static_cast<std::size_t>(number));
  CHECK_FALSE(lane->has_room(topic(number), 1));
  CHECK(lane->first(start + 10s) == nullptr);
  CHECK(lane->has_room(topic(number), 1));
}

TEST_CASE("of the latest of many topics one after the other can be dropped") {
  const RoutePlan plan = latest_every(10s);
  const auto lane = Lane::make("way", &plan, 0, nullptr);
  lane->put(message(1, "a"), start);
  lane->put(message(2, "b"), start + 1s);
  REQUIRE(lane->oldest() != nullptr);
  CHECK(lane->oldest()->id == 1);
  CHECK(lane->drop_oldest().id == 1);
  CHECK(lane->drop_oldest().id == 2);
  CHECK(lane->oldest() == nullptr);
  CHECK(lane->size() == 0);
  CHECK(lane->first(start + 1s) == nullptr);
}
