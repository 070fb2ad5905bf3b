#include "report/chart.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>

#include "base/utf8.hpp"
#include "payload/json_text.hpp"
#include "report/axis.hpp"

namespace mq {
namespace {

// The plot's place on a canvas of 640 by 300; names of lines stand to its right.
constexpr double width = 640, height = 300;
constexpr double left = 56, right = 524, top = 14, bottom = 262;
constexpr double label_height = 14;

constexpr std::array<std::string_view, 4> dashes{"", " dash1", " dash2", " dash3"};

struct Bounds {
  double least = std::numeric_limits<double>::max();
  double greatest = std::numeric_limits<double>::lowest();

  void take(double value) {
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
};

bool is_plotted(const Chart& chart, const std::pair<double, double>& point) {
  const auto fits = [](const ChartAxis& axis, double value) {
    return std::isfinite(value) && (!axis.logarithmic || value > 0);
  };
  return fits(chart.x, point.first) && fits(chart.y, point.second);
}

class Drawing {
 public:
  Drawing(const Chart& chart, const Bounds& x, const Bounds& y, Buffer& out)
      : chart_(chart),
        least_x_(x.least),
        greatest_x_(x.greatest),
        x_(x.least, x.greatest, chart.x.logarithmic, Axis::Fit::exact, left, right),
        y_(chart.y.from_zero ? 0 : y.least, y.greatest, chart.y.logarithmic, Axis::Fit::rounded, bottom, top),
        out_(out) {}

  void draw() {
    put("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", width, height, html_text(chart_.title));
    draw_grid();
    for (const ChartLine& line : chart_.lines) draw_line(line);
    draw_names();
    put("<line class=\"cursor\" x1=\"0\" x2=\"0\" y1=\"{}\" y2=\"{}\"/></svg>", top, bottom);
  }

  // What the page's script shows of the point under the pointer.
  void put_points() {
    out_ += "<script type=\"application/json\">{\"lines\":[";
    bool first = true;
    for (const ChartLine& line : chart_.lines) {
      if (line.points.size() < 2) continue;
      out_ += first ? "{\"name\":" : ",{\"name\":";
      first = false;
      append_json_string(script_text(line.name), out_);
      out_ += ",\"at\":[";
      put_each(line, [this](double x, double) { return fmt::format("{:.1f}", *x_.at(x)); });
      out_ += "],\"x\":[";
      put_each(line, [this](double x, double) { return in_quotes(chart_.x.text(x)); });
      out_ += "],\"y\":[";
      put_each(line, [this](double, double y) { return in_quotes(chart_.y.text(y)); });
      out_ += "]}";
    }
    out_ += "]}</script>";
  }

 private:
  template <class... Values>
  void put(fmt::format_string<Values...> format, const Values&... values) {
    fmt::vformat_to(std::back_inserter(out_), fmt::string_view(format), fmt::make_format_args(values...));
  }

  static std::string tick_text(const ChartAxis& axis, double tick) {
    return axis.tick ? axis.tick(tick) : axis.text(tick);
  }

  bool x_outside(double tick) const {
    return tick < least_x_ * (1 - 1e-9) || tick > greatest_x_ * (1 + 1e-9);
  }

  // No text may end the script.
  static std::string script_text(std::string_view text) {
    std::string safe;
    for (const char c : text) safe += c == '<' || c == '>' || c == '&' ? ' ' : c;
    return safe;
  }

  static std::string in_quotes(std::string_view text) {
    Buffer quoted;
    append_json_string(script_text(text), quoted);
    return quoted;
  }

  template <class Text>
  void put_each(const ChartLine& line, Text text) {
    bool first = true;
    for (const auto& point : line.points) {
      if (!is_plotted(chart_, point)) continue;
      if (!first) out_ += ',';
      first = false;
      out_ += text(point.first, point.second);
    }
  }

  void draw_grid() {
    for (const double tick : y_.ticks()) {
      const double at = *y_.at(tick);
      put("<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", left, right, at, at);
      put("<text class=\"tick end\" x=\"{}\" y=\"{:.1f}\">{}</text>", left - 8, at + 4,
          html_text(tick_text(chart_.y, tick)));
    }
    double last = -100;  // labels of neighbours must not touch
    for (const double tick : chart_.x.ticks.empty() ? x_.ticks() : chart_.x.ticks) {
      const auto at = x_.at(tick);
      if (x_outside(tick)) continue;
      const std::string text = tick_text(chart_.x, tick);
      const double half = 3.4 * static_cast<double>(text.size());
      if (!at || *at - half < last) continue;
      last = *at + half + 6;
      put("<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{}\" y2=\"{}\"/>", *at, *at, top,
          bottom + 5);
      put("<text class=\"tick middle\" x=\"{:.1f}\" y=\"{}\">{}</text>", *at, bottom + 20, html_text(text));
    }
    put("<line class=\"axis\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>", left, right, bottom, bottom);
  }

  void draw_line(const ChartLine& line) {
    std::string path;
    bool drawing = false;
    bool begun = false;
    double begin = 0;
    for (const auto& point : line.points) {
      const auto x = x_.at(point.first);
      const auto y = y_.at(point.second);
      if (!x || !y) {
        drawing = false;
        continue;
      }
      if (drawing && line.filled) fmt::format_to(std::back_inserter(path), "H{:.1f}", *x);
      // A point between gaps is a dot.
      fmt::format_to(std::back_inserter(path), "{}{:.1f} {:.1f}{}", drawing ? "L" : "M", *x, *y,
                     drawing ? "" : "h0");
      if (!begun) begin = *x;
      begun = true;
      drawing = true;
    }
    if (path.empty()) return;
    if (line.filled) put("<path class=\"area c{}\" d=\"{}V{}H{:.1f}Z\"/>", line.colour, path, bottom, begin);
    put("<path class=\"line c{}{}\" d=\"{}\"/>", line.colour, dashes[static_cast<std::size_t>(line.dash)],
        path);
  }

  // At the ends of the lines, moved apart where they would cover each other.
  void draw_names() {
    struct Name {
      const ChartLine* line;
      double end;  // of the line
      double at;
    };
    std::vector<Name> names;
    for (const ChartLine& line : chart_.lines) {
      const auto last = std::find_if(line.points.rbegin(), line.points.rend(),
                                     [this](const auto& point) { return is_plotted(chart_, point); });
      if (last != line.points.rend()) names.push_back({&line, *y_.at(last->second), 0});
    }
    std::ranges::sort(names, {}, [](const Name& name) { return std::pair(name.end, name.line); });
    double next = top + 4;
    for (Name& name : names) {
      name.at = std::max(name.end + 4, next);
      next = name.at + label_height;
    }
    next = bottom + 4;
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
      name->at = std::min(name->at, next);
      next = name->at - label_height;
    }
    for (const Name& name : names) {
      put("<path class=\"line c{}{}\" d=\"M{} {:.1f}H{}\"/>", name.line->colour,
          dashes[static_cast<std::size_t>(name.line->dash)], right + 6, name.at - 4, right + 24);
      put("<text class=\"name c{}\" x=\"{}\" y=\"{:.1f}\">{}</text>", name.line->colour, right + 28, name.at,
          html_text(name.line->name));
    }
  }

  const Chart& chart_;
  double least_x_, greatest_x_;
  Axis x_, y_;
  Buffer& out_;
};

}  // namespace

std::string html_text(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    text.remove_prefix(character.size());
    const char c = character.front();
    if (size == 0 || (octet(c) < 0x20 && c != '\n') || c == '\x7f')
      safe += "\xEF\xBF\xBD";
    else if (std::string_view("&<>\"'").contains(c))
      fmt::format_to(std::back_inserter(safe), "&#{};", octet(c));
    else
      safe += character;
  }
  return safe;
}

void append_chart(const Chart& chart, Buffer& out) {
  Bounds x;
  Bounds y;
  std::size_t most = 0;
  for (const ChartLine& line : chart.lines) {
    std::size_t plotted = 0;
    for (const auto& point : line.points) {
      if (!is_plotted(chart, point)) continue;
      ++plotted;
      x.take(point.first);
      y.take(point.second);
    }
    most = std::max(most, plotted);
  }
  if (most < 2) return;
  out += "<figure class=\"chart\"><figcaption><b>" + html_text(chart.title) + "</b>";
  if (!chart.note.empty()) out += " <span>" + html_text(chart.note) + "</span>";
  out += "</figcaption>";
  Drawing drawing(chart, x, y, out);
  drawing.draw();
  drawing.put_points();
  out += "<div class=\"tip\"></div></figure>\n";
}

}  // namespace mq
