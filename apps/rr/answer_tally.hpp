// What mqtt-rr serve tells of its work: the first troubles of each kind one by one, and at the end how many
// requests were answered, failed or got no answer.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "rr/answering.hpp"
#include "shared/log.hpp"

namespace mq {

class AnswerTally {
 public:
  enum class Problem : std::uint8_t { refused, unnamed, failed, lost };

  // `log` outlives it.
  explicit AnswerTally(const Log& log) : log_(log) {}

  // An answer to a request to `topic` is on its way; `why` it is a failure, if it is one.
  void answered(AnswerStatus status, std::string_view topic, std::string_view why);
  // One of these was given up after all.
  void taken_back(AnswerStatus status) { --statuses_[static_cast<std::size_t>(status)]; }
  void note(Problem problem, std::string_view topic, std::string_view why);
  void passed_over() { ++retained_; }

  std::uint64_t lost() const { return of(Problem::lost); }
  void tell() const;

 private:
  std::uint64_t of(Problem problem) const { return problems_[static_cast<std::size_t>(problem)]; }
  std::uint64_t of(AnswerStatus status) const { return statuses_[static_cast<std::size_t>(status)]; }

  const Log& log_;
  std::array<std::uint64_t, 5> statuses_{};  // answers of each
  std::array<std::uint64_t, 4> problems_{};
  std::uint64_t retained_ = 0;
};

}  // namespace mq
