// The keywords of one kind of value each.
#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "payload/schema/canonical.hpp"
#include "payload/schema/check.hpp"
#include "payload/schema/told.hpp"

namespace mq {
namespace {

// Characters, of which UTF-8 needs one to four bytes each.
std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (octet(c) & 0xC0U) != 0x80; }));
}

// The text itself, or the base64 of bytes, kept in `room`.
std::string_view text_of(const Value& value, std::string& room) {
  if (value.kind != Value::Kind::bytes) return value.text;
  room = to_base64(value.text);
  return room;
}

// The names of an object's members, each once, sorted when they are needed.
class Names {
 public:
  explicit Names(const Value& object) : object_(object) {}

  bool contain(std::string_view name) {
    constexpr std::size_t few = 16;
    if (object_.items.size() <= few) return object_.member(name) != nullptr;
    sort();
    return std::ranges::binary_search(sorted_, name);
  }
  // Only as exact as `rule` needs.
  std::size_t count(const SizeRule& rule) {
    const std::size_t at_most = object_.items.size();
    if (at_most < 2 || (rule.least <= 1 && at_most <= rule.most)) return at_most;
    sort();
    return sorted_.size();
  }

 private:
  void sort() {
    if (!sorted_.empty()) return;
    sorted_.reserve(object_.items.size());
    for (const Value& member : object_.items) sorted_.push_back(member.name);
    std::ranges::sort(sorted_);
    const auto [first, last] = std::ranges::unique(sorted_);
    sorted_.erase(first, last);
  }

  const Value& object_;
  std::vector<std::string_view> sorted_;
};

}  // namespace

bool SchemaCheck::choice(const ChoiceRules& rules, const Value& value, const Place& place) {
  std::string room;
  bool found = false;
  if (kind_in_json(value) == Value::Kind::text) {
    found = std::ranges::binary_search(rules.texts, text_of(value, room), std::less<>());
  } else if (!rules.others.empty()) {
    found = append_canonical(value, rules.longest, room) && std::ranges::binary_search(rules.others, room);
    spend(room.size());
  }
  return found || wrong(place, rules.rule, [&] { return std::pair(rules.expected, found_text(value)); });
}

bool SchemaCheck::number(const NumberRules& rules, const Value& value, const Place& place) {
  bool ok = true;
  const auto bound = [&](const std::optional<Limit>& limit, bool (*fits)(std::partial_ordering),
                         std::string_view rule, std::string_view words) {
    if (!limit || fits(limit->order_of(value.text))) return true;
    return go_on(ok, wrong(place, rule, [&] {
                   return std::pair(fmt::format("{} {}", words, limit->spelling()), found_text(value));
                 }));
  };
  if (!bound(rules.minimum, std::is_gteq, "minimum", "at least") ||
      !bound(rules.maximum, std::is_lteq, "maximum", "at most") ||
      !bound(rules.above, std::is_gt, "exclusiveMinimum", "more than") ||
      !bound(rules.below, std::is_lt, "exclusiveMaximum", "less than"))
    return false;
  if (rules.divisor && !rules.divisor->divides(value.text))
    return wrong(place, "multipleOf", [&] {
      return std::pair(fmt::format("a multiple of {}", rules.divisor->spelling()), found_text(value));
    });
  return ok;
}

bool SchemaCheck::text(const TextRules& rules, const Value& value, const Place& place) {
  std::string room;
  const std::string_view text = text_of(value, room);
  spend(text.size() / 4);
  bool ok = true;
  // No more characters than bytes, and no fewer than a quarter of them.
  if (text.size() > rules.size.most || text.size() / 4 < rules.size.least) {
    const std::size_t length = length_of(text);
    if (length > rules.size.most && !go_on(ok, wrong(place, "maxLength", [&] {
                                             return std::pair(
                                                 "at most " + counted(rules.size.most, "character"),
                                                 counted(length, "character"));
                                           })))
      return false;
    if (length < rules.size.least &&
        !go_on(ok, wrong(
                       place, "minLength",
                       [&] {
                         return std::pair("at least " + counted(rules.size.least, "character"),
                                          counted(length, "character"));
                       })))
      return false;
  }
  if (rules.pattern && !rules.pattern->matches(text) &&
      !go_on(ok, wrong(place, "pattern", [&] {
               return std::pair("text that matches " + quoted(rules.pattern->spelling()), found_text(value));
             })))
    return false;
  if (rules.format != nullptr && !rules.format(text))
    return wrong(place, "format", [&] { return std::pair(rules.format_name, found_text(value)); });
  return ok;
}

bool SchemaCheck::array(const ArrayRules& rules, const Value& value, const Place& place) {
  const std::size_t size = value.items.size();
  bool ok = true;
  if (size > rules.size.most && !go_on(ok, wrong(place, "maxItems", [&] {
                                         return std::pair("at most " + counted(rules.size.most, "element"),
                                                          counted(size, "element"));
                                       })))
    return false;
  if (size < rules.size.least && !go_on(ok, wrong(
                                                place, "minItems",
                                                [&] {
                                                  return std::pair(
                                                      "at least " + counted(rules.size.least, "element"),
                                                      counted(size, "element"));
                                                })))
    return false;
  for (std::size_t i = 0; i < size; ++i) {
    const bool listed = i < rules.tuple.size();
    const SchemaNode* node = listed ? rules.tuple[i] : rules.rest;
    if (node == nullptr) break;
    const Place here = {.up = &place, .index = i};
    if (!go_on(ok, holds(*node, value.items[i], here, listed ? "items" : rules.rest_rule))) return false;
  }
  if (rules.contains != nullptr) {
    bool found = false;
    for (std::size_t i = 0; i < size && !found; ++i) {
      const Place here = {.up = &place, .index = i};
      found = holds_quietly(*rules.contains, value.items[i], here);
    }
    if (!found && !go_on(ok, wrong(place, "contains", [&] {
                           return std::pair(std::string("an element as the schema describes"),
                                            "none among " + counted(size, "element"));
                         })))
      return false;
  }
  return (!rules.unique || size < 2 || unique(value, place)) && ok;
}

// By sorting what equal elements have in common.
bool SchemaCheck::unique(const Value& value, const Place& place) {
  if (endless_) return false;
  std::string all;
  std::vector<std::size_t> ends;
  ends.reserve(value.items.size());
  for (const Value& item : value.items) {
    (void)append_canonical(item, std::numeric_limits<std::size_t>::max(), all);
    ends.push_back(all.size());
  }
  // Arrays within arrays are spelt out once for each level.
  spend(all.size());
  if (over_) return endless(place);
  const auto text = [&](std::size_t i) {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(all).substr(begin, ends[i] - begin);
  };
  std::vector<std::size_t> order(ends.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const int by_text = text(a).compare(text(b));
    return by_text != 0 ? by_text < 0 : a < b;
  });
  const auto twice =
      std::ranges::adjacent_find(order, [&](std::size_t a, std::size_t b) { return text(a) == text(b); });
  if (twice == order.end()) return true;
  return wrong(place, "uniqueItems", [&] {
    return std::pair(std::string("elements that all differ"),
                     fmt::format("elements {} and {} are equal", *twice, *(twice + 1)));
  });
}

bool SchemaCheck::object(const ObjectRules& rules, const Value& value, const Place& place) {
  bool ok = true;
  if (!go_on(ok, presence(rules, value, place))) return false;
  // Of members with the same name each is checked: readers may take any of them.
  for (const Value& item : value.items) {
    const Place here = {.up = &place, .name = &item.name};
    if (!go_on(ok, member(rules, item, here))) return false;
  }
  return ok;
}

bool SchemaCheck::member(const ObjectRules& rules, const Value& member, const Place& place) {
  bool ok = true;
  bool named = false;
  if (rules.names != nullptr && !go_on(ok, member_name(*rules.names, member, place))) return false;
  const auto property = std::ranges::lower_bound(rules.properties, member.name, {},
                                                 &std::pair<std::string, const SchemaNode*>::first);
  if (property != rules.properties.end() && property->first == member.name) {
    named = true;
    if (!go_on(ok, holds(*property->second, member, place, "properties"))) return false;
  }
  for (const auto& [pattern, node] : rules.patterns) {
    spend(1 + member.name.size() / 4);
    if (!pattern.matches(member.name)) continue;
    named = true;
    if (!go_on(ok, holds(*node, member, place, "patternProperties"))) return false;
  }
  if (named || rules.additional == nullptr) return ok;
  return holds(*rules.additional, member, place, "additionalProperties") && ok;
}

bool SchemaCheck::member_name(const SchemaNode& names, const Value& member, const Place& place) {
  const Value name = Value::of_text(member.name);
  ++temporary_;
  bool ok = holds_quietly(names, name, place);
  if (!ok)
    ok = wrong(place, "propertyNames", [&] {
      const auto reason = nearest({&names}, name, place);
      return std::pair("a name: " + (reason ? reason->expected : "any other"),
                       reason ? reason->found : found_text(name));
    });
  --temporary_;
  return ok;
}

bool SchemaCheck::presence(const ObjectRules& rules, const Value& value, const Place& place) {
  Names names(value);
  bool ok = true;
  const std::size_t size = names.count(rules.size);
  if (size > rules.size.most && !go_on(ok, wrong(place, "maxProperties", [&] {
                                         return std::pair("at most " + counted(rules.size.most, "member"),
                                                          counted(size, "member"));
                                       })))
    return false;
  if (size < rules.size.least && !go_on(ok, wrong(
                                                place, "minProperties",
                                                [&] {
                                                  return std::pair(
                                                      "at least " + counted(rules.size.least, "member"),
                                                      counted(size, "member"));
                                                })))
    return false;
  for (const std::string& name : rules.required)
    if (!names.contain(name) &&
        !go_on(ok, wrong(place, "required",
                         [&] { return std::pair("member " + quoted(name), std::string("no such member")); })))
      return false;
  for (const auto& [name, others] : rules.needs) {
    if (!names.contain(name)) continue;
    for (const std::string& other : others)
      if (!names.contain(other) &&
          !go_on(ok, wrong(place, "dependencies", [&] {
                   return std::pair(fmt::format("member {} beside {}", quoted(other), quoted(name)),
                                    std::string("no such member"));
                 })))
        return false;
  }
  for (const auto& [name, node] : rules.implies)
    if (names.contain(name) && !go_on(ok, holds(*node, value, place, "dependencies"))) return false;
  return ok;
}

}  // namespace mq
