#include "net/memory_transport.hpp"

#include <vector>

#include "net/testing.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

std::vector<std::string> reads_of(GuardedLoop& loop, Transport& from) {
  std::vector<std::string> reads;
  std::move_only_function<void()> read_on = [&] {
    from.read_some([&](Result<Bytes> bytes) {
      reads.emplace_back(bytes ? std::string(*bytes) : bytes.error().text);
      if (bytes && !bytes->empty()) return read_on();
      loop.stop();
    });
  };
  read_on();
  loop.run();
  return reads;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("memory: what one end writes the other reads, then the end of the stream") {
  GuardedLoop loop;
  auto [first, second] = MemoryTransport::pair(loop);
  int written = 0;
  first->write("one ", [&, &from = first](Result<void> result) {
    CHECK(result.has_value());
    ++written;
    from->write("two", [&](Result<void>) { ++written; });
    from->shut_down();
  });
  CHECK(written == 0);
  read_to_end(*second, [&](std::string all) {
    CHECK(all == "one two");
    loop.stop();
  });
  loop.run();
  loop.post([&] { loop.stop(); });
  loop.run();
  CHECK(written == 2);

  second->write("back", [](Result<void>) {});
  second->close();
  CHECK(reads_of(loop, *first) == Texts{"back", ""});
}

TEST_CASE("memory: reads come in pieces") {
  GuardedLoop loop;
  auto [first, second] = MemoryTransport::pair(loop, {.read_at_most = 3});
  second->write("seven77", [](Result<void>) {});
  second->shut_down();
  CHECK(reads_of(loop, *first) == Texts{"sev", "en7", "7", ""});
}

TEST_CASE("memory: the connection is lost after so many bytes") {
  GuardedLoop loop;
  auto [first, second] = MemoryTransport::pair(loop, {.cut_after = 5});
  std::vector<bool> written;
  const auto note = [&](Result<void> result) { written.push_back(result.has_value()); };
  first->write("abc", note);
  loop.post([&, &from = first] { from->write("def", note); });
  CHECK(reads_of(loop, *second) == Texts{"abc", "de", "connection reset by peer"});
  CHECK(reads_of(loop, *first) == Texts{"connection reset by peer"});
  first->write("ghi", note);
  loop.post([&] { loop.stop(); });
  loop.run();
  CHECK(written == std::vector{true, false, false});
}

TEST_CASE("memory: writes are held until they are released") {
  GuardedLoop loop;
  auto [first, second] = MemoryTransport::pair(loop, {.hold_writes = true});
  bool written = false;
  bool read = false;
  first->write("late", [&](Result<void> result) { written = result.has_value(); });
  first->shut_down();
  second->read_some([&](Result<Bytes> bytes) { read = *bytes == "late"; });
  loop.post([&] { loop.post([&] { loop.stop(); }); });
  loop.run();
  CHECK_FALSE(written);
  CHECK_FALSE(read);
  first->release();
  loop.post([&] { loop.stop(); });
  loop.run();
  CHECK(written);
  CHECK(read);
  CHECK(reads_of(loop, *second) == Texts{""});
}

TEST_CASE("memory: a cut fails what is under way, once, and closes both directions") {
  GuardedLoop loop;
  auto [first, second] = MemoryTransport::pair(loop, {.hold_writes = true});
  std::vector<std::string> seen;
  first->write("never",
               [&](Result<void> result) { seen.push_back(result ? "written" : result.error().text); });
  first->read_some([&](Result<Bytes> bytes) { seen.push_back(bytes ? "read" : bytes.error().text); });
  second->write("arrived", [](Result<void>) {});
  second->cut();
  first->cut();
  CHECK(seen.empty());
  loop.post([&] { loop.post([&] { loop.stop(); }); });
  loop.run();
  CHECK(seen.size() == 2);
  CHECK(reads_of(loop, *second) == Texts{"connection reset by peer"});
  CHECK(reads_of(loop, *first) == Texts{"connection reset by peer"});
}

TEST_CASE("memory: an end that closes with bytes unread resets the other") {
  GuardedLoop loop;
  auto [first, second] = MemoryTransport::pair(loop);
  first->write("unread", [](Result<void>) {});
  second->close();
  CHECK(reads_of(loop, *first) == Texts{"connection reset by peer"});
}

TEST_CASE("memory: no handler is called after close or destruction") {
  GuardedLoop loop;
  auto [first, second] = MemoryTransport::pair(loop);
  bool called = false;
  first->read_some([&](Result<Bytes>) { called = true; });
  first->write("x", [&](Result<void>) { called = true; });
  second->write("y", [](Result<void>) {});
  SUBCASE("closed") { first->close(); }
  SUBCASE("destroyed") { first.reset(); }
  loop.post([&] { loop.stop(); });
  loop.run();
  CHECK_FALSE(called);
}
