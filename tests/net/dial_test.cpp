#include "net/dial.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <vector>

#include "net/address.hpp"
#include "net/testing.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::chrono_literals;

namespace {

// A listener that leaves further calls unanswered, since nobody takes those that fill its backlog.
class BlackHole {
 public:
  explicit BlackHole(const std::string& address, std::uint16_t port = 0) : listener_(address, port, 0) {
    const Address to = numeric_address(address, listener_.port()).value();
    for (auto& caller : callers_) {
      caller = Open(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      ::connect(caller.number(), to.get(), to.size);
    }
  }
  Endpoint endpoint() const { return listener_.endpoint(); }
  std::uint16_t port() const { return listener_.port(); }

 private:
  Listener listener_;
  std::array<Open, 4> callers_;
};

}  // namespace

TEST_CASE("an endpoint's text is what a person would type") {
  CHECK(Endpoint{"broker.example", 1883}.text() == "broker.example:1883");
  CHECK(Endpoint{"127.0.0.1", 8883}.text() == "127.0.0.1:8883");
  CHECK(Endpoint{"::1", 1883}.text() == "[::1]:1883");
  CHECK(Endpoint{"ignored", 1, "/run/broker.sock"}.text() == "/run/broker.sock");
}

TEST_CASE("localhost is both loopback addresses, and nobody is asked for it") {
  GuardedLoop loop;
  DialOptions options;
  options.resolver = [](const std::string&) -> Result<std::vector<std::string>> {
    return fail(ErrorKind::resolve, "asked");
  };
  for (const char* address : {"127.0.0.1", machine_has_ipv6() ? "::1" : "127.0.0.1"}) {
    for (const char* name : {"localhost", "LocalHost.", "broker.localhost"}) {
      const Listener listener(address);
      const auto near = dial(loop, {name, listener.port()}, options);
      REQUIRE(near.has_value());
      CHECK((*near)->peer() == listener.endpoint().text());
    }
  }
}

TEST_CASE("an IPv6 address may have a zone, as number and as name") {
  GuardedLoop loop;
  if (!machine_has_ipv6()) return;
  const Listener listener("::1");
  CHECK(dial(loop, {"::1%1", listener.port()}).has_value());
  CHECK(dial(loop, {"::1%lo", listener.port()}).has_value());
}

TEST_CASE("a refusal is told in one line") {
  GuardedLoop loop;
  if (!machine_has_ipv6()) return;
  const Listener refusing("::", 0, Listener::refuse_all);  // over IPv4, too
  const std::uint16_t port = refusing.port();
  SUBCASE("one address") {
    const Error error = dial_error(loop, {"127.0.0.1", port});
    CHECK(error.kind == ErrorKind::connect);
    CHECK(error.text == "cannot connect to 127.0.0.1:" + std::to_string(port) + ": connection refused");
  }
  SUBCASE("several that say the same") {
    const Error error = dial_error(loop, {"localhost", port});
    CHECK(error.text == "cannot connect to localhost:" + std::to_string(port) + ": connection refused");
  }
  SUBCASE("several that differ") {
    const Error error =
        dial_error(loop, {"mixed.test", port}, {.resolver = fixed({"255.255.255.255", "127.0.0.1"})});
    CHECK(error.text == "cannot connect to mixed.test:" + std::to_string(port) +
                            ": 255.255.255.255: network is unreachable; 127.0.0.1: connection refused");
  }
}

TEST_CASE("an address that does not answer is given up in time") {
  GuardedLoop loop;
  const BlackHole hole("127.0.0.1");
  const Time start = loop.now();
  const Error error = dial_error(loop, hole.endpoint(), {.timeout = 50ms});
  CHECK(error.kind == ErrorKind::timeout);
  CHECK(error.text == "cannot connect to " + hole.endpoint().text() + ": no answer within 0.05 s");
  CHECK(loop.now() - start >= 50ms);
}

TEST_CASE("a timeout tells of the addresses that did answer") {
  GuardedLoop loop;
  if (!machine_has_ipv6()) return;
  const BlackHole hole("127.0.0.2");
  const Error error =
      dial_error(loop, {"half.test", hole.port()}, {.timeout = 1s, .resolver = fixed({"::1", "127.0.0.2"})});
  CHECK(error.kind == ErrorKind::timeout);
  CHECK(error.text == "cannot connect to half.test:" + std::to_string(hole.port()) +
                          ": no answer within 1 s; ::1: connection refused");
}

TEST_CASE("an address that does not answer is overtaken by the next one after a quarter of a second") {
  GuardedLoop loop;
  const BlackHole hole("127.0.0.2");
  const Listener listener("127.0.0.1", hole.port());
  const Time start = loop.now();
  const auto near = dial(loop, {"slow.test", hole.port()}, {.resolver = fixed({"127.0.0.2", "127.0.0.1"})});
  REQUIRE(near.has_value());
  CHECK((*near)->peer() == listener.endpoint().text());
  CHECK(loop.now() - start >= 250ms);
}

TEST_CASE("after a refusal the next address is tried at once") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  // A quarter of a second for each of those before it would be far too much.
  std::vector<std::string> addresses;
  for (int last = 2; last < 102; ++last) addresses.push_back("127.0.0." + std::to_string(last));
  addresses.emplace_back("127.0.0.1");
  const auto near =
      dial(loop, {"refused.test", listener.port()}, {.timeout = 10s, .resolver = fixed(addresses)});
  REQUIRE(near.has_value());
  CHECK((*near)->peer() == listener.endpoint().text());
}

TEST_CASE("the families are tried in turn, beginning with the resolver's first") {
  GuardedLoop loop;
  if (!machine_has_ipv6()) return;
  // The error lists the addresses in the order in which they were tried.
  const Listener refusing("::", 0, Listener::refuse_all);
  const std::uint16_t port = refusing.port();
  const Error error = dial_error(loop, {"order.test", port},
                                 {.resolver = fixed({"127.0.0.1", "127.0.0.2", "255.255.255.255", "::1"})});
  const auto place = [&](std::string_view address) { return error.text.find(address); };
  CHECK(place(" 127.0.0.1:") < place(" ::1:"));
  CHECK(place(" ::1:") < place(" 127.0.0.2:"));
  CHECK(place(" 127.0.0.2:") < place(" 255.255.255.255:"));
  CHECK(error.text.contains(" 255.255.255.255:"));
}

TEST_CASE("what the resolver says is passed on") {
  GuardedLoop loop;
  SUBCASE("its error") {
    const Error error = dial_error(loop, {"no-such.test", 1883}, {.resolver = [](const std::string& host) {
                                     return Result<std::vector<std::string>>(fail(
                                         ErrorKind::resolve, "cannot resolve '" + host + "': no such host"));
                                   }});
    CHECK(error.kind == ErrorKind::resolve);
    CHECK(error.text == "cannot resolve 'no-such.test': no such host");
  }
  SUBCASE("no address") {
    const Error error = dial_error(loop, {"empty.test", 1883}, {.resolver = fixed({})});
    CHECK(error.kind == ErrorKind::connect);
    CHECK(error.text == "cannot resolve 'empty.test': no address");
  }
  SUBCASE("an exception") {
    const Error error = dial_error(loop, {"odd.test", 1883},
                                   {.resolver = [](const std::string&) -> Result<std::vector<std::string>> {
                                     throw std::runtime_error("out of order");
                                   }});
    CHECK(error.kind == ErrorKind::connect);
    CHECK(error.text == "cannot resolve 'odd.test': out of order");
  }
}

TEST_CASE("other names are asked of the system's resolver") {
  GuardedLoop loop;
  SUBCASE("which knows an old way to write an address") {
    const Listener listener("127.0.0.1");
    const auto near = dial(loop, {"127.1", listener.port()});
    REQUIRE(near.has_value());
    CHECK((*near)->peer() == listener.endpoint().text());
  }
  SUBCASE("which needs no name server to know that this is none") {
    const Error error = dial_error(loop, {"no host", 1883});
    CHECK(error.kind == ErrorKind::resolve);
    CHECK(error.text == "cannot resolve 'no host': no such host");
  }
}

namespace {

// A resolver that says nothing until it is let go.
struct SilentServer {
  Resolver resolver() const {
    return [asked = asked, answer = answer](const std::string&) -> Result<std::vector<std::string>> {
      asked->store(true);
      asked->notify_all();
      answer->wait(false);
      return std::vector<std::string>{"127.0.0.1"};
    };
  }
  ~SilentServer() {
    answer->store(true);
    answer->notify_all();
  }
  std::shared_ptr<std::atomic<bool>> asked = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<std::atomic<bool>> answer = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

TEST_CASE("a silent name server delays nobody: not the timeout, not the loop's end") {
  const SilentServer server;
  const Time start = Clock::now();
  {
    GuardedLoop loop;
    const Error error =
        dial_error(loop, {"silent.test", 1883}, {.timeout = 30ms, .resolver = server.resolver()});
    CHECK(error.kind == ErrorKind::timeout);
    CHECK(error.text == "cannot resolve 'silent.test': the name server did not answer within 0.03 s");
  }
  CHECK(Clock::now() - start < 10s);
}

TEST_CASE("a dial that is destroyed during the look-up keeps no loop running and is never called") {
  const SilentServer server;
  bool called = false;
  {
    Loop loop;
    {
      const Dial dialling(loop, {"silent.test", 1883}, {.resolver = server.resolver()},
                          [&](auto) { called = true; });
      server.asked->wait(false);
    }
    loop.run();
  }
  CHECK_FALSE(called);
}

// Run by the next test in a process of its own.
TEST_CASE("(process) ends while a name server is silent" * doctest::skip()) {
  static const SilentServer* const server = new SilentServer;  // for ever silent
  Loop loop;
  const Dial dialling(loop, {"silent.test", 1883}, {.resolver = server->resolver()}, [](auto) {});
  server->asked->wait(false);
}

TEST_CASE("a silent name server does not delay the process's end") {
  std::array<std::string, 3> words{"/proc/self/exe", "--no-skip", "--test-case=(process) ends while*"};
  std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
  posix_spawn_file_actions_t quiet;
  REQUIRE(::posix_spawn_file_actions_init(&quiet) == 0);
  REQUIRE(::posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0);
  pid_t process = 0;
  REQUIRE(::posix_spawn(&process, words[0].c_str(), &quiet, nullptr, arguments.data(), environ) == 0);
  ::posix_spawn_file_actions_destroy(&quiet);
  int status = -1;
  REQUIRE(::waitpid(process, &status, 0) == process);
  CHECK(status == 0);
}

TEST_CASE("an answer that comes after the dial has gone goes nowhere") {
  auto server = std::make_unique<SilentServer>();
  const auto answered = server->answer;
  bool called = false;
  GuardedLoop loop;
  {
    const Dial dialling(loop, {"silent.test", 1883}, {.resolver = server->resolver()},
                        [&](auto) { called = true; });
  }
  server.reset();
  Timer enough(loop);
  enough.set(loop.now() + 5ms, [&] { loop.stop(); });
  loop.run();
  CHECK_FALSE(called);
}

TEST_CASE("a dial may wait for ever") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  CHECK(dial(loop, listener.endpoint(), {.timeout = Duration::max()}).has_value());
}

TEST_CASE("a name is resolved and connected to") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  const auto near = dial(loop, {"broker.test", listener.port()}, {.resolver = fixed({"127.0.0.1"})});
  REQUIRE(near.has_value());
  CHECK((*near)->peer() == listener.endpoint().text());
}

TEST_CASE("a destroyed dial never calls, even when the connection was made") {
  Loop loop;
  const Listener listener("127.0.0.1");
  bool called = false;
  auto dialling =
      std::make_unique<Dial>(loop, listener.endpoint(), DialOptions{}, [&](auto) { called = true; });
  SUBCASE("before") {}
  SUBCASE("when the kernel has answered") {
    loop.post([&] { dialling.reset(); });
  }
  SUBCASE("one turn later") {
    loop.post([&] { loop.post([&] { dialling.reset(); }); });
    loop.run();
    return;
  }
  dialling.reset();
  loop.run();
  CHECK_FALSE(called);
}

TEST_CASE("a dial may be destroyed by its own handler") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  std::unique_ptr<Transport> near;
  std::unique_ptr<Dial> dialling;
  dialling = std::make_unique<Dial>(loop, listener.endpoint(), DialOptions{}, [&](auto result) {
    dialling.reset();
    near = std::move(result.value());
    loop.stop();
  });
  CHECK(near == nullptr);
  loop.run();
  CHECK(near != nullptr);
}

TEST_CASE("a Unix socket's troubles are told in the system's words") {
  GuardedLoop loop;
  const std::string path = unused_path();
  Error error = dial_error(loop, {"", 0, path});
  CHECK(error.kind == ErrorKind::connect);
  CHECK(error.text == "cannot connect to " + path + ": no such file or directory");

  error = dial_error(loop, {"", 0, "@" + path});
  CHECK(error.kind == ErrorKind::connect);
  CHECK(error.text == "cannot connect to @" + path + ": connection refused");

  {
    const Listener listener(path);
    REQUIRE(::chmod(path.c_str(), 0) == 0);
    const uid_t user = ::geteuid();
    if (user == 0) REQUIRE(::seteuid(65534) == 0);  // root may everything
    error = dial_error(loop, listener.endpoint());
    REQUIRE(::seteuid(user) == 0);
    CHECK(error.text == "cannot connect to " + path + ": permission denied");
  }

  error = dial_error(loop, {"", 0, "/dev/null"});
  CHECK(error.text == "cannot connect to /dev/null: connection refused");
}

TEST_CASE("a Unix socket with a full backlog is tried again until there is room") {
  GuardedLoop loop;
  const Listener listener(unused_path(), 0, 0);
  const auto first = dial(loop, listener.endpoint());
  REQUIRE(first.has_value());
  const Error error = dial_error(loop, listener.endpoint(), {.timeout = 30ms});
  CHECK(error.kind == ErrorKind::timeout);

  Timer later(loop);
  Open accepted;
  later.set(loop.now() + 30ms, [&] { accepted = listener.accept(); });
  CHECK(dial(loop, listener.endpoint()).has_value());
}

TEST_CASE("no descriptors left is an error like any other") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  // The loop's own ones must be there already.
  REQUIRE(dial(loop, listener.endpoint()).has_value());
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const Open lowest(::dup(0));
  const rlimit none{.rlim_cur = static_cast<rlim_t>(lowest.number()), .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const auto by_address = dial(loop, listener.endpoint());
  const auto by_name = dial(loop, {"broker.test", 1883}, {.resolver = fixed({"127.0.0.1"})});
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE_FALSE(by_address.has_value());
  CHECK(by_address.error().text ==
        "cannot connect to " + listener.endpoint().text() + ": too many open files");
  REQUIRE_FALSE(by_name.has_value());
  CHECK(by_name.error().text == "cannot resolve 'broker.test': too many open files");
}
