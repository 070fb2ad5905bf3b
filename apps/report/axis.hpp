// One axis of a chart: which values it spans, where its ticks are, and where on the page a value lies.
#pragma once

#include <optional>
#include <vector>

namespace mq {

class Axis {
 public:
  enum class Fit : bool { rounded, exact };  // from round number to round number, or from value to value
  // `begin` and `end` are places on the page.
  Axis(double least, double greatest, bool logarithmic, Fit fit, double begin, double end);

  // nullopt where there is no place for it.
  std::optional<double> at(double value) const;
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  void choose_linear(double least, double greatest);
  void choose_logarithmic(double least, double greatest);

  bool logarithmic_;
  double begin_, end_;
  double low_ = 0, high_ = 1;
  std::vector<double> ticks_;
};

}  // namespace mq
