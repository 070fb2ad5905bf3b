#include "load/message_maker.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <string>

#include "base/text.hpp"
#include "peers/temp_dir.hpp"

namespace mq {
namespace {

const char* environment(const char* name) { return std::string_view(name) == "SITE" ? "north" : nullptr; }

struct Made {
  std::string topic;
  Buffer payload;
  std::optional<ReadStamp> stamp;
};

class Maker {
 public:
  explicit Maker(PublishPlan plan, DataPlan data = {}, std::uint64_t seed = 1) {
    scenario_.run = 77;
    scenario_.seed = seed;
    population_.first_client = 100;
    population_.clients = 10;
    population_.data = std::move(data);
    population_.publish = std::move(plan);
    scenario_.populations = {{}, population_};
    auto made = MessageMaker::make(scenario_, 1, environment);
    if (!made) {
      error = made.error();
      return;
    }
    maker_ = std::move(*made);
  }

  Made operator()(std::uint32_t number, std::uint64_t message = 0) {
    REQUIRE(maker_);
    const Publish* made = maker_->make(
        {.run = 77, .stream = 100 + number, .number = message, .due = 1'795'326'478'597'000'000, .late = 5});
    if (made == nullptr) {
      error = maker_->error();
      return {};
    }
    qos = made->qos;
    retain = made->retain;
    return {std::string(made->topic), Buffer(made->payload), read_stamp(*made, 77)};
  }

  std::optional<Error> error;
  QoS qos{};
  bool retain = false;

 private:
  Scenario scenario_;
  Population population_;
  std::unique_ptr<MessageMaker> maker_;
};

PublishPlan pattern(std::string topic, std::uint64_t size = 64) {
  PublishPlan plan;
  plan.topic = std::move(topic);
  plan.payload.size = {.least = size, .most = size};
  return plan;
}

PublishPlan text(std::string topic, std::string payload, StampPlace stamp = StampPlace::none) {
  PublishPlan plan;
  plan.topic = std::move(topic);
  plan.payload.kind = PayloadPlan::Kind::text;
  plan.payload.text = std::move(payload);
  plan.stamp = stamp;
  return plan;
}

TEST_CASE("bytes of ours with the stamp in front") {
  PublishPlan plan = pattern("bench/{client}/{number}", 100);
  plan.qos = QoS::exactly_once;
  plan.retain = true;
  Maker make(plan);
  for (const std::uint32_t number : {0U, 0U, 7U, 3U}) {
    for (std::uint64_t message = 0; message < 3; ++message) {
      const Made one = make(number, message);
      CHECK(one.topic == "bench/" + std::to_string(100 + number) + "/" + std::to_string(number));
      CHECK(one.payload.size() == 100);
      REQUIRE(one.stamp);
      CHECK_FALSE(one.stamp->corrupted);
      CHECK(one.stamp->stamp.stream == 100 + number);
      CHECK(one.stamp->stamp.number == message);
      CHECK(one.stamp->stamp.late == 5);
    }
  }
  CHECK(make.qos == QoS::exactly_once);
  CHECK(make.retain);
  CHECK(make(1, 1).payload.substr(32) == make(2, 5).payload.substr(32));
}

TEST_CASE("topics that change with the message, or with nothing") {
  Maker each(pattern("a/{seq}/{count}/{run}"));
  CHECK(each(0, 0).topic == "a/0/1/0000004d");
  CHECK(each(4, 9).topic == "a/9/10/0000004d");
  Maker constant(pattern("all/{env SITE}"));
  CHECK(constant(0).topic == "all/north");
  CHECK(constant(5, 5).topic == "all/north");
  CHECK(constant(5, 5).stamp->stamp.number == 5);
}

TEST_CASE("random values are those of client and message, whoever makes them") {
  const PublishPlan plan = text("t/{random 1 1000000}", "{uuid} {random 0.00 9.99}");
  Maker one(plan), other(plan);
  const Made first = one(3, 8);
  CHECK(one(3, 9).topic != first.topic);
  CHECK(one(4, 8).payload != first.payload);
  CHECK(other(3, 8).topic == first.topic);
  CHECK(other(3, 8).payload == first.payload);
  Maker seeded(plan, {}, 2);
  CHECK(seeded(3, 8).payload != first.payload);
}

TEST_CASE("texts of one's own: the stamp in a property, in front, or nowhere") {
  constexpr auto words = "{\"n\":{seq},\"c\":{client}}";
  Maker property(text("t", words, StampPlace::user_property));
  const Made one = property(2, 3);
  CHECK(one.payload == "{\"n\":3,\"c\":102}");
  REQUIRE(one.stamp);
  CHECK_FALSE(one.stamp->corrupted);
  CHECK(one.stamp->stamp.number == 3);
  CHECK(property(2, 4).stamp->stamp.number == 4);

  Maker front(text("t", words, StampPlace::payload));
  const Made two = front(2, 3);
  CHECK(two.payload.substr(stamp_size) == one.payload);
  REQUIRE(two.stamp);
  CHECK_FALSE(two.stamp->corrupted);

  Maker none(text("t", words));
  CHECK(none(2, 3).payload == one.payload);
  CHECK_FALSE(none(2, 3).stamp);
  Maker empty(text("t", ""));
  CHECK(empty(1, 1).payload.empty());
}

TEST_CASE("a constant text with a changing stamp") {
  Maker make(text("t/{client}", "on", StampPlace::user_property));
  for (std::uint64_t message = 0; message < 3; ++message) {
    const Made one = make(1, message);
    CHECK(one.payload == "on");
    CHECK(one.stamp->stamp.number == message);
    CHECK_FALSE(one.stamp->corrupted);
  }
}

TEST_CASE("other properties stay") {
  PublishPlan plan = text("t", "x", StampPlace::user_property);
  REQUIRE(plan.properties.add(PropertyId::message_expiry_interval, 60));
  Scenario scenario;
  scenario.populations.emplace_back().publish = plan;
  auto made = MessageMaker::make(scenario, 0);
  REQUIRE(made);
  const Publish* message = (*made)->make({});
  CHECK(message->properties.number(PropertyId::message_expiry_interval) == 60);
  CHECK(read_stamp(*message, 0));
}

TEST_CASE("the time is that of the sending") {
  Maker make(text("t", "{time_ms}"));
  CHECK(make(0).payload == "1795326478597");
}

TEST_CASE("sizes from a distribution, the same for everybody") {
  PublishPlan plan = pattern("t");
  plan.payload.size = {.kind = SizePlan::Kind::uniform, .least = 40, .most = 50};
  Maker uniform(plan), again(plan);
  std::map<std::size_t, int> sizes;
  for (std::uint64_t message = 0; message < 5000; ++message) {
    const Made one = uniform(1, message);
    CHECK_FALSE(one.stamp->corrupted);
    CHECK(again(1, message).payload.size() == one.payload.size());
    ++sizes[one.payload.size()];
  }
  CHECK(sizes.size() == 11);
  CHECK(sizes.begin()->first == 40);
  CHECK(sizes.rbegin()->first == 50);

  plan.payload.size = {
      .kind = SizePlan::Kind::normal, .least = 32, .most = 2000, .mean = 500, .deviation = 50};
  Maker normal(plan);
  double sum = 0, squares = 0;
  for (std::uint64_t message = 0; message < 5000; ++message) {
    const double size = static_cast<double>(normal(1, message).payload.size());
    sum += size;
    squares += size * size;
  }
  const double mean = sum / 5000;
  CHECK(std::abs(mean - 500) < 4);
  CHECK(std::abs(std::sqrt(squares / 5000 - mean * mean) - 50) < 3);

  plan.payload.size = {.kind = SizePlan::Kind::exponential, .least = 100, .most = 1000, .mean = 300};
  Maker exponential(plan);
  for (std::uint64_t message = 0; message < 1000; ++message) {
    const std::size_t size = exponential(1, message).payload.size();
    CHECK((size >= 100 && size <= 1000));
  }
}

TEST_CASE("rows of a CSV file by client or by message") {
  const TempDir folder;
  const std::string path = folder.write("d.csv", "id,room\nd1,hall\nd2,\"living, room\"\nd3,attic\n");
  const PublishPlan plan = text("home/{room}/{id}", "{id} is in {room}");
  Maker by_client(plan, {path, false});
  CHECK(by_client(1, 0).topic == "home/living, room/d2");
  CHECK(by_client(1, 7).payload == "d2 is in living, room");
  CHECK(by_client(3).topic == "home/hall/d1");
  Maker by_message(plan, {path, true});
  CHECK(by_message(1, 0).topic == "home/hall/d1");
  CHECK(by_message(0, 5).payload == "d3 is in attic");
}

TEST_CASE("files: as payload, as template, and in one") {
  const TempDir folder;
  const std::string path = folder.write("p.json", "{\"n\":{seq}}");
  PublishPlan plan = text("t", "");
  plan.payload.path = path;
  CHECK(Maker(plan)(0, 4).payload == "{\"n\":4}");
  plan.payload.kind = PayloadPlan::Kind::file;
  plan.stamp = StampPlace::user_property;
  const Made as_it_stands = Maker(plan)(0, 4);
  CHECK(as_it_stands.payload == "{\"n\":{seq}}");
  CHECK(as_it_stands.stamp->stamp.number == 4);
  CHECK(Maker(text("t", "<{file " + path + "}>"))(0, 4).payload == "<{\"n\":{seq}}>");
}

TEST_CASE("payloads in a format of the kit") {
  PublishPlan plan = text("t", "[{seq}]", StampPlace::user_property);
  plan.payload.format.format = "msgpack";
  Maker changing(plan);
  CHECK(to_hex(changing(0, 5).payload) == "9105");
  CHECK(to_hex(changing(0, 6).payload) == "9106");
  CHECK_FALSE(changing(0, 6).stamp->corrupted);
  plan.payload.text = "{\"on\":true}";
  Maker constant(plan);
  CHECK(to_hex(constant(0, 5).payload) == "81a26f6ec3");
  CHECK_FALSE(constant(0, 6).stamp->corrupted);
  plan.payload.text = "{";
  CHECK(Maker(plan).error->kind == ErrorKind::payload);
}

TEST_CASE("a message that can't be made is told, the next one goes on") {
  const TempDir folder;
  const std::string path = folder.write("d.csv", "level\nfine\nnot/#\n");
  Maker make(pattern("a/{level}"), {path, true});
  CHECK(make(0, 0).topic == "a/fine");
  make(0, 1);
  REQUIRE(make.error);
  CHECK(make.error->kind == ErrorKind::usage);
  CHECK(make(0, 2).topic == "a/fine");
}

TEST_CASE("what is wrong shows before the run") {
  CHECK(Maker(pattern("a/#")).error);
  CHECK(Maker(pattern("a/{cleint}")).error->hint.starts_with("did you mean {client}?"));
  CHECK(Maker(pattern("a/{random 1}")).error);
  CHECK(Maker(text("t", "{file /does/not/exist}")).error);
  CHECK(Maker(pattern("t"), {"/does/not/exist.csv", false}).error);
}

}  // namespace
}  // namespace mq
