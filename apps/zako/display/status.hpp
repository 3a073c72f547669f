// The status policy: events in, bytes for the output out. It owns no output and no clock.
//
// On a terminal there is one live line, "[12/35] 3.4 s  CC src/lua.o 1.2 s, CC src/lapi.o", redrawn
// at most every `redraw_interval`; what has to stay is printed above it. Elsewhere each action that
// ends gives a line. An action that fails, prints something, or is shown for --verbose gives a
// paragraph: title, command, output, whole.
//
// A returned text is complete: write it in one go. After `finish` the live line is gone.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "apps/zako/arguments.hpp"
#include "apps/zako/display/text.hpp"
#include "engine/event.hpp"

namespace zako {

constexpr std::int64_t redraw_interval = 66'000'000; // ns
/// A shorter action is shown without its time.
constexpr std::int64_t shown_from = 1'000'000'000; // ns

class status {
public:
  using nanoseconds = std::int64_t;

  status(screen on, verbosity detail, nanoseconds now);

  /// What to write for an event.
  std::string on(const event& what, nanoseconds now);
  /// What to write after some quiet time: the live line with its new times.
  std::string tick(nanoseconds now);
  /// Takes the live line away, before others write or at the end.
  std::string finish();

  /// The user stopped the build: actions that end now were ended by Zako, which is not worth a
  /// line.
  void stopping() { stopping_ = true; }

  void resize(std::size_t width) { screen_.width = width; }

  [[nodiscard]] const progress& totals() const { return totals_; }
  /// The titles of the actions whose failure was shown.
  [[nodiscard]] const std::set<std::string>& shown_failures() const { return shown_failures_; }

private:
  struct running {
    std::string title;
    nanoseconds since = 0;
  };

  std::string handle(const action_started& x, nanoseconds now);
  std::string handle(const action_finished& x, nanoseconds now);
  std::string handle(const progress& x, nanoseconds now);
  std::string handle(const script_printed& x, nanoseconds now);
  std::string handle(const script_finished&, nanoseconds) { return {}; }   // for the trace
  std::string handle(const garbage_collected&, nanoseconds) { return {}; } // likewise
  [[nodiscard]] std::string counter() const;
  [[nodiscard]] std::string live_line(nanoseconds now) const;
  [[nodiscard]] std::string captured(std::string_view text) const;

  screen screen_;
  verbosity detail_;
  nanoseconds begin_;
  nanoseconds drawn_at_;
  bool line_is_up_ = false;
  progress totals_;
  std::map<std::uint64_t, running> running_; // by id: in the order of their start
  std::set<std::string> shown_failures_;
  std::uint32_t finished_ = 0;
  bool stopping_ = false;
};

} // namespace zako
