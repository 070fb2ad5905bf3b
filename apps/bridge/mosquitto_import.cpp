#include "bridge/mosquitto_import.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "bridge/filter_sets.hpp"
#include "bridge/imported_endpoint.hpp"
#include "bridge/plan_check.hpp"
#include "bridge/plan_file.hpp"

namespace mq {
namespace {

using Direction = ConfTopic::Direction;

// Topics of one direction and QoS: a route of ours.
struct ImportedRoute {
  std::string name, from, to;
  QoS qos = QoS::at_most_once;
  bool keep_retain = true;
  std::vector<std::pair<TopicRule, std::string>> rules;  // as TOML has them
};

std::string rule_text(const ConfTopic& topic, std::string_view from_prefix, std::string_view to_prefix) {
  if (from_prefix.empty() && to_prefix.empty()) return toml_text(topic.pattern);
  return fmt::format("{{ pattern = {}, from-prefix = {}, to-prefix = {} }}", toml_text(topic.pattern),
                     toml_text(from_prefix), toml_text(to_prefix));
}

class Writer {
 public:
  Writer(const MosquittoConf& conf, std::string_view name, bool secrets)
      : conf_(conf), name_(name), secrets_(secrets) {}

  Result<ImportedBridge> run() {
    note_all(conf_.notes);
    names_.insert(std::string(local_name));
    for (const ConfBridge& bridge : conf_.bridges) take(bridge);
    if (routes_.empty())
      return fail(ErrorKind::usage, "there is no bridge to import: no connection with addresses and topics");
    const bool shared = std::ranges::any_of(routes_, [](const ImportedRoute& route) {
      return route.from == local_name || route.to == local_name;
    });
    if (shared) endpoints_.insert(endpoints_.begin(), local_endpoint());
    return check(write());
  }

 private:
  static constexpr std::string_view local_name = "local";

  void note_all(const std::vector<ConfNote>& notes) {
    notes_.insert(notes_.end(), notes.begin(), notes.end());
  }

  std::string unused_name(std::string_view wanted) {
    std::string name = as_name(wanted);
    for (int i = 2; !names_.insert(name).second; ++i) name = fmt::format("{}-{}", as_name(wanted), i);
    return name;
  }

  // The server whose configuration this is, with nothing of its own yet.
  ImportedEndpoint local_endpoint() const {
    ImportedEndpoint endpoint{.name = std::string(local_name), .keys = {}, .notes = {}};
    const auto plain = std::ranges::find(conf_.listeners, false, &ConfListener::tls);
    const ConfListener* listener = plain != conf_.listeners.end() ? &*plain
                                   : conf_.listeners.empty()      ? nullptr
                                                                  : &conf_.listeners.front();
    if (listener != nullptr && listener->port == "0" && listener->host.starts_with('/')) {
      endpoint.add("unix", toml_text(listener->host));
      return endpoint;
    }
    const bool any = listener == nullptr || listener->host.empty() || listener->host == "0.0.0.0" ||
                     listener->host == "::";
    endpoint.add("host", toml_text(any ? "localhost" : std::string_view(listener->host)));
    const auto port = listener == nullptr ? std::optional<std::uint16_t>(1883)
                                          : parse_number<std::uint16_t>(listener->port);
    endpoint.add("port", fmt::format("{}", port && *port > 0 ? *port : 1883));
    if (listener != nullptr && listener->tls)
      endpoint.notes.push_back({{}, "its listener speaks TLS: add tls = true, and cafile if need be"});
    return endpoint;
  }

  void take(const ConfBridge& bridge) {
    if (bridge.addresses.empty() || bridge.topics.empty()) {
      note_all(bridge.notes);
      notes_.push_back(
          {bridge.place, fmt::format("connection {}: not carried over: it has no {}", quoted(bridge.name),
                                     bridge.addresses.empty() ? "address" : "topic")});
      return;
    }
    ImportedEnds ends = import_ends(bridge, secrets_);
    ends.remote.name = unused_name(bridge.name);
    std::string local(local_name);
    if (!ends.local.keys.empty()) {
      ImportedEndpoint own = local_endpoint();
      own.name = local = unused_name(fmt::format("{}-{}", local_name, ends.remote.name));
      own.keys.insert(own.keys.end(), ends.local.keys.begin(), ends.local.keys.end());
      endpoints_.push_back(std::move(own));
    }
    const std::size_t before = routes_.size();
    for (const ConfTopic& topic : bridge.topics) {
      if (topic.direction != Direction::in) add(topic, ends, ends.remote.name, local, true, before);
      if (topic.direction != Direction::out) add(topic, ends, ends.remote.name, local, false, before);
    }
    if (!ends.status_topic.empty()) {
      if (status_topic_.empty())
        status_topic_ = ends.status_topic;
      else if (status_topic_ != ends.status_topic)
        ends.remote.notes.push_back(
            {bridge.place, "notification_topic: not carried over: there is one already"});
    }
    endpoints_.push_back(std::move(ends.remote));
    if (routes_.size() == before)
      endpoints_.back().notes.push_back({bridge.place, "none of its topics is carried over"});
  }

  void add(const ConfTopic& topic, ImportedEnds& ends, const std::string& remote, const std::string& local,
           bool out, std::size_t first) {
    const std::string& from_prefix = out ? topic.local_prefix : topic.remote_prefix;
    const std::string& to_prefix = out ? topic.remote_prefix : topic.local_prefix;
    const auto refuse = [&ends, &topic](const std::string& why) {
      ends.remote.notes.push_back({topic.place, fmt::format("topic: not carried over: {}", why)});
    };
    auto rule = TopicRule::prefixes(topic.pattern, from_prefix, to_prefix);
    if (!rule) return refuse(rule.error().text);
    const std::string from = out ? local : remote, to = out ? remote : local;
    ImportedRoute* route = nullptr;
    for (std::size_t i = first; i < routes_.size(); ++i) {
      ImportedRoute& other = routes_[i];
      if (other.from != from) continue;
      for (const auto& [theirs, text] : other.rules)
        if (theirs.filter() == rule->filter() ||
            (other.qos == topic.qos && theirs.keeps_topics() && covers(theirs.filter(), rule->filter())))
          return refuse(fmt::format("{} stands before it and takes all its topics", quoted(theirs.text())));
      if (other.qos == topic.qos) route = &other;
    }
    if (route == nullptr) {
      const std::string name = fmt::format("{}-{}", remote, out ? "out" : "in");
      const bool named = std::ranges::find(routes_, name, &ImportedRoute::name) == routes_.end();
      routes_.push_back({.name = named ? name : fmt::format("{}-{}", name, static_cast<int>(topic.qos)),
                         .from = from,
                         .to = to,
                         .qos = topic.qos,
                         .keep_retain = !out || ends.retain_out,
                         .rules = {}});
      route = &routes_.back();
    }
    std::string text = rule_text(topic, from_prefix, to_prefix);
    route->rules.emplace_back(*std::move(rule), std::move(text));
  }

  // Comments for whoever reads the file; control characters could end one early.
  void write_notes(const std::vector<ConfNote>& notes, std::string& text) {
    for (const ConfNote& note : notes) {
      std::string line =
          note.place.file.empty() ? note.text : fmt::format("{}: {}", note.place.text(), note.text);
      std::ranges::replace_if(line, [](char c) { return octet(c) < ' ' || octet(c) == 0x7F; }, ' ');
      text += fmt::format("# {}\n", line);
    }
  }

  std::string write() {
    std::string text =
        "# Made of mosquitto's configuration by mqtt-bridge import. What is not as it was there:\n";
    const std::size_t length = text.size();
    write_notes(notes_, text);
    for (const ImportedEndpoint& endpoint : endpoints_) write_notes(endpoint.notes, text);
    if (text.size() == length) text += "# nothing\n";
    text += fmt::format("\nname = {}\n", toml_text(name_));
    if (!status_topic_.empty()) text += fmt::format("status-topic = {}\n", toml_text(status_topic_));
    for (const ImportedEndpoint& endpoint : endpoints_) {
      text += fmt::format("\n[endpoint.{}]\n", toml_text(endpoint.name));
      for (const auto& [key, value] : endpoint.keys) text += fmt::format("{} = {}\n", key, value);
    }
    for (const ImportedRoute& route : routes_) {
      text += fmt::format("\n[[route]]\nname = {}\nfrom = {}\nto = {}\nqos = {}\n", toml_text(route.name),
                          toml_text(route.from), toml_text(route.to), static_cast<int>(route.qos));
      if (!route.keep_retain) text += "retain = \"clear\"\n";
      text += "topics = [\n";
      for (const auto& [rule, line] : route.rules) text += fmt::format("  {},\n", line);
      text += "]\n";
    }
    return text;
  }

  // What mosquitto would refuse too, such as a key without its certificate.
  Result<ImportedBridge> check(std::string text) {
    const std::string file = "the configuration made of it";
    const auto root = parse_toml(text, file);
    if (!root) return std::unexpected(root.error());
    bool secret = false;
    const auto nowhere = [](const char*) { return "/"; };
    if (auto plan = make_plan(*root, file, nowhere, secret); !plan) return std::unexpected(plan.error());
    ImportedBridge made{.toml = std::move(text), .notes = notes_};
    for (const ImportedEndpoint& endpoint : endpoints_)
      made.notes.insert(made.notes.end(), endpoint.notes.begin(), endpoint.notes.end());
    return made;
  }

  const MosquittoConf& conf_;
  std::string name_;
  bool secrets_;
  std::vector<ConfNote> notes_;
  std::vector<ImportedEndpoint> endpoints_;
  std::vector<ImportedRoute> routes_;
  std::set<std::string> names_;
  std::string status_topic_;
};

}  // namespace

std::string as_name(std::string_view text) {
  std::string name;
  constexpr std::size_t longest = 40;  // what is put before and behind it has room
  for (const char c : text.substr(0, longest))
    name += check_name(std::string_view(&c, 1)) || c == '.' ? c : '-';
  if (name.empty() || name.front() == '.') name.insert(name.begin(), '-');
  return name;
}

Result<ImportedBridge> import_mosquitto(const MosquittoConf& conf, std::string_view name, bool secrets) {
  return Writer(conf, as_name(name), secrets).run();
}

}  // namespace mq
