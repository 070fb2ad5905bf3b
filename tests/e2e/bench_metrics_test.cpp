// What --metrics tells of a run while it goes on.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <thread>

#include "e2e/bench_run.hpp"
#include "peers/file_handle.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

constexpr std::uint16_t port = 9100;

// An address that only this test process listens at.
std::string own_address() {
  const int pid = static_cast<int>(::getpid());
  return "127.77." + std::to_string(pid >> 8 & 0xFF) + "." + std::to_string(1 + (pid & 0xFF) % 254);
}

sockaddr_in place_of(const std::string& address, std::uint16_t number) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(number);
  ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
  return place;
}

// The whole answer; empty while nobody listens.
std::string answer_to(const std::string& path) {
  const FileHandle socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in place = place_of(own_address(), port);
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) return {};
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  (void)!::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL);
  std::string answer;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(socket.get(), buffer, sizeof buffer, 0)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(got));
  return answer;
}

using Samples = std::map<std::string, double>;

// By name with labels. Every line is one that OpenMetrics knows, and of a family that was announced.
Samples samples_of(const std::string& answer) {
  static const std::regex sample(R"(([a-z_0-9]+)(\{[a-z_0-9]+="[^"]*"(,[a-z_0-9]+="[^"]*")*\})? (\S+))");
  Samples samples;
  const std::size_t body = answer.find("\r\n\r\n");
  REQUIRE(body != std::string::npos);
  CHECK(answer.ends_with("\n# EOF\n"));
  std::istringstream lines(answer.substr(body + 4));
  std::string family;
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    if (line.starts_with("# TYPE ")) family = line.substr(7, line.find(' ', 7) - 7);
    if (line.starts_with("# ")) continue;
    std::smatch parts;
    REQUIRE(std::regex_match(line, parts, sample));
    CHECK(parts[1].str().starts_with(family));
    samples[parts[1].str() + parts[2].str()] = std::stod(parts[4]);
  }
  return samples;
}

bool counts_up(const std::string& name) {
  const std::string bare = name.substr(0, name.find('{'));
  return bare.ends_with("_total") || bare.ends_with("_bucket") || bare.ends_with("_count");
}

double sum_of(const Samples& samples, const std::string& name) {
  double sum = 0;
  for (const auto& [each, value] : samples)
    if (each.substr(0, each.find('{')) == name) sum += value;
  return sum;
}

// The next answer that tells of more messages than `before`.
Samples scrape(double before) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    if (const std::string answer = answer_to("/metrics"); !answer.empty()) {
      CHECK(answer.starts_with("HTTP/1.1 200 "));
      CHECK(holds(answer, "application/openmetrics-text; version=1.0.0; charset=utf-8"));
      Samples samples = samples_of(answer);
      if (sum_of(samples, "mqttkit_bench_messages_sent_total") > before) return samples;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw PeerFailure("the metrics do not change");
}

}  // namespace

TEST_CASE("metrics are OpenMetrics text that only counts up, to what the report says") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Launch launch = bench("pubsub", broker.port(),
                        {"-c", "3", "-q", "1", "--rate", "100", "-d", "4", "--metrics",
                         own_address() + ":" + std::to_string(port), "--output", "json"});
  Process process(launch);
  Samples before = scrape(0);
  for (int times = 0; times < 2; ++times) {
    const Samples after = scrape(sum_of(before, "mqttkit_bench_messages_sent_total"));
    for (const auto& [name, value] : before) {
      CAPTURE(name);
      REQUIRE(after.contains(name));
      if (counts_up(name)) CHECK(after.at(name) >= value);
    }
    before = after;
  }
  CHECK(answer_to("/other").starts_with("HTTP/1.1 404 "));
  CHECK(answer_to("/").starts_with("HTTP/1.1 404 "));
  const Outcome outcome = process.wait();
  CHECK(outcome.code == 0);
  const auto report = nlohmann::json::parse(outcome.out);
  const auto within = [&](const char* metric, double whole) {
    CAPTURE(metric);
    CHECK(sum_of(before, metric) > 0);
    CHECK(sum_of(before, metric) <= whole);
  };
  const auto& messages = report["messages"]["qos1"];
  within("mqttkit_bench_messages_sent_total", messages["sent"]);
  within("mqttkit_bench_messages_received_total", messages["received"]);
  within("mqttkit_bench_messages_acknowledged_total", messages["acknowledged"]);
  CHECK(sum_of(before, "mqttkit_bench_connected_total") == 6);
  CHECK(report["counts"]["connected"] == 6);
}

TEST_CASE("a port for metrics that is in use is told before the load begins") {
  const FileHandle taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const FileHandle server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  std::uint16_t numbers[2] = {};
  for (int i = 0; i < 2; ++i) {
    const int socket = i == 0 ? taken.get() : server.get();
    sockaddr_in place = place_of(i == 0 ? "0.0.0.0" : "127.0.0.1", 0);
    socklen_t size = sizeof place;
    REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0);
    REQUIRE(::listen(socket, 10) == 0);
    REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&place), &size) == 0);
    numbers[i] = ntohs(place.sin_port);
  }
  const Outcome outcome =
      run(bench("pubsub", numbers[1], {"-c", "1", "-d", "1", "--metrics", ":" + std::to_string(numbers[0])}));
  CHECK(failed_with(outcome, 1, "in use"));
  CHECK(outcome.out.empty());
  CHECK(::accept(server.get(), nullptr, nullptr) < 0);
}
