#include "net/srv.hpp"

#include <atomic>
#include <map>
#include <random>
#include <stdexcept>

#include "net/name_server.hpp"
#include "net/srv_query.hpp"
#include "net/testing.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::string_literals;

namespace {

using Records = std::vector<SrvRecord>;

Result<std::vector<Endpoint>> look_up(SrvResolver resolver, const std::string& domain = "example.org",
                                      SrvService service = SrvService::mqtt) {
  GuardedLoop loop;
  Result<std::vector<Endpoint>> result;
  bool within = true;
  const SrvLookup lookup(loop, service, domain, std::move(resolver),
                         [&](Result<std::vector<Endpoint>> outcome) {
                           CHECK_FALSE(within);
                           result = std::move(outcome);
                           loop.stop();
                         });
  within = false;
  loop.run();
  return result;
}

std::string texts(const Result<std::vector<Endpoint>>& endpoints) {
  if (!endpoints) return endpoints.error().text;
  std::string all;
  for (const Endpoint& each : *endpoints) all += (all.empty() ? "" : " ") + each.text();
  return all;
}

SrvResolver fixed_records(Records records) {
  return [records](const std::string&) -> Result<Records> { return records; };
}

std::string targets(const std::optional<Records>& records) {
  if (!records) return "malformed";
  std::string all;
  for (const SrvRecord& each : *records) all += each.target + ' ';
  return all;
}

const std::string name = "_mqtt._tcp.example.org";

std::string message_with(const std::vector<std::string>& records) {
  return dns_answer(srv_query_message(name), records);
}

}  // namespace

TEST_CASE("SRV: the answer's records, whatever else it holds") {
  const std::string first = dns_record(same_name, srv_type, srv_data({10, 20, 1883, "a.example.org"}));
  const std::string cname = dns_record(same_name, 5, dns_name("other.example.org"));
  // Compressed: "b" and a pointer to "example.org" in the question's name.
  const std::string compressed = dns_record(
      dns_name(name), srv_type, in_16_bits(1) + in_16_bits(2) + in_16_bits(3) + "\x01"s + "b\xc0\x17");
  const std::string root = dns_record(same_name, srv_type, srv_data({0, 0, 0, ""}));
  const auto records = parse_srv_answer(message_with({cname, first, compressed, root}));
  REQUIRE(records.has_value());
  CHECK(targets(records) == "a.example.org b.example.org  ");
  CHECK((*records)[0].priority == 10);
  CHECK((*records)[0].weight == 20);
  CHECK((*records)[0].port == 1883);
  CHECK((*records)[1].port == 3);
  CHECK(targets(parse_srv_answer(message_with({}))).empty());
}

TEST_CASE("SRV: an answer that is malformed anywhere is none") {
  const auto with_data = [](const std::string& data) {
    return targets(parse_srv_answer(message_with({dns_record(same_name, srv_type, data)})));
  };
  const std::string numbers(6, '\x01');
  CHECK(with_data(numbers + dns_name("a")) == "a ");
  CHECK(with_data("") == "malformed");
  CHECK(with_data(numbers.substr(1)) == "malformed");
  CHECK(with_data(numbers) == "malformed");
  CHECK(with_data(numbers + dns_name("a") + "x") == "malformed");
  CHECK(with_data(numbers + "\x05" + "ab") == "malformed");
  CHECK(with_data(numbers + "\xc0\xff") == "malformed");       // points behind the end
  CHECK(with_data(numbers + "\xc0\x3a") == "malformed");       // points to itself
  CHECK(with_data(numbers + "\x80"s + "\0"s) == "malformed");  // no kind of label
  std::string too_long;
  for (int i = 0; i < 6; ++i) too_long += '\x3f' + std::string(63, 'a');
  CHECK(with_data(numbers + too_long + '\0') == "malformed");

  const std::string whole =
      message_with({dns_record(same_name, srv_type, srv_data({1, 2, 3, "a.example.org"}))});
  CHECK(targets(parse_srv_answer(whole)) == "a.example.org ");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(targets(parse_srv_answer(std::string(whole, 0, size))) == "malformed");
  }
  CHECK(targets(parse_srv_answer(std::string(65535, '\xff'))) == "malformed");
  CHECK(targets(parse_srv_answer(std::string(65535, '\xc0'))) == "malformed");
}

TEST_CASE("SRV: no bytes do harm") {
  const std::string whole = message_with(
      {dns_record(same_name, srv_type, srv_data({1, 2, 3, "a.example.org"})),
       dns_record(same_name, srv_type, in_16_bits(1) + in_16_bits(2) + in_16_bits(3) + "\xc0\x17")});
  std::minstd_rand random(2782);  // the same bytes each time
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    for (int change = 0; change < 4; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    static_cast<void>(parse_srv_answer(bytes));
  }
}

TEST_CASE("SRV: of very many records the first are taken") {
  const std::vector<std::string> many(
      3000, dns_record(same_name, srv_type, in_16_bits(1) + in_16_bits(2) + in_16_bits(3) + '\0'));
  CHECK(parse_srv_answer(message_with(many)).value().size() == 256);
}

TEST_CASE("SRV: priorities come in order, and weights are shares of the first place") {
  const Records records{
      {20, 5, 1, "late"}, {10, 30, 1, "a"}, {10, 10, 1, "b"}, {10, 0, 1, "never"}, {0, 0, 1, "first"}};
  constexpr int rounds = 4000;
  std::map<std::string, int> count;
  std::map<std::string, int> third;
  for (std::uint32_t seed = 1; seed <= rounds; ++seed) {
    const Records ordered = in_srv_order(records, seed * 2654435761U);
    REQUIRE(ordered.size() == 5);
    REQUIRE(ordered[0].target == "first");
    REQUIRE(ordered[4].target == "late");
    ++count[ordered[1].target];
    ++third[ordered[2].target];
  }
  CHECK(count["a"] + count["b"] + count["never"] == rounds);
  CHECK(count["a"] > rounds * 68 / 100);
  CHECK(count["a"] < rounds * 80 / 100);
  CHECK(count["never"] < rounds * 6 / 100);  // one in 41
  CHECK(third["never"] > 0);
  CHECK(in_srv_order({}, 1).empty());
}

TEST_CASE("SRV: what a domain's records come to") {
  std::string asked;
  const SrvResolver noting = [&asked](const std::string& what) -> Result<Records> {
    asked = what;
    return Records{{2, 0, 1884, "b.example.org"}, {1, 0, 1883, "a.example.org"}};
  };
  CHECK(texts(look_up(noting)) == "a.example.org:1883 b.example.org:1884");
  CHECK(asked == "_mqtt._tcp.example.org");
  CHECK(look_up(noting, "example.org", SrvService::secure_mqtt).has_value());
  CHECK(asked == "_secure-mqtt._tcp.example.org");

  const auto resolve_error = [](const SrvResolver& resolver) {
    const auto result = look_up(resolver);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind == ErrorKind::resolve);
    return result.error().text;
  };
  CHECK(resolve_error(fixed_records({})) == "'example.org' has no SRV record _mqtt._tcp");
  CHECK(resolve_error(fixed_records({{0, 0, 0, ""}})) == "'example.org' says that it offers no _mqtt._tcp");
  CHECK(resolve_error(fixed_records({{0, 0, 0, "a.example.org"}, {0, 0, 1883, "\x1b[2J"}})) ==
        "the SRV records _mqtt._tcp of 'example.org' name no host and port");
  CHECK(texts(look_up(fixed_records({{0, 0, 1, ""}, {1, 0, 1, "bad host"}, {2, 0, 1883, "good.test"}}))) ==
        "good.test:1883");
}

TEST_CASE("SRV: the resolver's troubles are passed on") {
  auto result =
      look_up([](const std::string&) -> Result<Records> { return fail(ErrorKind::connect, "no answer"); });
  CHECK(texts(result) == "no answer");
  result = look_up([](const std::string&) -> Result<Records> { throw std::runtime_error("out of order"); });
  CHECK(texts(result) == "cannot resolve '_mqtt._tcp.example.org': out of order");
}

TEST_CASE("SRV: what is no domain name is refused as usage, from the loop") {
  for (const std::string& domain :
       {""s, "a b"s, "a\0b"s, "192.0.2.1"s, "::1"s, "a..b"s, std::string(64, 'a'), "über.test"s, "[x]"s}) {
    CAPTURE(domain);
    const auto result = look_up(fixed_records({}), domain);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind == ErrorKind::usage);
    CHECK(result.error().text.ends_with(" is no domain name"));
  }
  CHECK(look_up(fixed_records({{0, 0, 1, "a"}}), "example.org.").has_value());
  CHECK(look_up(fixed_records({{0, 0, 1, "a"}}), "localhost").has_value());

  Loop loop;
  {
    const SrvLookup lookup(loop, SrvService::mqtt, "", {}, [](auto) { FAIL("called"); });
  }
  loop.run();
}

TEST_CASE("SRV: a name server is asked, and its answer understood") {
  std::string question;
  const NameServer server([&](const std::string& query, bool) {
    question = query.substr(12);
    return dns_answer(query, {dns_record(same_name, srv_type, srv_data({2, 0, 1884, "b.example.org"})),
                              dns_record(same_name, srv_type, srv_data({1, 0, 1883, "a.example.org"}))});
  });
  CHECK(texts(look_up(server.resolver())) == "a.example.org:1883 b.example.org:1884");
  CHECK(question.starts_with(dns_name(name) + in_16_bits(srv_type) + in_16_bits(1)));
}

TEST_CASE("SRV: an answer too long for a datagram comes over TCP") {
  std::atomic<int> over_tcp = 0;
  const NameServer server([&](const std::string& query, bool tcp) {
    if (!tcp) return dns_answer(query, {}, 0x8380);
    ++over_tcp;
    return dns_answer(query,
                      std::vector<std::string>(
                          100, dns_record(same_name, srv_type, srv_data({1, 0, 1883, "a.example.org"}))));
  });
  const auto result = look_up(server.resolver());
  REQUIRE(result.has_value());
  CHECK(result->size() == 100);
  CHECK(over_tcp == 1);
}

TEST_CASE("SRV: a name server that has none, or no answer") {
  struct Example {
    std::uint16_t flags;
    ErrorKind kind;
    std::string text;
  };
  const std::string none = "'example.org' has no SRV record _mqtt._tcp";
  const std::string cannot = "cannot resolve '_mqtt._tcp.example.org': ";
  const Example examples[] = {
      {0x8180, ErrorKind::resolve, none},
      {0x8183, ErrorKind::resolve, none},                                       // NXDOMAIN
      {0x8182, ErrorKind::connect, cannot + "the name server did not answer"},  // SERVFAIL
  };
  for (const Example& example : examples) {
    CAPTURE(example.flags);
    const NameServer server(
        [&](const std::string& query, bool) { return dns_answer(query, {}, example.flags); });
    const auto result = look_up(server.resolver());
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind == example.kind);
    CHECK(result.error().text == example.text);
  }
  const NameServer odd([](const std::string& query, bool) {
    return dns_answer(query, {dns_record(same_name, srv_type, "x")});
  });
  CHECK(texts(look_up(odd.resolver())) == cannot + "the name server's answer is malformed");
}

TEST_CASE("SRV: a silent name server delays nobody") {
  std::atomic<bool> asked = false;
  Loop loop;
  const Time start = Clock::now();
  {
    const NameServer server([&](const std::string&, bool) {
      asked = true;
      asked.notify_all();
      return ""s;
    });
    const SrvLookup lookup(loop, SrvService::mqtt, "example.org", server.resolver(),
                           [](auto) { FAIL("called"); });
    asked.wait(false);
  }
  loop.run();
  CHECK(Clock::now() - start < std::chrono::seconds(4));  // the resolver itself waits for five
}

TEST_CASE("SRV: a look-up may be destroyed by its own handler") {
  GuardedLoop loop;
  std::unique_ptr<SrvLookup> lookup;
  lookup = std::make_unique<SrvLookup>(loop, SrvService::mqtt, "example.org",
                                       fixed_records({{0, 0, 1883, "a.example.org"}}), [&](auto result) {
                                         lookup.reset();
                                         CHECK(texts(result) == "a.example.org:1883");
                                         loop.stop();
                                       });
  loop.run();
  CHECK(lookup == nullptr);
}
