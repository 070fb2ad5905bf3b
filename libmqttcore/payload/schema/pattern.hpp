// The regular expressions of schemas: ECMA 262's spelling, matched in time linear in the text, which rules
// look-around and back-references out.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace re2 {
class RE2;
}

namespace mq {

class Pattern {
 public:
  // Kind usage when it can't be matched.
  static Result<Pattern> of(std::string_view ecma);

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  const std::string& spelling() const { return spelling_; }
  bool matches(std::string_view text) const;  // anywhere in it

 private:
  Pattern(std::string_view spelling, std::unique_ptr<re2::RE2> program);

  std::string spelling_;
  std::unique_ptr<re2::RE2> program_;
};

// Whether `text` is a regular expression of ECMA 262 at all; in doubt it is.
bool is_regex(std::string_view text);

}  // namespace mq
