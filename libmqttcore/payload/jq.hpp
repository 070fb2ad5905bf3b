// Programs in jq's language over values. A number that a program only passes on comes out as it was spelt, or
// the run fails and names it: jq itself reckons with doubles.
#pragma once

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

  // Appends what the program makes of `input`: nothing, one value or several. Kind payload when it fails;
  // what it made before stays appended.
  virtual Result<void> run(const Value& input, std::vector<Value>& results) = 0;
};

// Kind usage, with jq's own words, when the program is wrong.
Result<std::unique_ptr<Jq>> compile_jq(const std::string& program);

// What the module "jq" exports.
using JqCompiler = void(const std::string& program, Result<std::unique_ptr<Jq>>& compiled);

}  // namespace mq
