#include "bridge/mosquitto_conf.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "payload/text_file.hpp"

namespace mq {
namespace {

constexpr std::string_view blanks = " \t";

struct Known {
  std::string_view name, alias;
};

// Everything that mosquitto knows of a bridge but its name, addresses and topics.
constexpr std::array<Known, 40> known_options{{
    {"round_robin", {}},
    {"start_type", {}},
    {"threshold", {}},
    {"idle_timeout", {}},
    {"restart_timeout", {}},
    {"keepalive_interval", {}},
    {"bridge_tcp_keepalive", {}},
    {"bridge_tcp_user_timeout", {}},
    {"cleansession", {}},
    {"local_cleansession", {}},
    {"bridge_session_expiry_interval", {}},
    {"bridge_protocol_version", {}},
    {"try_private", {}},
    {"bridge_attempt_unsubscribe", {}},
    {"bridge_outgoing_retain", {}},
    {"bridge_max_packet_size", {}},
    {"bridge_receive_maximum", {}},
    {"bridge_max_topic_alias", {}},
    {"bridge_bind_address", {}},
    {"bridge_reload_type", {}},
    {"local_clientid", {}},
    {"remote_clientid", "clientid"},
    {"local_username", {}},
    {"local_password", {}},
    {"remote_username", "username"},
    {"remote_password", "password"},
    {"notifications", {}},
    {"notifications_local_only", {}},
    {"notification_topic", {}},
    {"bridge_cafile", {}},
    {"bridge_capath", {}},
    {"bridge_tls_use_os_certs", {}},
    {"bridge_certfile", {}},
    {"bridge_keyfile", {}},
    {"bridge_identity", {}},
    {"bridge_psk", {}},
    {"bridge_insecure", {}},
    {"bridge_require_ocsp", {}},
    {"bridge_alpn", {}},
    {"bridge_tls_version", {}},
}};
constexpr std::array<Known, 2> known_ciphers{{{"bridge_ciphers", {}}, {"bridge_ciphers_tls1.3", {}}}};

std::string_view canonical(std::string_view name) {
  const auto same = [name](const Known& one) { return one.name == name || one.alias == name; };
  if (const auto* found = std::ranges::find_if(known_options, same); found != known_options.end())
    return found->name;
  const auto* found = std::ranges::find_if(known_ciphers, same);
  return found == known_ciphers.end() ? std::string_view() : found->name;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  return first == text.npos ? std::string_view()
                            : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of(blanks), text.size());
  const std::string_view word = text.substr(0, end);
  text = trimmed(text.substr(end));
  return word;
}

// A word, or what stands between two quotation marks; nullopt: the second one is missing.
std::optional<std::string_view> take_quoted(std::string_view& text) {
  if (!text.starts_with('"')) return take_word(text);
  const std::size_t end = text.find('"', 1);
  if (end == text.npos) return std::nullopt;
  const std::string_view word = text.substr(1, end - 1);
  text = trimmed(text.substr(end + 1));
  return word;
}

Result<ConfTopic> topic_of(std::string_view text, const ConfPlace& place) {
  ConfTopic topic{.place = place};
  std::array<std::string, 5> parts;
  std::size_t count = 0;
  for (; !text.empty() && count < parts.size(); ++count) {
    const auto part = take_quoted(text);
    if (!part) return fail(ErrorKind::usage, "a quotation mark is missing");
    parts[count] = *part;
  }
  if (!text.empty()) return fail(ErrorKind::usage, fmt::format("{} is too much", mq::quoted(text)));
  if (count == 0) return fail(ErrorKind::usage, "there is no pattern");
  topic.pattern = std::move(parts[0]);
  topic.local_prefix = std::move(parts[3]);
  topic.remote_prefix = std::move(parts[4]);
  if (const std::string& direction = parts[1]; direction == "in")
    topic.direction = ConfTopic::Direction::in;
  else if (direction == "both")
    topic.direction = ConfTopic::Direction::both;
  else if (count > 1 && direction != "out")
    return fail(ErrorKind::usage, fmt::format("{} is neither in, out nor both", mq::quoted(direction)));
  const auto qos = count > 2 ? parse_number<unsigned>(parts[2]) : 0U;
  if (!qos || *qos > 2) return fail(ErrorKind::usage, fmt::format("{} is no QoS", mq::quoted(parts[2])));
  topic.qos = static_cast<QoS>(*qos);
  return topic;
}

class Reader {
 public:
  Result<void> read(const std::string& file, bool included) {
    const auto text = read_text_file(file, "the configuration");
    if (!text) return std::unexpected(text.error());
    parse(*text, file);
    for (; !included && !folders_.empty(); folders_.clear())
      for (const std::string& folder : std::exchange(folders_, {}))
        if (auto done = read_folder(folder); !done) return done;
    return {};
  }

  void parse(std::string_view text, const std::string& file) {
    place_ = {.file = file};
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++place_.line;
      line = trimmed(line);
      if (line.empty() || line.starts_with('#')) continue;
      const std::string_view name = take_word(line);
      take(name, line);
    }
  }

  MosquittoConf take_result() {
    for (const std::string& folder : folders_)
      conf_.notes.push_back({place_, fmt::format("include_dir {} was not looked into", mq::quoted(folder))});
    return std::move(conf_);
  }

 private:
  Result<void> read_folder(const std::string& folder) {
    constexpr std::size_t most_files = 1000;
    std::error_code error;
    std::vector<std::string> files;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
      if (entry->path().extension() == ".conf" && files.size() < most_files)
        files.push_back(entry->path().string());
    if (error) return fail(ErrorKind::usage, fmt::format("{}: {}", mq::quoted(folder), error.message()));
    std::ranges::sort(files);
    for (const std::string& file : files)
      if (auto done = read(file, true); !done) return done;
    return {};
  }

  void take(std::string_view name, std::string_view value) {
    if (name == "connection") {
      conf_.bridges.push_back({.name = std::string(value), .place = place_});
    } else if (name == "include_dir") {
      folders_.emplace_back(value);
    } else if (name == "listener" || name == "port") {
      const std::string_view port = take_word(value);
      conf_.listeners.push_back(
          {.host = std::string(name == "port" ? "" : value), .port = std::string(port)});
    } else if (name == "certfile" || name == "psk_file") {
      if (!conf_.listeners.empty()) conf_.listeners.back().tls = true;
    } else if (name == "address" || name == "addresses") {
      if (ConfBridge* bridge = current(name)) take_addresses(value, *bridge);
    } else if (name == "topic") {
      take_topic(value);
    } else if (const std::string_view known = canonical(name); !known.empty()) {
      take_option(name, known, value);
    } else if (name.starts_with("bridge_") ||
               (!conf_.bridges.empty() && (name.starts_with("remote_") || name.starts_with("local_")))) {
      note(fmt::format("{}: not known", mq::quoted(name)));
    }
  }

  // What would say more than that in a URL, such as a name and a password, is none.
  void take_addresses(std::string_view value, ConfBridge& bridge) {
    while (!value.empty()) {
      const std::string_view word = take_word(value);
      if (word.find_first_of("@/?#") == word.npos)
        bridge.addresses.emplace_back(word);
      else
        note(fmt::format("address: not carried over: {} is no host with its port", mq::quoted(word)));
    }
  }

  void take_topic(std::string_view value) {
    ConfBridge* bridge = current("topic");
    if (bridge == nullptr) return;
    auto topic = topic_of(value, place_);
    if (topic)
      bridge->topics.push_back(*std::move(topic));
    else
      note(fmt::format("topic: not carried over: {}", topic.error().text));
  }

  void take_option(std::string_view name, std::string_view known, std::string_view value) {
    // Outside a bridge these are a listener's or nobody's.
    if (name != known && conf_.bridges.empty()) return;
    ConfBridge* bridge = current(name);
    if (bridge == nullptr) return;
    std::erase_if(bridge->options, [known](const ConfOption& one) { return one.name == known; });
    bridge->options.push_back({std::string(known), std::string(value), place_});
  }

  // The bridge that an option is of.
  ConfBridge* current(std::string_view option) {
    if (!conf_.bridges.empty()) return &conf_.bridges.back();
    note(fmt::format("{}: stands before any connection", option));
    return nullptr;
  }

  void note(std::string text) {
    (conf_.bridges.empty() ? conf_.notes : conf_.bridges.back().notes).push_back({place_, std::move(text)});
  }

  MosquittoConf conf_;
  ConfPlace place_;
  std::vector<std::string> folders_;  // to be looked into
};

}  // namespace

std::string ConfPlace::text() const { return fmt::format("{}:{}", file, line); }

const ConfOption* ConfBridge::find(std::string_view option) const {
  const auto found = std::ranges::find(options, option, &ConfOption::name);
  return found == options.end() ? nullptr : &*found;
}

Result<MosquittoConf> read_mosquitto_conf(const std::string& file) {
  Reader reader;
  if (auto done = reader.read(file, false); !done) return std::unexpected(std::move(done.error()));
  return reader.take_result();
}

MosquittoConf parse_mosquitto_conf(std::string_view text, const std::string& file) {
  Reader reader;
  reader.parse(text, file);
  return reader.take_result();
}

}  // namespace mq
