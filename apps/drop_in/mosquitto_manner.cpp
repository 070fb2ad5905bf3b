#include "drop_in/mosquitto_manner.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "drop_in/packet_words.hpp"

namespace mq {
namespace {

void write_line(int descriptor, std::string_view text) {
  std::string line(text);
  line += '\n';
  (void)!::write(descriptor, line.data(), line.size());
}

// What the system said, which stands behind the last colon of our texts, as it says it itself.
std::string system_words(std::string_view text) {
  const std::size_t colon = text.rfind(": ");
  std::string words(colon == text.npos ? text : text.substr(colon + 2));
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z')
    words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words;
}

}  // namespace

void MosquittoManner::say(std::string_view text) const {
  if (!settings_.log.quiet) write_line(STDERR_FILENO, text);
}

int MosquittoManner::say_code(DropInCode code) const {
  say(fmt::format("Error: {}", words_of(code)));
  return code;
}

int MosquittoManner::report(const Error& error) {
  const auto reason = static_cast<ReasonCode>(error.reason);
  switch (error.kind) {
    case ErrorKind::refused:
      return report_refusal(reason);
    case ErrorKind::resolve:
      say("Unable to connect (Lookup error).");
      return drop_in_failure;
    case ErrorKind::connect:
      return report_unreached(error);
    case ErrorKind::timeout:
      say("Error: Connection timed out");
      return drop_in_failure;
    case ErrorKind::tls:
      return say_code(drop_in_tls);
    case ErrorKind::protocol:
      return say_code(drop_in_protocol);
    case ErrorKind::malformed:
      return say_code(drop_in_malformed);
    case ErrorKind::lost:
      if (!is_failure(reason)) return say_code(drop_in_lost);
      say(fmt::format("Error: {}", words_of(reason)));
      return error.reason;
    case ErrorKind::denied:  // tell() has told
      return drop_in_done;
    case ErrorKind::payload:
      say(error.text);
      return drop_in_done;
    default:
      if (reason == ReasonCode::qos_not_supported) return say_code(drop_in_qos_not_supported);
      if (reason == ReasonCode::packet_too_large) return say_code(drop_in_too_large);
      say(error.text.starts_with("Error") || error.text.starts_with("Unable")
              ? error.text
              : fmt::format("Error: {}", error.text));
      return drop_in_failure;
  }
}

int MosquittoManner::report_refusal(ReasonCode reason) const {
  const Version version = settings_.client.session.version;
  say(fmt::format("Connection error: {}", refusal_words(reason, version)));
  if (role_ == DropInRole::pub) (void)say_code(version == Version::v5 ? drop_in_protocol : drop_in_refused);
  return refusal_code(reason, version);
}

int MosquittoManner::report_unreached(const Error& error) const {
  if (error.text.contains("proxy")) {
    if (error.text.contains("user name") || error.text.contains("log in"))
      return say_code(drop_in_credentials);
    if (error.text.contains("refused")) return say_code(drop_in_refused);
    return say_code(drop_in_proxy);
  }
  if (error.text.contains("TLS")) return say_code(drop_in_tls);
  if (error.text.starts_with("bind address")) {
    say("Error: Cannot assign requested address");
    return drop_in_failure;
  }
  say(fmt::format("Error: {}", system_words(error.text)));
  return drop_in_failure;
}

void MosquittoManner::tell(const Event& event) {
  if (const auto* published = std::get_if<Published>(&event)) {
    if (!is_failure(published->reason) || role_ == DropInRole::rr) return;
    // Both count what is published from 1.
    say(fmt::format("Warning: Publish {} failed: {}.", published->ticket, words_of(published->reason)));
    if (const auto why = published->properties.bytes(PropertyId::reason_string)) say(*why);
  } else if (const auto* subscribed = std::get_if<Subscribed>(&event)) {
    const Suback& suback = subscribed->suback;
    if (role_ == DropInRole::rr) {
      const auto code = static_cast<ReasonCode>(octet(suback.codes.front()));
      if (is_failure(code)) say(words_of(code));
      return;
    }
    if (settings_.debug && !settings_.log.quiet) {
      std::string codes;
      for (const char code : suback.codes)
        codes += fmt::format("{}{}", codes.empty() ? "" : ", ", octet(code));
      write_line(STDOUT_FILENO, fmt::format("Subscribed (mid: {}): {}", suback.packet_id, codes));
    }
    if (std::ranges::all_of(suback.codes, [](char code) { return octet(code) >= 0x80; }))
      say("All subscription requests were denied.");
  }
}

void MosquittoManner::trace(std::string_view line) { write_line(STDOUT_FILENO, line); }

TraceWords MosquittoManner::trace_words() {
  return [words = std::make_shared<PacketWords>(settings_.client.session.client_id)](
             Sender sender, const Packet& packet) { return (*words)(sender, packet); };
}

int MosquittoManner::exit_after_time_limit(bool established) {
  if (!established && role_ == DropInRole::sub) return 255;
  say("Timed out");
  return drop_in_timeout;
}

}  // namespace mq
