// Arbitrary bytes as what a name server, a proxy, an HTTP server or a broker answers before a connection
// stands. The first byte chooses who speaks, the second how the rest is cut.
#include <cstdint>

#include "client/scram.hpp"
#include "client/servers.hpp"
#include "net/http_answer.hpp"
#include "net/proxy.hpp"
#include "net/proxy_talk.hpp"
#include "net/srv_query.hpp"

namespace {

using namespace mq;

ProxyRequest request(ProxyOptions::Kind kind, bool credentials) {
  const auto given = [credentials](const char* text) {
    return credentials ? std::optional<std::string>(text) : std::nullopt;
  };
  return {.proxy = {.kind = kind,
                    .host = "proxy",
                    .port = 1080,
                    .user_name = given("user"),
                    .password = given("hush")},
          .host = "broker",
          .port = 1883};
}

// Fed in pieces; what was taken is never more than what was there, and an error says something but the
// secret.
void talk(ProxyTalk& side, Bytes input, std::size_t piece) {
  (void)side.opening();
  const bool said_by_peer = input.contains("hush");
  Buffer held;
  while (!input.empty()) {
    held += input.substr(0, piece);
    input.remove_prefix(std::min(piece, input.size()));
    while (!held.empty()) {
      const auto step = side.received(held);
      if (!step) {
        if (step.error().text.empty() || (!said_by_peer && step.error().text.contains("hush")))
          __builtin_trap();
        return;
      }
      if (step->taken > held.size()) __builtin_trap();
      if (step->agreed) return;
      if (step->taken == 0) break;
      held.erase(0, step->taken);
    }
  }
}

void answer(Bytes input, std::size_t piece) {
  HttpAnswer http;
  while (!input.empty()) {
    const auto state = http.put(input.substr(0, piece));
    input.remove_prefix(std::min(piece, input.size()));
    if (!state) {
      if (state.error().text.empty()) __builtin_trap();
      return;
    }
    if (*state == HttpAnswer::State::header) continue;
    if (http.text().empty() || http.header().size() > 8192 + piece) __builtin_trap();
    (void)http.field("Sec-WebSocket-Accept");
    if (*state == HttpAnswer::State::complete) return;
  }
}

void exchange(Bytes input) {
  const std::size_t cut = std::min(input.find('\0'), input.size());
  Scram scram(Hash::sha256, "user", "hush", "rOprNGfwEbeRWgbNEkqO");
  if (!scram.begin()) return;
  // Iterations cost time, and none of them is ours.
  if (!input.substr(0, cut).contains("i=4096")) {
    const auto said = scram.answer(input.substr(0, cut));
    if (said && said->contains("hush")) __builtin_trap();
  }
  if (scram.finish(input.substr(std::min(cut + 1, input.size())))) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Bytes input(reinterpret_cast<const char*>(data + 2), size - 2);
  const std::size_t piece = 1U + data[1];
  switch (data[0] % 8) {
    case 0:
      if (const auto records = parse_srv_answer(input)) {
        if (records->size() > 256 || in_srv_order(*records, data[1]).size() != records->size())
          __builtin_trap();
      }
      break;
    case 1:
    case 2:
      talk(*talk_socks5(request(ProxyOptions::Kind::socks5, data[0] % 8 == 2)), input, piece);
      break;
    case 3:
      talk(*talk_http_connect(request(ProxyOptions::Kind::http, true)), input, piece);
      break;
    case 4:
      answer(input, piece);
      break;
    case 5:
      if (const auto endpoint = parse_reference(input, 1883)) {
        if (endpoint->host.empty() || endpoint->port == 0) __builtin_trap();
      }
      break;
    case 6:
      exchange(input);
      break;
    default:
      (void)parse_proxy(input);
      (void)bypasses_proxy(input, "host.example.org", 1883);
      break;
  }
  return 0;
}
