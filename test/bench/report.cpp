// Medians, aligned columns, metric lines.
#include "test/bench/report.hpp"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

namespace zako::bench {

double median(std::vector<double> values) {
  assert(!values.empty());
  std::sort(values.begin(), values.end());
  auto half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void report::note(std::string_view text) {
  fmt::print("{}\n", text);
}

void report::row(std::string_view what, const std::vector<double>& values, std::string_view unit) {
  auto [least, most] = std::minmax_element(values.begin(), values.end());
  rows_.push_back({std::string(what), fmt::format("{:.2f} {}", median(values), unit),
                   fmt::format("{:.2f} .. {:.2f}, {} runs", *least, *most, values.size())});
}

void report::row(std::string_view what, std::string_view text) {
  rows_.push_back({std::string(what), std::string(text), {}});
}

void report::metric(std::string_view metric, double value, int decimals, std::string_view unit) {
  metrics_ += fmt::format("{}.{}={:.{}f} {}\n", name_, metric, value, decimals, unit);
}

std::string report::text() const {
  std::size_t first = 0, second = 0;
  for (auto& x : rows_) {
    first = std::max(first, x.what.size());
    if (!x.spread.empty())
      second = std::max(second, x.middle.size());
  }
  std::string out = "\n";
  for (auto& x : rows_)
    out += x.spread.empty()
               ? fmt::format("{:<{}}  {}\n", x.what, first, x.middle)
               : fmt::format("{:<{}}  {:>{}}  ({})\n", x.what, first, x.middle, second, x.spread);
  return out + '\n' + metrics_;
}

} // namespace zako::bench
