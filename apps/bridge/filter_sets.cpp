#include "bridge/filter_sets.hpp"

namespace mq {
namespace {

// A wildcard in front takes in no topic that begins with a dollar.
bool out_of_reach(std::string_view wildcard, std::string_view filter) {
  return (wildcard.starts_with('+') || wildcard.starts_with('#')) && filter.starts_with('$');
}

}  // namespace

std::optional<std::string_view> take_level(std::optional<std::string_view>& text) {
  if (!text) return std::nullopt;
  const std::size_t slash = text->find('/');
  const std::string_view level = text->substr(0, slash);
  text = slash == text->npos ? std::nullopt : std::optional(text->substr(slash + 1));
  return level;
}

bool covers(std::string_view wide, std::string_view narrow) {
  if (out_of_reach(wide, narrow)) return false;
  std::optional left(wide), right(narrow);
  while (true) {
    const auto ours = take_level(left), theirs = take_level(right);
    if (ours == "#" || (!ours && !theirs)) return true;
    if (!ours || !theirs || theirs == "#") return false;
    if (ours != "+" && ours != theirs) return false;
  }
}

bool overlap(std::string_view one, std::string_view other) {
  if (out_of_reach(one, other) || out_of_reach(other, one)) return false;
  std::optional left(one), right(other);
  while (true) {
    const auto a = take_level(left), b = take_level(right);
    if (a == "#" || b == "#" || (!a && !b)) return true;
    if (!a || !b) return false;
    if (a != "+" && b != "+" && a != b) return false;
  }
}

}  // namespace mq
