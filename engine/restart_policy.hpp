// When a lost worker may be replaced. After the supervisors of Erlang/OTP: intensity and period.
#pragma once

#include <algorithm>
#include <cstdint>

namespace zako {

/// Times in nanoseconds.
struct restart_limits {
  std::uint32_t intensity = 5;                // losses in a row that are made good, >= 1
  std::int64_t period = 10'000'000'000;       // a loss counts for so long
  std::int64_t first_pause = 10'000'000;      // before the second replacement in a row; then
  std::int64_t longest_pause = 1'000'000'000; // twice as long each time, at most this
};

/// Counts losses in a row: a job that any worker has done ends the row. Time comes from the caller
/// and never runs backwards.
class restart_policy {
public:
  explicit restart_policy(restart_limits limits) : limits_(limits) {}

  void worked() { losses_ = 0; }

  void lost(std::int64_t now) {
    if (losses_ > 0 && now - last_ > limits_.period)
      losses_ = 0;
    last_ = now;
    ++losses_;
    auto pause = losses_ < 2 ? 0 : limits_.first_pause << std::min(losses_ - 2, 20u);
    next_ = now + (given_up(now) ? limits_.period : std::min(pause, limits_.longest_pause));
  }

  /// Workers end as soon as they begin: whoever waits for one should hear of it. After a period
  /// without a worker the next one is tried.
  [[nodiscard]] bool given_up(std::int64_t now) const {
    return losses_ > limits_.intensity && now - last_ < limits_.period;
  }

  /// From then on a worker may be started.
  [[nodiscard]] std::int64_t next_start() const { return losses_ == 0 ? 0 : next_; }

private:
  restart_limits limits_;
  std::uint32_t losses_ = 0;
  std::int64_t last_ = 0;
  std::int64_t next_ = 0;
};

} // namespace zako
