#include "payload/schema/pattern.hpp"

#include <fmt/core.h>
#include <re2/re2.h>

#include <utility>

#include "base/text.hpp"
#include "payload/schema/ecma.hpp"

namespace mq {
namespace {

using Fault = TranslatedPattern::Fault;

// A payload's text is not compiled beyond these: it need not match anything.
constexpr std::size_t longest_checked_regex = 4096;
constexpr std::int64_t checked_regex_memory = 1 << 20;

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  return options;
}

std::unexpected<Error> wrong(std::string_view ecma, const std::string& why, std::string hint = {}) {
  return fail(ErrorKind::usage, fmt::format("the pattern {} cannot be used: {}", quoted(ecma), why), 0,
              std::move(hint));
}

}  // namespace

Pattern::Pattern(std::string_view spelling, std::unique_ptr<RE2> program)
    : spelling_(spelling), program_(std::move(program)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::of(std::string_view ecma) {
  const TranslatedPattern translated = translated_pattern(ecma);
  if (translated.fault == Fault::beyond_linear)
    return wrong(ecma, translated.what, "look-around and back-references can't be matched in linear time");
  if (translated.fault == Fault::no_regex) return wrong(ecma, translated.what);
  auto program = std::make_unique<RE2>(translated.text, options());
  if (program->ok()) return Pattern(ecma, std::move(program));
  if (program->error_code() == RE2::ErrorPatternTooLarge)
    return wrong(ecma, "it repeats too much", "a pattern may be as large as 5 MiB when compiled");
  return wrong(ecma, program->error());
}

bool Pattern::matches(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *program_);
}

bool is_regex(std::string_view text) {
  if (text.size() > longest_checked_regex) return true;
  const TranslatedPattern translated = translated_pattern(text);
  if (translated.fault != Fault::none) return translated.fault == Fault::beyond_linear;
  RE2::Options small = options();
  small.set_max_mem(checked_regex_memory);
  const RE2 program(translated.text, small);
  return program.ok() || program.error_code() == RE2::ErrorPatternTooLarge ||
         program.error_code() == RE2::ErrorRepeatSize || program.error_code() == RE2::ErrorBadCharRange ||
         program.error_code() == RE2::ErrorBadNamedCapture;
}

}  // namespace mq
