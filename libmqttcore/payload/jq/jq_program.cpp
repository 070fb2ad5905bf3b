#include "payload/jq/jq_program.hpp"

#include <fmt/core.h>

// libjq's headers are C and declare no linkage of their own.
extern "C" {
#include <jv.h>

#include <jq.h>
}

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "payload/jq/doubles.hpp"
#include "payload/jq/stand_ins.hpp"

namespace mq {
namespace {

jv number_of(const Value& value, const StandIns& stand_ins, Run run) {
  const std::string& text = value.text;
  if (text == "NaN") return jv_number(std::nan(""));
  if (text.back() == 'y') return jv_number(text.front() == '-' ? -HUGE_VAL : HUGE_VAL);
  const double* stand_in = stand_ins.empty() ? nullptr : stand_ins.find(text, run);
  return jv_number(stand_in != nullptr ? *stand_in : nearest_double(text).number);
}

jv string_of(std::string_view text) { return jv_string_sized(text.data(), static_cast<int>(text.size())); }

// Recursion ends at deepest_value.
jv to_jv(const Value& value, const StandIns& stand_ins, Run run) {
  switch (value.kind) {
    case Value::Kind::null:
      return jv_null();
    case Value::Kind::boolean:
      return jv_bool(value.truth ? 1 : 0);
    case Value::Kind::number:
      return number_of(value, stand_ins, run);
    case Value::Kind::text:
      return string_of(value.text);
    case Value::Kind::bytes:
      return string_of(to_base64(value.text));
    case Value::Kind::array: {
      jv array = jv_array_sized(static_cast<int>(value.items.size()));
      for (const Value& item : value.items) array = jv_array_append(array, to_jv(item, stand_ins, run));
      return array;
    }
    case Value::Kind::object: {
      jv object = jv_object();
      for (const Value& item : value.items)
        object = jv_object_set(object, string_of(item.name), to_jv(item, stand_ins, run));
      return object;
    }
  }
  return jv_null();
}

std::string text_of(jv string) {
  std::string text(jv_string_value(string),
                   static_cast<std::size_t>(jv_string_length_bytes(jv_copy(string))));
  jv_free(string);
  return text;
}

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";  // null, in JSON
  if (std::isinf(number)) return number < 0 ? "-1.7976931348623157e+308" : "1.7976931348623157e+308";
  return spelling_of(number);
}

// Takes `value` over. What jq makes can be deeper than any payload: nullopt then.
bool from_jv(jv value, std::size_t depth, Value& to) {
  bool fits = depth <= deepest_value;
  switch (jv_get_kind(value)) {
    case JV_KIND_TRUE:
    case JV_KIND_FALSE:
      to = Value::boolean(jv_get_kind(value) == JV_KIND_TRUE);
      break;
    case JV_KIND_NUMBER:
      to = Value::number(number_text(jv_number_value(value)));
      break;
    case JV_KIND_STRING:
      to = Value::of_text(text_of(jv_copy(value)));
      break;
    case JV_KIND_ARRAY: {
      to = Value::array();
      const int size = jv_array_length(jv_copy(value));
      for (int i = 0; fits && i < size; ++i)
        fits = from_jv(jv_array_get(jv_copy(value), i), depth + 1, to.add(Value{}));
      break;
    }
    case JV_KIND_OBJECT:
      to = Value::object();
      for (int i = jv_object_iter(value); fits && jv_object_iter_valid(value, i) != 0;
           i = jv_object_iter_next(value, i)) {
        Value member;
        fits = from_jv(jv_object_iter_value(value, i), depth + 1, member);
        to.add(text_of(jv_object_iter_key(value, i)), std::move(member));
      }
      break;
    case JV_KIND_INVALID:
    case JV_KIND_NULL:
      to = Value::null();
      break;
  }
  jv_free(value);
  return fits;
}

// "jq: error: syntax error, unexpected ... at <top-level>, line 1:\n..." without what is always the same.
void keep_first(void* to, jv message) {
  std::string text = text_of(message);
  text = text.substr(0, text.find('\n'));
  for (const std::string_view prefix : {"jq: error: ", "jq: "})
    if (text.starts_with(prefix)) text.erase(0, prefix.size());
  if (auto* kept = static_cast<std::string*>(to); kept->empty()) *kept = std::move(text);
}

class Program final : public Jq {
 public:
  explicit Program(jq_state* state) : state_(state) {}
  ~Program() override { jq_teardown(&state_); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  Result<void> make(const Value& input, std::vector<Value>& results, std::size_t most) override {
    const StandIns stand_ins(input);
    std::vector<Value> first;
    most_ = most;
    auto done = run_once(input, stand_ins, Run::first, first);
    if (done && !stand_ins.empty()) done = make_exact(input, stand_ins, first);
    if (!done && stand_ins.any(true)) first.clear();
    std::ranges::move(first, std::back_inserter(results));
    return done;
  }

 private:
  // Only stores, which is what a signal's handler may do; jq looks before each of its instructions.
  void halt() override {
    stopped_ = true;
    if (jq_halted(state_) == 0) jq_halt(state_, jv_null(), jv_null());
  }

  Result<void> make_exact(const Value& input, const StandIns& stand_ins, std::vector<Value>& results) {
    const std::vector<Value> first = results;
    if (stand_ins.any(true))
      for (const Run run : {Run::whole_small, Run::whole_large}) {
        std::vector<Value> second;
        if (!run_once(input, stand_ins, run, second) || !stand_ins.restore(run, first, second, results))
          return fail(
              ErrorKind::payload,
              fmt::format("the program does more than pass on the number {}, which jq can't hold exactly",
                          stand_ins.example()),
              0, "jq reckons with doubles: beyond 2^53 only what is passed on unchanged is exact");
      }
    // A measured quantity that was reckoned with is as exact as doubles are: nobody expects more.
    std::vector<Value> second;
    if (stand_ins.any(false) && run_once(input, stand_ins, Run::others, second))
      (void)stand_ins.restore(Run::others, first, second, results);
    return {};
  }

  Result<void> run_once(const Value& input, const StandIns& stand_ins, Run run, std::vector<Value>& results) {
    jq_start(state_, to_jv(input, stand_ins, run), 0);
    if (stopped_) return fail(ErrorKind::payload, "the program was stopped");
    while (true) {
      jv next = jq_next(state_);
      if (jv_is_valid(next) == 0) return end_of(next);
      Value result;
      const bool too_many = results.size() >= most_;
      if (too_many || !from_jv(jv_copy(next), 0, result)) {
        jv_free(next);
        return fail(ErrorKind::payload, "the program makes too much of one message");
      }
      jv_free(next);
      results.push_back(std::move(result));
    }
  }

  // An invalid value is the end, or carries the message of an error.
  Result<void> end_of(jv invalid) const {
    if (jq_halted(state_) != 0) {
      jv_free(invalid);
      return fail(ErrorKind::payload, "the program halts", 0, "to pass over a message use empty");
    }
    if (jv_invalid_has_msg(jv_copy(invalid)) == 0) {
      jv_free(invalid);
      return {};
    }
    jv message = jv_invalid_get_msg(invalid);
    if (jv_get_kind(message) != JV_KIND_STRING) message = jv_dump_string(message, 0);
    return fail(ErrorKind::payload, fmt::format("the program fails: {}", quoted(text_of(message), 200)));
  }

  jq_state* state_;
  std::size_t most_ = most_parts;  // values of one run
  std::atomic<bool> stopped_ = false;
};

// jq 1.6 aborts when it is to format a time that has no date, and leaks the format when it is given no time
// at all; gmtime and a look at the type say so instead.
constexpr std::string_view prelude = R"jq(
def mqttkit_time(broken_down):
  if type == "number" then broken_down elif type == "array" then . else error("\(type) is no time") end;
def mqttkit_strftime(f): strftime(f);
def strftime(f): mqttkit_time(gmtime) | mqttkit_strftime(f);
def mqttkit_strflocaltime(f): strflocaltime(f);
def strflocaltime(f): mqttkit_time(localtime) | mqttkit_strflocaltime(f);
def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ"); def todate: todateiso8601; def date: todateiso8601;
)jq";

// On one line, so that errors tell the line of the program.
std::string prelude_line() {
  std::string line(prelude);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

// jq 1.6 aborts over them when it has been told of no folder for them.
bool asks_for_modules(std::string_view program) {
  const std::size_t begin = std::min(program.find_first_not_of(" \t\r\n"), program.size());
  const std::string_view word = program.substr(begin, program.find_first_of(" \t\r\n\"{", begin) - begin);
  return word == "import" || word == "include" || word == "module";
}

// The first whole number of the program's text that no double holds; empty when there is none.
std::string_view inexact_number(std::string_view program) {
  constexpr std::string_view digits = "0123456789";
  while (!program.empty()) {
    const std::size_t begin = program.find_first_of(digits);
    if (begin == std::string_view::npos) return {};
    program.remove_prefix(begin);
    const std::string_view number = program.substr(0, program.find_first_not_of(digits));
    const Nearest nearest = nearest_double(number);
    if (!nearest.exact) return number;
    program.remove_prefix(number.size());
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Jq>> make_jq_program(const std::string& program, JqOutOfMemory* out_of_memory) {
  if (const auto number = inexact_number(program); !number.empty())
    return fail(ErrorKind::usage, fmt::format("jq can't hold the number {} of the program exactly", number),
                0, "it reckons with doubles: compare with texts, or with numbers up to 2^53");
  if (asks_for_modules(program))
    return fail(ErrorKind::usage,
                fmt::format("{} is no jq program: modules can't be imported", quoted(program)));
  jq_state* state = jq_init();
  if (state == nullptr) return fail(ErrorKind::io, "libjq could not be started");
  if (out_of_memory != nullptr) jq_set_nomem_handler(state, out_of_memory, nullptr);
  std::string why;
  jq_set_error_cb(state, keep_first, &why);
  jq_set_input_cb(state, [](jq_state*, void*) { return jv_invalid(); }, nullptr);
  const bool compiled = jq_compile(state, (prelude_line() + program).c_str()) != 0;
  jq_set_error_cb(state, nullptr, nullptr);
  auto made = std::make_unique<Program>(state);
  if (!compiled) return fail(ErrorKind::usage, fmt::format("{} is no jq program: {}", quoted(program), why));
  return made;
}

}  // namespace mq
