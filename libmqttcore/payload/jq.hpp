// Programs in jq's language over values. A number that a program only passes on comes out as it was spelt, or
// the run fails and names it: jq itself reckons with doubles.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "payload/value.hpp"

namespace mq {

class Jq {
 public:
  Jq() = default;
  virtual ~Jq() = default;
  Jq(const Jq&) = delete;
  Jq& operator=(const Jq&) = delete;

  // Appends what the program makes of `input`: nothing, one value or several. Kind payload when it fails,
  // when it makes more than `most` values, and after halt_jq(); what it made before stays appended.
  Result<void> run(const Value& input, std::vector<Value>& results, std::size_t most = most_parts);

 private:
  friend bool halt_jq();
  virtual Result<void> make(const Value& input, std::vector<Value>& results, std::size_t most) = 0;
  virtual void halt() = 0;
};

// For a signal's handler: what runs now ends soon, and nothing runs any more. A program may go on for ever,
// and nothing else in its thread can end it. False when none is running.
bool halt_jq();
bool jq_is_halted();

// Kind usage, with jq's own words, when the program is wrong.
Result<std::unique_ptr<Jq>> compile_jq(const std::string& program);

// Called by libjq when it gets no memory; must not return.
using JqOutOfMemory = void(void*);

// What the module "jq" exports.
using JqCompiler = void(const std::string& program, JqOutOfMemory* out_of_memory,
                        Result<std::unique_ptr<Jq>>& compiled);

}  // namespace mq
