// The table that people read: what matters of each metric in columns, all else behind it.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "base/text.hpp"
#include "payload/json.hpp"
#include "payload/protobuf/rfc3339.hpp"
#include "payload/protobuf/sparkplug_view.hpp"

namespace mq {
namespace {

constexpr std::size_t widest = 40;

struct Cell {
  Part part = Part::punctuation;
  std::string text{};
};

struct Row {
  std::array<Cell, 4> columns{};  // name, type, value, time
  std::vector<Cell> notes{};
};

// As many places as it takes on a terminal, for the scripts that have one for each character.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (octet(c) & 0xC0U) != 0x80; }));
}

// Plain when a terminal may have it as it is, else quoted.
std::string safe(const std::string& text) {
  Buffer quoted;
  Ink ink(quoted, {});
  put_quoted(ink, Part::text, text);
  return quoted.size() == text.size() + 2 ? text : quoted;
}

std::string time_text(const Value& milliseconds) {
  const auto number = parse_number<std::int64_t>(milliseconds.text);
  if (!number) return milliseconds.text;
  const auto whole = std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds(*number)).count();
  const auto rest = static_cast<std::int32_t>(*number - whole * 1000);
  return rfc3339({whole, rest * 1'000'000}).value_or(milliseconds.text);
}

std::string json_text(const Value& value) {
  Buffer out;
  append_json(value, out);
  return out;
}

Part part_of(const Value& value) {
  switch (value.kind) {
    case Value::Kind::number:
      return Part::number;
    case Value::Kind::text:
    case Value::Kind::bytes:
      return Part::text;
    case Value::Kind::array:
    case Value::Kind::object:
      return Part::punctuation;
    default:
      return Part::word;
  }
}

Cell value_cell(const Value& metric) {
  const Value* value = metric.member("value");
  const Value* type = metric.member("type");
  if (value == nullptr) return {};
  if (value->kind == Value::Kind::number && type != nullptr && type->text == "DateTime")
    return {Part::number, time_text(*value)};
  // Not null, as JSON has to say: a number that is none, or infinite.
  if (value->kind == Value::Kind::number) return {Part::number, value->text};
  return {part_of(*value), json_text(*value)};
}

Row row_of(const Value& metric) {
  Row row;
  const Value* name = metric.member("name");
  const Value* alias = metric.member("alias");
  const Value* type = metric.member("type");
  if (name != nullptr) {
    row.columns[0] = {Part::name, name->kind == Value::Kind::bytes ? json_text(*name) : safe(name->text)};
  } else {
    row.columns[0] = {Part::note, alias != nullptr ? "alias " + alias->text : "no name"};
  }
  if (type != nullptr) row.columns[1] = {Part::punctuation, type->text};
  row.columns[2] = value_cell(metric);
  if (const Value* time = metric.member("timestamp")) row.columns[3] = {Part::number, time_text(*time)};
  for (const Value& item : metric.items) {
    if (item.name == "historical" || item.name == "transient") {
      row.notes.push_back({Part::note, item.name});
    } else if (item.name == "metadata" || item.name == "properties" || item.name.starts_with('#')) {
      row.notes.push_back({Part::note, item.name + " " + json_text(item)});
    }
  }
  return row;
}

void write_header(const Value& view, Ink& ink) {
  std::string text;
  for (const Value& item : view.items) {
    if (item.name == "metrics") continue;
    if (!text.empty()) text += "  ";
    if (item.name == "timestamp") {
      text += "time " + time_text(item);
    } else {
      text += item.name + " " + (item.kind == Value::Kind::text ? safe(item.text) : json_text(item));
    }
  }
  ink.put(Part::note, text.empty() ? "no time and no sequence number" : text);
}

void write_row(const Row& row, const std::array<std::size_t, 4>& widths, Ink& ink) {
  std::size_t gap = 0;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const Cell& cell = row.columns[i];
    if (widths[i] == 0) continue;
    const std::size_t width = width_of(cell.text);
    if (width > 0) {
      ink.out().append(gap, ' ');
      ink.put(cell.part, cell.text);
      gap = 0;
    }
    gap += 2 + widths[i] - std::min(width, widths[i]);
  }
  for (const Cell& note : row.notes) {
    ink.out().append(gap, ' ');
    ink.put(note.part, note.text);
    gap = 2;
  }
}

void write_on_one_line(const Row& row, Ink& ink) {
  ink.put(Part::punctuation, "; ");
  ink.put(row.columns[0].part, row.columns[0].text);
  if (!row.columns[1].text.empty()) ink.put(Part::note, " " + row.columns[1].text);
  if (!row.columns[2].text.empty()) {
    ink.put(Part::punctuation, " = ");
    ink.put(row.columns[2].part, row.columns[2].text);
  }
  if (!row.columns[3].text.empty()) ink.put(Part::note, " at " + row.columns[3].text);
  for (const Cell& note : row.notes) ink.put(Part::note, " " + note.text);
}

}  // namespace

void write_sparkplug_table(const Value& view, Ink& ink) {
  write_header(view, ink);
  const Value* metrics = view.member("metrics");
  if (metrics == nullptr) return;
  std::vector<Row> rows;
  for (const Value& metric : metrics->items) rows.push_back(row_of(metric));
  std::array<std::size_t, 4> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], std::min(widest, width_of(row.columns[i].text)));
  for (const Row& row : rows) {
    if (ink.lines()) {
      ink.new_line(0);
      write_row(row, widths, ink);
    } else {
      write_on_one_line(row, ink);
    }
  }
}

}  // namespace mq
