#include "load/data_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "shared/file.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr std::uint64_t largest_file = 256U << 20;
// What templates know already.
constexpr std::array<std::string_view, 11> taken{"client",  "number", "seq",    "run", "count", "time",
                                                 "time_ms", "uuid",   "random", "env", "file"};

// Takes a text apart in place: what was in quotes gets shorter.
class Rows {
 public:
  explicit Rows(std::vector<char>& text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool done() const { return at_ == end_; }
  std::size_t line() const { return line_; }

  // The cells of the next line, appended. An error is a fragment.
  std::optional<std::string> next(std::vector<std::string_view>& cells) {
    while (true) {
      std::string_view cell;
      if (at_ != end_ && *at_ == '"') {
        if (auto wrong = take_quoted(cell)) return wrong;
      } else {
        char* const begin = at_;
        at_ = std::find_if(at_, end_, [](char c) { return c == ',' || c == '\n' || c == '"'; });
        if (at_ != end_ && *at_ == '"') return "a quote in the middle of a value";
        cell = {begin, static_cast<std::size_t>(at_ - begin)};
        if ((at_ == end_ || *at_ == '\n') && cell.ends_with('\r')) cell.remove_suffix(1);
      }
      cells.push_back(cell);
      if (at_ == end_) return std::nullopt;
      if (*at_++ == '\n') {
        ++line_;
        return std::nullopt;
      }
    }
  }

 private:
  std::optional<std::string> take_quoted(std::string_view& cell) {
    char* to = ++at_;
    char* const begin = to;
    while (true) {
      if (at_ == end_) return "a quote that does not end";
      if (*at_ == '"') {
        if (at_ + 1 == end_ || at_[1] != '"') break;
        ++at_;
      }
      if (*at_ == '\n') ++line_;
      *to++ = *at_++;
    }
    cell = {begin, static_cast<std::size_t>(to - begin)};
    ++at_;
    if (at_ != end_ && *at_ == '\r') ++at_;
    if (at_ != end_ && *at_ != ',' && *at_ != '\n') return "text behind a quoted value";
    return std::nullopt;
  }

  char* at_;
  char* end_;
  std::size_t line_ = 1;
};

}  // namespace

Result<DataTable> DataTable::read(const std::string& path) {
  auto text = read_file(path, largest_file);
  if (!text) return std::unexpected(std::move(text.error()));
  return parse(*text, path);
}

Result<DataTable> DataTable::parse(Bytes text, const std::string& name) {
  DataTable table;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  table.text_.assign(text.begin(), text.end());
  Rows rows(table.text_);
  while (!rows.done()) {
    const std::size_t line = rows.line(), before = table.cells_.size();
    if (const auto wrong = rows.next(table.cells_))
      return usage(fmt::format("{}:{}: {}", name, line, *wrong));
    const std::size_t count = table.cells_.size() - before;
    if (count == 1 && table.cells_.back().empty() && table.columns_ != 1) {
      table.cells_.pop_back();  // a line with nothing in it
      continue;
    }
    if (table.columns_ == 0) table.columns_ = count;
    if (count != table.columns_)
      return usage(fmt::format("{}:{}: {} value{}, but {} name{} in the first line", name, line, count,
                               count == 1 ? "" : "s", table.columns_, table.columns_ == 1 ? "" : "s"));
  }
  if (table.rows() == 0)
    return usage(fmt::format("{} holds no rows", name), "its first line is names, every other one a row");
  const auto names = table.names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::ranges::find(taken, names[i]) != taken.end())
      return usage(fmt::format("{}: {{{}}} is something else in a template already", name, names[i]),
                   "give that column another name");
    if (std::ranges::find(names.first(i), names[i]) != names.first(i).end())
      return usage(fmt::format("{}: two columns are called {}", name, quoted(names[i])));
  }
  return table;
}

}  // namespace mq
