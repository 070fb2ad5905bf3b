// The report as one page that needs nothing else: style, charts (SVG) and a little script are in it, and it
// forbids itself to fetch anything. Without script only the values under the pointer are missing. Readable in
// light and dark, on paper and without colour.
#pragma once

#include <vector>

#include "base/bytes.hpp"
#include "load/outcome.hpp"
#include "report/compare.hpp"
#include "report/threshold.hpp"

namespace mq {

struct Page {
  const LoadOutcome& outcome;
  const LoadOutcome* earlier = nullptr;  // what it is compared with
  std::string earlier_name{};            // the file's
  const std::vector<Verdict>* verdicts = nullptr;
};

void append_page(const Page& page, Buffer& out);

}  // namespace mq
