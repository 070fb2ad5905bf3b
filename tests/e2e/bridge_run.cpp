#include "e2e/bridge_run.hpp"

#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <set>
#include <sstream>
#include <thread>

#include "peers/failure.hpp"

namespace mq {

MosquittoConfig keeping_broker() {
  return {.persistence = true, .lines = "max_queued_messages 0\nmax_inflight_messages 100\n"};
}

MosquittoConfig ordering_broker() {
  return {.persistence = true, .lines = "max_queued_messages 0\nmax_inflight_messages 0\n"};
}

std::string bridge_file(const std::vector<std::uint16_t>& ports, const std::string& top,
                        const std::string& endpoint, const std::string& routes) {
  return bridge_file(ports, top, std::vector<std::string>(ports.size(), endpoint), routes);
}

std::string bridge_file(const std::vector<std::uint16_t>& ports, const std::string& top,
                        const std::vector<std::string>& endpoints, const std::string& routes) {
  std::string text = "name = \"bridge\"\n" + top + "\n";
  for (std::size_t i = 0; i < ports.size(); ++i)
    text += fmt::format("[endpoint.{}]\nhost = \"127.0.0.1\"\nport = {}\nretry-delay = \"0.05:0.5\"\n{}\n",
                        static_cast<char>('a' + i), ports[i], endpoints[i]);
  return text + routes;
}

Launch bridge(const std::string& file, const std::string& program) {
  return Launch{.command = {program, "-c", file}};
}
Launch bridge(const std::string& file) { return bridge(file, MQTT_BRIDGE); }

std::uint32_t number_asked(const char* name, std::uint32_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

void await_bridge(Process& process, std::size_t connections) {
  std::size_t from = 0;
  for (std::size_t i = 0; i < connections; ++i) {
    process.await_err(": connected to ", from);
    from = process.err().find(": connected to ", from) + 1;
  }
}

std::string Numbered::lines() const {
  std::string text;
  for (std::size_t number = 0; number < each; ++number)
    for (std::size_t topic = 0; topic < topics; ++topic)
      for (int qos = 0; qos < 3; ++qos)
        text += fmt::format(R"({{"topic":"n/{}/{}","payload":"{}","qos":{}}})"
                            "\n",
                            qos, topic, number, qos);
  return text;
}

CarriedVerdict judge_carried(const Numbered& expected, int qos, const std::string& out) {
  std::map<std::string, std::set<std::size_t>> seen;
  std::map<std::string, std::size_t> next;  // one above the greatest that came
  CarriedVerdict verdict;
  std::istringstream lines(out);
  std::string topic;
  std::size_t number = 0;
  const std::string prefix = fmt::format("n/{}/", qos);
  while (lines >> topic >> number) {
    if (!topic.starts_with(prefix)) continue;
    if (number >= expected.each) ++verdict.strange;
    if (!seen[topic].insert(number).second)
      ++verdict.doubled;
    else if (number < next[topic])
      ++verdict.reordered;
    else
      next[topic] = number + 1;
  }
  std::size_t came = 0;
  for (const auto& [of, numbers] : seen) came += numbers.size();
  verdict.lost = expected.topics * expected.each - came;
  return verdict;
}

void await_carried(const Numbered& expected, int qos, const Process& checker) {
  using namespace std::chrono_literals;
  auto limit = std::chrono::steady_clock::now() + patience;
  std::size_t judged = 0;
  while (true) {
    const std::string out = checker.out();
    if (out.size() != judged) {
      judged = out.size();
      limit = std::chrono::steady_clock::now() + patience;
      if (judge_carried(expected, qos, out).lost == 0) return;
    }
    if (std::chrono::steady_clock::now() > limit)
      throw PeerFailure(fmt::format("{} messages at QoS {} are still missing",
                                    judge_carried(expected, qos, out).lost, qos));
    std::this_thread::sleep_for(50ms);
  }
}

}  // namespace mq
