// The events of a build as a trace that Perfetto and chrome://tracing show: text in, text out. It
// owns no file and no clock.
//
// Actions lie in lanes, as many as ran at once; scripts in one lane a worker; what was given back
// of memory in a lane of its own; and counters show the progress, pools and resources over time.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event.hpp"

namespace zako {

class trace_text {
public:
  using nanoseconds = std::int64_t;

  /// Times are shown from `begin` on.
  explicit trace_text(nanoseconds begin) : begin_(begin) {}

  // Each gives what is to be appended to the file.
  std::string start(std::string_view title);
  std::string on(const event& what, nanoseconds now);
  /// A counter with its series, as they are now; nothing when they are as before.
  std::string counter(const std::string& name, const std::map<std::string, double>& series,
                      nanoseconds now);
  /// Actions that still run end here.
  std::string finish(nanoseconds now);

private:
  struct running {
    std::string title;
    nanoseconds since = 0;
    unsigned lane = 0;
  };

  std::string handle(const action_started& x, nanoseconds now);
  std::string handle(const action_finished& x, nanoseconds now);
  std::string handle(const progress& x, nanoseconds now);
  std::string handle(const script_printed&, nanoseconds) { return {}; }
  std::string handle(const script_finished& x, nanoseconds now);
  std::string handle(const garbage_collected& x, nanoseconds now);
  [[nodiscard]] double microseconds(nanoseconds t) const;

  nanoseconds begin_;
  std::map<std::uint64_t, running> running_; // by id
  std::set<unsigned> lanes_in_use_;
  std::map<std::uint64_t, unsigned> script_lanes_;                // by worker
  std::map<std::string, std::map<std::string, double>> counters_; // as they were shown last
};

} // namespace zako
