// What a report's JSON is read with: one object of a parsed text, member by member. The first thing that is
// wrong, with the pointer to it, is kept in one place for the whole text; what is read after that is of no
// use, so that a reader asks once at its end. Views of the Value, which outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "payload/value.hpp"

namespace mq {

// Text that may be anything as a value: what is not UTF-8 becomes U+FFFD.
Value text_value(std::string_view text);

// "1.5" as a value, or null for what JSON can't hold.
Value real_value(double number);

class Members {
 public:
  // The whole text; `wrong` outlives all that is made of it and is empty.
  Members(const Value& object, std::string& wrong) : Members(object, {}, wrong) {}

  bool good() const { return wrong_.empty(); }
  void refuse(std::string_view name, std::string_view why);

  bool has(std::string_view name) const { return object_.member(name) != nullptr; }
  bool has_value(std::string_view name) const;  // that is not null
  void get(std::string_view name, std::uint64_t& to);
  void get(std::string_view name, std::uint32_t& to);
  void get(std::string_view name, std::int64_t& to);
  void get(std::string_view name, int& to);
  void get(std::string_view name, double& to);  // a finite number
  void get(std::string_view name, bool& to);
  void get(std::string_view name, std::string& to);
  // The number of the word in `words`.
  void get(std::string_view name, std::span<const std::string_view> words, std::size_t& to);

  // An object in it; empty when it is not there or wrong.
  Members object(std::string_view name);
  // Calls `take` with each element of an array of objects, of at most `most`.
  void each(std::string_view name, std::size_t most, const std::function<void(Members&)>& take);
  // The elements of an array as they stand; nullptr when there is none.
  const std::vector<Value>* array(std::string_view name, std::size_t most);

 private:
  Members(const Value& object, std::string pointer, std::string& wrong);
  const Value* wanted(std::string_view name, Value::Kind kind, std::string_view what);
  template <class Number>
  void number(std::string_view name, Number& to, std::string_view what);

  const Value& object_;
  std::string pointer_;
  std::string& wrong_;
};

}  // namespace mq
