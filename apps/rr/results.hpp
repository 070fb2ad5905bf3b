// What came of the requests: puts what is shown of each into the order of the requests, or of the answers,
// and counts. Bounded by full(), whose owner then asks no more.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/bytes.hpp"
#include "base/histogram.hpp"
#include "base/time.hpp"

namespace mq {

class Results {
 public:
  explicit Results(bool ordered) : ordered_(ordered) {}

  void answered(Duration latency);
  // All is said about request `number`: `shown` goes to `out` when it is its turn, with what waited for it.
  void done(std::uint64_t number, bool well, Buffer shown, Buffer& out);
  void late() { ++late_; }      // it answers a request that was dealt with
  void another() { ++other_; }  // it answers nobody's

  // Too much waits for its turn.
  bool full() const;
  // What is shown of this request now need not wait.
  bool is_next(std::uint64_t number) const { return !ordered_ || number == next_; }

  std::uint64_t answers() const { return latencies_.count(); }
  std::uint64_t failures() const { return failures_; }
  std::uint64_t others() const { return late_ + other_; }
  const Histogram& latencies() const { return latencies_; }
  // "1000 requests, 2 without success; 998 answers in 0.1 ms ..."
  std::string summary() const;

 private:
  bool ordered_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Buffer> waiting_;
  std::size_t waiting_bytes_ = 0;
  Histogram latencies_;
  std::uint64_t done_ = 0, failures_ = 0, late_ = 0, other_ = 0;
};

}  // namespace mq
