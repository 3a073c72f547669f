// Which event is worth a line, and what the line says.
#include "apps/zako/display/status.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "engine/script.hpp"

namespace zako {

namespace {

constexpr std::string_view erase_line = "\r\x1b[K";

std::string exit_text(std::int32_t code) {
  if (code > 128) // as shells count
    return fmt::format("signal {}", code - 128);
  return fmt::format("exit code {}", code);
}

} // namespace

status::status(screen on, verbosity detail, nanoseconds now)
    : screen_(on), detail_(detail), begin_(now), drawn_at_(now) {}

std::string status::on(const event& what, nanoseconds now) {
  auto lasting = std::visit([&](auto& x) { return handle(x, now); }, what);
  if (lasting.empty())
    return now - drawn_at_ >= redraw_interval ? tick(now) : std::string();
  auto out = finish() + lasting;
  return out + tick(now);
}

std::string status::tick(nanoseconds now) {
  if (!screen_.live || detail_ == verbosity::quiet)
    return {};
  drawn_at_ = now;
  line_is_up_ = true;
  return std::string(erase_line) + live_line(now);
}

std::string status::finish() {
  return std::exchange(line_is_up_, false) ? std::string(erase_line) : std::string();
}

std::string status::handle(const action_started& x, nanoseconds now) {
  running_[x.id] = {one_line(x.title), now};
  return {};
}

std::string status::handle(const action_finished& x, nanoseconds) {
  running_.erase(x.id);
  ++finished_;
  auto title = one_line(x.title);
  if (x.exit_code != 0 && stopping_)
    return {};
  if (x.exit_code != 0) {
    shown_failures_.insert(x.title);
    return paint(screen_, tint::red, "FAILED") + ": " + paint(screen_, tint::bold, title) +
           fmt::format(" ({})\n", exit_text(x.exit_code)) +
           (x.argv.empty() ? "" : "  " + command_text(x.argv) + '\n') + captured(x.text);
  }
  // What a test that passes prints is for the report, on request.
  auto printed = x.title.starts_with("TEST ") ? std::string() : captured(x.text);
  bool all = detail_ == verbosity::verbose;
  if (detail_ == verbosity::quiet)
    return {};
  if (screen_.live && !all && printed.empty())
    return {};
  return counter() + " " + title +
         (all ? fmt::format(" ({})\n  {}", duration(x.run_ns), command_text(x.argv)) : "") + '\n' +
         printed;
}

std::string status::handle(const progress& x, nanoseconds) {
  totals_ = x;
  return {};
}

std::string status::handle(const script_printed& x, nanoseconds) {
  bool matters = x.level == "error" || x.level == "warn";
  if (detail_ == verbosity::quiet && !matters)
    return {};
  auto lead = shown_module(x.file) + ": ";
  if (matters)
    lead += x.level + ": ";
  auto colour = x.level == "error" ? tint::red : x.level == "warn" ? tint::yellow : tint::none;
  return paint(screen_, colour, lead) + ended(captured(x.text));
}

/// The action that has just ended may be known before the totals that count it.
std::string status::counter() const {
  auto done = std::max(totals_.actions_run + totals_.actions_reused, finished_);
  return fmt::format("[{}/{}]", done, std::max(totals_.actions_known, done));
}

std::string status::live_line(nanoseconds now) const {
  std::string out;
  if (totals_.actions_known == 0 && running_.empty())
    out = fmt::format("{}  looking at {}", duration(now - begin_),
                      count_of(totals_.nodes_verified + totals_.nodes_computed, "node"));
  else
    out = fmt::format("{} {}", counter(), duration(now - begin_));
  bool first = true;
  for (auto& [id, action] : running_) {
    out += std::exchange(first, false) ? "  " : ", ";
    out += action.title;
    if (now - action.since >= shown_from)
      out += ' ' + duration(now - action.since);
  }
  // One column stays free: a full line would make some terminals wrap.
  return cut(out, screen_.width > 0 ? screen_.width - 1 : 0);
}

/// What a program printed, as it is where the screen understands it.
std::string status::captured(std::string_view text) const {
  return ended(screen_.colours ? std::string(text) : plain(text));
}

} // namespace zako
