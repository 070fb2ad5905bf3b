// The words of diagnostic notation: blanks, comments, strings and numbers, out of text that somebody else
// owns.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq::cbor {

class NotationText {
 public:
  explicit NotationText(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool next_is(std::string_view wanted) const { return text_.substr(at_).starts_with(wanted); }
  // Passes over `wanted` when it is next.
  bool take(std::string_view wanted);
  // White space and comments.
  Result<void> skip_blanks();

  // What stands between two `quote`s, the first of which is next: unescaped and valid UTF-8.
  Result<std::string> quoted_text(char quote);
  // What stands before the next single quote as it is written, the first having been taken.
  Result<std::string_view> rest_of_quoted();
  // The number that is next, as JSON writes one; empty when there is none.
  std::string_view number();
  // Letters.
  std::string_view word();

  // "this is not CBOR diagnostic notation: at byte 12: ..."
  std::unexpected<Error> wrong(std::string_view why) const { return wrong_at(at_, why); }
  static std::unexpected<Error> wrong_at(std::size_t at, std::string_view why);

 private:
  Result<void> escape(std::string& out);
  std::optional<std::uint32_t> four_digits();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace mq::cbor
