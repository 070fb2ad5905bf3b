// "did you mean": the candidate that a mistyped word is closest to.
#pragma once

#include <span>
#include <string_view>

namespace mq {

// A candidate that `word` is a beginning of, or one within a third of its letters in edit distance (at least
// one); empty when nothing comes near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace mq
