// What a benchmark says: notes and tables for people, then one line a metric for programs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zako::bench {

/// The middle one, or the mean of the two in the middle. `values` must not be empty.
double median(std::vector<double> values);

class report {
public:
  explicit report(std::string_view name) : name_(name) {}

  /// How something was measured; printed at once.
  void note(std::string_view text);
  /// A row of the table: what was measured, its median, and how the measurements spread.
  void row(std::string_view what, const std::vector<double>& values, std::string_view unit);
  /// A row that is text.
  void row(std::string_view what, std::string_view text);
  /// A line NAME.metric=value unit at the end.
  void metric(std::string_view metric, double value, int decimals, std::string_view unit);

  /// The table and the metrics.
  [[nodiscard]] std::string text() const;

private:
  struct line {
    std::string what, middle, spread;
  };
  std::string name_;
  std::vector<line> rows_;
  std::string metrics_;
};

} // namespace zako::bench
