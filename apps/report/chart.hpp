// A line or step chart as inline SVG for a page of ours: axes, grid, lines that are told apart by dashes and
// by their names at their ends, never by colour alone. Colours are the page's (classes c0 to c3). Points that
// are not finite, or have no place on a logarithmic axis, are gaps.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace mq {

struct ChartLine {
  enum class Dash : std::uint8_t { solid, dashes, dots, dash_dot };
  std::string name;
  unsigned colour = 0;  // 0 to 3
  Dash dash = Dash::solid;
  bool filled = false;  // steps with the area below them, for histograms
  std::vector<std::pair<double, double>> points{};
};

struct ChartAxis {
  bool logarithmic = false;
  bool from_zero = false;
  std::function<std::string(double)> text{};  // of what is pointed at
  std::function<std::string(double)> tick{};  // empty: the same
  std::vector<double> ticks{};                // empty: chosen
};

struct Chart {
  std::string title;
  std::string note{};  // what is shown, in what unit
  ChartAxis x{}, y{};
  std::vector<ChartLine> lines{};
};

// A <figure>; nothing when no line has two points.
void append_chart(const Chart& chart, Buffer& out);

// Text for HTML, in elements and in attributes.
std::string html_text(std::string_view text);

}  // namespace mq
