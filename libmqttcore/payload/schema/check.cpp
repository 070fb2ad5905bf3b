#include "payload/schema/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "payload/schema.hpp"
#include "payload/schema/canonical.hpp"
#include "payload/schema/told.hpp"

namespace mq {
namespace {

constexpr std::size_t most_remembered = 2'000'000;

struct Extent {
  std::size_t parts = 0;
  std::size_t bytes = 0;  // of texts and names
};

// Recursion ends at deepest_value.
void measure(const Value& value, Extent& extent) {
  ++extent.parts;
  extent.bytes += value.text.size() + value.name.size();
  for (const Value& item : value.items) measure(item, extent);
}

std::uint8_t types_of(const Value& value, Value::Kind kind) {
  switch (kind) {
    case Value::Kind::null:
      return null_type;
    case Value::Kind::boolean:
      return boolean_type;
    case Value::Kind::number:
      return is_whole(value.text) ? number_type | integer_type : number_type;
    case Value::Kind::text:
    case Value::Kind::bytes:
      return string_type;
    case Value::Kind::array:
      return array_type;
    case Value::Kind::object:
      return object_type;
  }
  return 0;
}

std::string_view expected_of_nothing(std::string_view rule) {
  if (rule == "additionalProperties") return "no member of this name";
  if (rule == "additionalItems") return "no further elements";
  return "nothing";
}

}  // namespace

std::size_t SchemaCheck::VisitHash::operator()(const Visit& visit) const {
  const std::hash<const void*> hash;
  return hash(visit.node) * 31 + hash(visit.value) / 16;
}

std::vector<Violation> SchemaCheck::run(const SchemaNode& root) {
  Told told = {.most = most_violations, .reasons = true};
  told_ = &told;
  holds(root, whole_, Place{}, "false");
  if (endless_) {
    if (done()) told.violations.pop_back();
    tell(std::move(*endless_));
  }
  return std::move(told.violations);
}

bool SchemaCheck::holds(const SchemaNode& node, const Value& value, const Place& place,
                        std::string_view rule) {
  if (endless_) return false;
  spend(1);
  if (over_ || depth_ == deepest_check) return endless(place);
  if (node.never)
    return wrong(place, rule,
                 [&] { return std::pair(std::string(expected_of_nothing(rule)), found_text(value)); });
  const bool remembered = remembering_ && node.reached > 1 && temporary_ == 0;
  if (remembered) {
    const auto known = known_.find({&node, &value});
    if (known != known_.end()) {
      if (known->second == Known::right) return true;
      // What has been told already would be told no second time, but the way to it would be gone again.
      if (told_ == nullptr || (told_->reasons && known->second == Known::wrong_and_told)) return false;
    }
  }
  ++depth_;
  const bool ok = rules_hold(node, value, place);
  --depth_;
  if (remembered && !endless_ && known_.size() < most_remembered) {
    Known& known = known_[{&node, &value}];
    if (ok) {
      known = Known::right;
    } else if (known != Known::wrong_and_told) {
      // Without reasons it is only told to nearest(), which chooses.
      known = told_ != nullptr && told_->reasons ? Known::wrong_and_told : Known::wrong;
    }
  }
  return ok;
}

bool SchemaCheck::rules_hold(const SchemaNode& node, const Value& value, const Place& place) {
  const Value::Kind kind = kind_in_json(value);
  // A value of the wrong type is wrong in one way, whatever else the schema asks of it.
  if (node.types != 0 && (node.types & types_of(value, kind)) == 0)
    return wrong(place, "type", [&] { return std::pair(type_text(node.types), found_text(value)); });
  bool ok = true;
  for (const ChoiceRules& rules : node.choices)
    if (!go_on(ok, choice(rules, value, place))) return false;
  if (node.combined && !go_on(ok, combined(*node.combined, value, place))) return false;
  if (kind == Value::Kind::number && node.number) return number(*node.number, value, place) && ok;
  if (kind == Value::Kind::text && node.text) return text(*node.text, value, place) && ok;
  if (kind == Value::Kind::array && node.array) return array(*node.array, value, place) && ok;
  if (kind == Value::Kind::object && node.object) return object(*node.object, value, place) && ok;
  return ok;
}

bool SchemaCheck::holds_quietly(const SchemaNode& node, const Value& value, const Place& place) {
  Told* const told = std::exchange(told_, nullptr);
  const bool ok = holds(node, value, place, {});
  told_ = told;
  return ok;
}

bool SchemaCheck::combined(const CombinedRules& rules, const Value& value, const Place& place) {
  bool ok = true;
  for (const SchemaNode* node : rules.all)
    if (!go_on(ok, holds(*node, value, place, "allOf"))) return false;
  if (!rules.any.empty() && !go_on(ok, any_of(rules.any, value, place))) return false;
  if (!rules.one.empty() && !go_on(ok, one_of(rules.one, value, place))) return false;
  if (rules.none != nullptr && holds_quietly(*rules.none, value, place) &&
      !go_on(ok, wrong(place, "not", [&] {
               return std::pair(std::string("none of what the schema rules out"), found_text(value));
             })))
    return false;
  if (rules.when == nullptr || (rules.then == nullptr && rules.otherwise == nullptr)) return ok;
  const bool when = holds_quietly(*rules.when, value, place);
  const SchemaNode* node = when ? rules.then : rules.otherwise;
  return (node == nullptr || holds(*node, value, place, when ? "then" : "else")) && ok;
}

bool SchemaCheck::any_of(const std::vector<const SchemaNode*>& nodes, const Value& value,
                         const Place& place) {
  for (const SchemaNode* node : nodes)
    if (holds_quietly(*node, value, place)) return true;
  return wrong(place, "anyOf", [&] {
    std::string found = found_text(value);
    auto expected =
        with_nearest(fmt::format("any of {}", counted(nodes.size(), "schema")), nodes, value, place, found);
    return std::pair(std::move(expected), std::move(found));
  });
}

bool SchemaCheck::one_of(const std::vector<const SchemaNode*>& nodes, const Value& value,
                         const Place& place) {
  std::size_t first = nodes.size();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!holds_quietly(*nodes[i], value, place)) continue;
    if (first != nodes.size())
      return wrong(place, "oneOf", [&] {
        return std::pair(fmt::format("exactly one of {}", counted(nodes.size(), "schema")),
                         fmt::format("schemas {} and {} both fit", first, i));
      });
    first = i;
  }
  if (first != nodes.size()) return true;
  return wrong(place, "oneOf", [&] {
    std::string found = found_text(value);
    auto expected = with_nearest(fmt::format("exactly one of {}", counted(nodes.size(), "schema")), nodes,
                                 value, place, found);
    return std::pair(std::move(expected), std::move(found));
  });
}

std::string SchemaCheck::with_nearest(std::string_view what, const std::vector<const SchemaNode*>& nodes,
                                      const Value& value, const Place& place, std::string& found) {
  std::string expected(what);
  if (!told_->reasons) return expected;
  if (auto reason = nearest(nodes, value, place)) {
    expected.append(", the nearest: ").append(reason->expected);
    if (!reason->pointer.empty()) expected.append(" at ").append(reason->pointer);
    found = std::move(reason->found);
  }
  return expected;
}

std::optional<Violation> SchemaCheck::nearest(const std::vector<const SchemaNode*>& nodes, const Value& value,
                                              const Place& place) {
  constexpr std::size_t most_branches = 16;
  std::optional<Violation> best;
  std::pair<std::size_t, bool> best_rank;
  Told* const told = told_;
  for (std::size_t i = 0; i < std::min(nodes.size(), most_branches); ++i) {
    Told one = {.most = 1};
    told_ = &one;
    holds(*nodes[i], value, place, "anyOf");
    told_ = told;
    if (one.violations.empty()) continue;
    Violation& reason = one.violations.front();
    // The further it got into the value, the nearer it came; a type that fits is nearer than one that
    // doesn't.
    const std::pair rank(static_cast<std::size_t>(std::ranges::count(reason.pointer, '/')),
                         reason.rule != "type");
    if (best && rank <= best_rank) continue;
    best_rank = rank;
    best = std::move(reason);
  }
  if (best) best->pointer.erase(0, pointer_of(place).size());
  return best;
}

void SchemaCheck::look_at_work() {
  if (!std::exchange(counted_, true)) {
    Extent extent;
    measure(whole_, extent);
    next_look_ = std::max(work_ + 1, 64 * extent.parts);
    most_work_ = 10'000'000 + 1000 * extent.parts + 16 * extent.bytes;
  } else if (!std::exchange(remembering_, true)) {
    next_look_ = std::max(work_ + 1, most_work_);
  } else {
    over_ = true;
    next_look_ = std::numeric_limits<std::size_t>::max();
  }
}

bool SchemaCheck::endless(const Place& place) {
  endless_ =
      Violation{.pointer = pointer_of(place),
                .rule = "$ref",
                .expected = "a schema that comes to an end",
                .found = over_ ? "no end in reasonable time" : counted(depth_, "level") + " of schemas"};
  return false;
}

void SchemaCheck::tell(Violation violation) {
  const auto same = [&violation](const Violation& other) {
    return other.pointer == violation.pointer && other.rule == violation.rule &&
           other.expected == violation.expected;
  };
  if (std::ranges::none_of(told_->violations, same)) told_->violations.push_back(std::move(violation));
}

std::string SchemaCheck::pointer_of(const Place& place) {
  std::vector<const Place*> steps;
  for (const Place* here = &place; here->up != nullptr; here = here->up) steps.push_back(here);
  std::string pointer;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    pointer += '/';
    if ((*step)->name == nullptr) {
      pointer += fmt::format_int((*step)->index).str();
      continue;
    }
    // RFC 6901, 3.
    for (const char c : *(*step)->name) {
      if (c == '~' || c == '/') {
        pointer += c == '~' ? "~0" : "~1";
      } else {
        pointer += c;
      }
    }
  }
  return pointer;
}

}  // namespace mq
