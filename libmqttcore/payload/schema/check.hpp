// One value held against a schema's nodes. Recursion ends at a bound, and so does the work: what a hostile
// schema would make endless ends with a violation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "payload/schema/node.hpp"
#include "payload/value.hpp"
#include "payload/violation.hpp"

namespace mq {

// Schemas within schemas, for parts of the value or for the same value again.
inline constexpr std::size_t deepest_check = 2500;

class SchemaCheck {
 public:
  explicit SchemaCheck(const Value& value) : whole_(value) {}
  SchemaCheck(const SchemaCheck&) = delete;
  SchemaCheck& operator=(const SchemaCheck&) = delete;

  // Once only.
  std::vector<Violation> run(const SchemaNode& root);

 private:
  // Where in the value we are: a chain on the stack, made a pointer only when it is told.
  struct Place {
    const Place* up = nullptr;
    const std::string* name = nullptr;  // of a member; else an element
    std::size_t index = 0;
  };
  // Whom violations are told; nobody when only the answer counts.
  struct Told {
    std::vector<Violation> violations{};
    std::size_t most = 0;
    bool reasons = false;  // whether anyOf and its like say which branch came nearest, and why
  };
  struct Visit {
    const SchemaNode* node;
    const Value* value;
    friend bool operator==(const Visit&, const Visit&) = default;
  };
  struct VisitHash {
    std::size_t operator()(const Visit& visit) const;
  };

  // `rule` is the keyword that leads here.
  bool holds(const SchemaNode& node, const Value& value, const Place& place, std::string_view rule);
  bool rules_hold(const SchemaNode& node, const Value& value, const Place& place);
  bool holds_quietly(const SchemaNode& node, const Value& value, const Place& place);

  bool choice(const ChoiceRules& rules, const Value& value, const Place& place);
  bool number(const NumberRules& rules, const Value& value, const Place& place);
  bool text(const TextRules& rules, const Value& value, const Place& place);
  bool array(const ArrayRules& rules, const Value& value, const Place& place);
  bool unique(const Value& value, const Place& place);
  bool object(const ObjectRules& rules, const Value& value, const Place& place);
  bool member(const ObjectRules& rules, const Value& member, const Place& place);
  bool member_name(const SchemaNode& names, const Value& member, const Place& place);
  bool presence(const ObjectRules& rules, const Value& value, const Place& place);
  bool combined(const CombinedRules& rules, const Value& value, const Place& place);
  bool any_of(const std::vector<const SchemaNode*>& nodes, const Value& value, const Place& place);
  bool one_of(const std::vector<const SchemaNode*>& nodes, const Value& value, const Place& place);

  // Counts work done; sets over_ when there has been too much of it.
  void spend(std::size_t work) {
    work_ += work;
    if (work_ >= next_look_) look_at_work();
  }
  void look_at_work();
  bool endless(const Place& place);

  bool done() const { return told_ != nullptr && told_->violations.size() >= told_->most; }
  // Adds `result` to `ok`; whether there is a point in checking on.
  bool go_on(bool& ok, bool result) const {
    ok = ok && result;
    return ok || (told_ != nullptr && !done() && !endless_);
  }

  // Tells the two texts that `texts` makes, when there is anybody to be told. Always false. Never inlined:
  // what the texts take is not to stand on the stack of the recursion.
  template <class Texts>
  [[gnu::noinline]] bool wrong(const Place& place, std::string_view rule, Texts texts) {
    if (told_ == nullptr || done()) return false;
    auto [expected, found] = texts();
    tell({pointer_of(place), std::string(rule), std::move(expected), std::move(found)});
    return false;
  }
  void tell(Violation violation);
  static std::string pointer_of(const Place& place);
  // What the branch that came nearest says, its pointer relative to `place`.
  std::optional<Violation> nearest(const std::vector<const SchemaNode*>& nodes, const Value& value,
                                   const Place& place);
  std::string with_nearest(std::string_view what, const std::vector<const SchemaNode*>& nodes,
                           const Value& value, const Place& place, std::string& found);

  const Value& whole_;
  Told* told_ = nullptr;
  std::size_t depth_ = 0;
  std::size_t work_ = 0;
  std::size_t next_look_ = 20'000;
  std::size_t most_work_ = 0;
  bool counted_ = false;  // whether the value's parts have been counted, and the bounds set by them
  bool over_ = false;
  std::size_t temporary_ = 0;  // values in the making, whose address means nothing later
  std::optional<Violation> endless_;
  // Once there has been much work for the value's size: what is known already.
  bool remembering_ = false;
  enum class Known : std::uint8_t { right, wrong, wrong_and_told };
  std::unordered_map<Visit, Known, VisitHash> known_;
};

}  // namespace mq
