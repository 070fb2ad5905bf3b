#include "sub/figure_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "payload/json.hpp"
#include "payload/json_text.hpp"

namespace mq {
namespace {

constexpr std::string_view mosquitto_root = "$SYS/broker/";
constexpr std::string_view emqx_root = "$SYS/brokers/";
// A server may send anything: so many topics beside the known ones are kept, and so much of a value.
constexpr std::size_t most_others = 1000;
constexpr std::size_t most_nodes = 100;
constexpr std::size_t longest_value = 200;

constexpr std::array<FigureRow, 42> rows{{
    {"version", "version", "", "version", "version"},
    {"description", "description", "", "", "sysdescr"},
    {"uptime", "uptime", "s", "uptime", "uptime"},
    {"clients_connected", "clients connected", "", "clients/connected", "stats/connections/count"},
    {"clients_disconnected", "clients disconnected", "", "clients/disconnected", ""},
    {"clients_total", "clients in all", "", "clients/total", "stats/sessions/count"},
    {"clients_maximum", "most clients at once", "", "clients/maximum", "stats/connections/max"},
    {"clients_expired", "clients expired", "", "clients/expired", ""},
    {"subscriptions", "subscriptions", "", "subscriptions/count", "stats/subscriptions/count"},
    {"shared_subscriptions", "shared subscriptions", "", "shared_subscriptions/count",
     "stats/subscriptions/shared/count"},
    {"topics", "topics", "", "", "stats/topics/count"},
    {"retained", "retained messages", "", "retained messages/count", "stats/retained/count"},
    {"stored", "messages stored", "", "store/messages/count", ""},
    {"stored_bytes", "messages stored", "bytes", "store/messages/bytes", ""},
    {"packets_received", "packets received", "", "messages/received", "metrics/packets/received"},
    {"packets_sent", "packets sent", "", "messages/sent", "metrics/packets/sent"},
    {"publishes_received", "messages received", "", "publish/messages/received", "metrics/messages/received"},
    {"publishes_sent", "messages sent", "", "publish/messages/sent", "metrics/messages/sent"},
    {"publishes_dropped", "messages dropped", "", "publish/messages/dropped", "metrics/messages/dropped"},
    {"bytes_received", "received", "bytes", "bytes/received", "metrics/bytes/received"},
    {"bytes_sent", "sent", "bytes", "bytes/sent", "metrics/bytes/sent"},
    {"publish_bytes_received", "payloads received", "bytes", "publish/bytes/received", ""},
    {"publish_bytes_sent", "payloads sent", "bytes", "publish/bytes/sent", ""},
    {"load_publishes_received_1", "messages received, 1 min", "per minute", "load/publish/received/1min", ""},
    {"load_publishes_received_5", "messages received, 5 min", "per minute", "load/publish/received/5min", ""},
    {"load_publishes_received_15", "messages received, 15 min", "per minute", "load/publish/received/15min",
     ""},
    {"load_publishes_sent_1", "messages sent, 1 min", "per minute", "load/publish/sent/1min", ""},
    {"load_publishes_sent_5", "messages sent, 5 min", "per minute", "load/publish/sent/5min", ""},
    {"load_publishes_sent_15", "messages sent, 15 min", "per minute", "load/publish/sent/15min", ""},
    {"load_publishes_dropped_1", "messages dropped, 1 min", "per minute", "load/publish/dropped/1min", ""},
    {"load_bytes_received_1", "received, 1 min", "bytes per minute", "load/bytes/received/1min", ""},
    {"load_bytes_received_5", "received, 5 min", "bytes per minute", "load/bytes/received/5min", ""},
    {"load_bytes_received_15", "received, 15 min", "bytes per minute", "load/bytes/received/15min", ""},
    {"load_bytes_sent_1", "sent, 1 min", "bytes per minute", "load/bytes/sent/1min", ""},
    {"load_bytes_sent_5", "sent, 5 min", "bytes per minute", "load/bytes/sent/5min", ""},
    {"load_bytes_sent_15", "sent, 15 min", "bytes per minute", "load/bytes/sent/15min", ""},
    {"load_connections_1", "connections, 1 min", "per minute", "load/connections/1min", ""},
    {"load_connections_5", "connections, 5 min", "per minute", "load/connections/5min", ""},
    {"load_connections_15", "connections, 15 min", "per minute", "load/connections/15min", ""},
    {"load_sockets_1", "sockets opened, 1 min", "per minute", "load/sockets/1min", ""},
    {"heap", "heap", "bytes", "heap/current", ""},
    {"heap_maximum", "heap, most", "bytes", "heap/maximum", ""},
}};

constexpr std::size_t uptime_row = 2;
constexpr std::size_t first_figure = 3;  // the rows before it count nothing

// The node of EMQX that `topic` is about, "" when none.
std::string_view node_of(std::string_view topic) {
  if (!topic.starts_with(emqx_root)) return {};
  topic.remove_prefix(emqx_root.size());
  return topic.substr(0, topic.find('/'));
}

// Whether a topic that has no row is one that counts something. EMQX says where it does.
bool counts(std::string_view topic) {
  if (!topic.starts_with("$SYS/brokers")) return true;
  return topic.contains("/stats/") || topic.contains("/metrics/");
}

// Where `topic` stands in the table; rows.size() when nowhere.
std::size_t row_of(std::string_view topic) {
  const auto find = [](std::string_view name, std::string_view FigureRow::* of) {
    const auto row = name.empty() ? rows.end() : std::ranges::find(rows, name, of);
    return static_cast<std::size_t>(row - rows.begin());
  };
  if (topic.starts_with(mosquitto_root))
    return find(topic.substr(mosquitto_root.size()), &FigureRow::mosquitto);
  if (!topic.starts_with(emqx_root)) return rows.size();
  const std::size_t node = topic.find('/', emqx_root.size());
  if (node == topic.npos) return rows.size();
  std::string name(topic.substr(node + 1));  // versions of EMQX differ in whether dots separate its parts
  std::ranges::replace(name, '.', '/');
  return find(name, &FigureRow::emqx);
}

bool is_whole_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// In the unit of the table: mosquitto says "1234 seconds", EMQX milliseconds or a text of several units.
std::string in_seconds(std::string_view value, bool emqx) {
  constexpr std::string_view seconds = " seconds";
  if (value.ends_with(seconds))
    if (const auto number = value.substr(0, value.size() - seconds.size()); is_whole_number(number))
      return std::string(number);
  if (emqx && is_whole_number(value))
    return value.size() > 3 ? std::string(value.substr(0, value.size() - 3)) : "0";
  return std::string(value);
}

std::string_view unit_of(std::size_t row, std::string_view value) {
  return row == uptime_row && !is_whole_number(value) ? std::string_view() : rows[row].unit;
}

std::string fit_for_terminal(std::string_view text) {
  const std::string safe = quoted(text, longest_value);
  return safe.substr(1, safe.rfind('\'') - 1).append(safe.ends_with("...") ? "..." : "");
}

void append_member(std::string_view name, std::string_view value, Buffer& out) {
  append_json_string(name, out);
  out += ':';
  if (const auto number = parse_json(value); number && number->kind == Value::Kind::number)
    out += number->text;
  else
    append_json_string(is_utf8(value) ? std::string(value) : fit_for_terminal(value), out);
}

}  // namespace

bool FigureTable::take(std::string_view topic, std::string_view value) {
  if (!topic.starts_with("$SYS/")) return false;
  value = value.substr(0, longest_value);
  if (const std::size_t row = row_of(topic); row < rows.size()) {
    const std::string_view node = node_of(topic);
    if (nodes_.size() >= most_nodes && !nodes_.contains(node)) return true;
    counted_ = counted_ || row >= first_figure;
    nodes_[std::string(node)][row] = row == uptime_row ? in_seconds(value, !node.empty()) : value;
  } else if (others_.size() < most_others || others_.contains(topic)) {
    counted_other_ = counted_other_ || counts(topic);
    others_.insert_or_assign(std::string(topic), std::string(value));
  }
  return true;
}

// At least one: what is not known may be all there is.
std::vector<FigureTable::Table> FigureTable::tables() const {
  static const Known none;
  std::vector<Table> tables;
  for (const auto& [node, known] : nodes_) tables.push_back({node, &known, tables.empty()});
  if (tables.empty()) tables.push_back({{}, &none, true});
  return tables;
}

// Whether a topic that is not known stands in that table; the first has all that are of no table's node.
bool FigureTable::belongs(std::string_view topic, const Table& table) const {
  const std::string_view node = node_of(topic);
  return node == table.node || (table.first && !nodes_.contains(node));
}

void FigureTable::append_text(bool all, Buffer& out) const {
  struct Line {
    std::string label, value;
    std::string_view unit;
  };
  std::vector<Line> lines;
  for (const Table& table : tables()) {
    if (nodes_.size() > 1 && !table.node.empty()) lines.push_back({fit_for_terminal(table.node), {}, {}});
    for (const auto& [row, value] : *table.known)
      lines.push_back({std::string(rows[row].label), fit_for_terminal(value), unit_of(row, value)});
    if (!all) continue;
    for (const auto& [topic, value] : others_)
      if (belongs(topic, table)) lines.push_back({fit_for_terminal(topic), fit_for_terminal(value), {}});
  }
  std::size_t label_width = 0;
  std::size_t value_width = 0;
  for (const Line& line : lines) {
    constexpr std::size_t widest_number = 20;  // a long text must not push all numbers to the right
    label_width = std::max(label_width, line.label.size());
    if (line.value.size() <= widest_number) value_width = std::max(value_width, line.value.size());
  }
  for (const Line& line : lines) {
    if (line.value.empty() && line.unit.empty()) {
      out.append(line.label) += '\n';
      continue;
    }
    fmt::format_to(std::back_inserter(out), "{:<{}}  {:>{}}", line.label, label_width, line.value,
                   value_width);
    if (!line.unit.empty()) out.append(" ").append(line.unit);
    out += '\n';
  }
}

void FigureTable::append_json(std::string_view head, bool all, Buffer& out) const {
  for (const Table& table : tables()) {
    out += head;
    if (!table.node.empty()) {
      out += R"(,"node":)";
      append_json_string(is_utf8(table.node) ? std::string(table.node) : fit_for_terminal(table.node), out);
    }
    for (const auto& [row, value] : *table.known) {
      out += ',';
      append_member(rows[row].key, value, out);
    }
    if (all) {
      out += R"(,"other":{)";
      bool first = true;
      for (const auto& [topic, value] : others_) {
        if (!belongs(topic, table)) continue;
        if (!std::exchange(first, false)) out += ',';
        append_member(topic, value, out);
      }
      out += '}';
    }
    out += "}\n";
  }
}

}  // namespace mq
