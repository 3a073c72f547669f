// The JSON object form of Chrome's trace event format; an event a line.
#include "apps/zako/display/trace.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace zako {

namespace {

using nlohmann::json;

/// Groups of lanes; the format calls them processes.
enum group : int { actions = 1, scripts = 2, memory = 3, counts = 4 };

/// What programs print or are called need not be UTF-8.
std::string text_of(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace);
}
/// An event behind others.
std::string line(const json& x) {
  return ",\n" + text_of(x);
}

json group_name(group g, std::string_view name) {
  return {{"ph", "M"}, {"name", "process_name"}, {"pid", int{g}}, {"args", {{"name", name}}}};
}

json slice(group g, unsigned lane, std::string_view name, double begin_us, double us,
           json details) {
  return {{"ph", "X"},
          {"pid", int{g}},
          {"tid", lane},
          {"name", name},
          {"ts", begin_us},
          {"dur", us},
          {"args", std::move(details)}};
}

} // namespace

double trace_text::microseconds(nanoseconds t) const {
  return static_cast<double>(std::max<nanoseconds>(t - begin_, 0)) / 1e3;
}

std::string trace_text::start(std::string_view title) {
  return R"({"displayTimeUnit":"ms","traceEvents":[)"
         "\n" +
         text_of(group_name(actions, title)) + line(group_name(scripts, "scripts")) +
         line(group_name(memory, "memory given back")) + line(group_name(counts, "counters"));
}

std::string trace_text::on(const event& what, nanoseconds now) {
  return std::visit([&](auto& x) { return handle(x, now); }, what);
}

std::string trace_text::handle(const action_started& x, nanoseconds now) {
  unsigned lane = 1;
  while (!lanes_in_use_.insert(lane).second)
    ++lane;
  running_[x.id] = {x.title, now, lane};
  return {};
}

std::string trace_text::handle(const action_finished& x, nanoseconds now) {
  auto i = running_.find(x.id);
  if (i == running_.end())
    return {};
  auto was = i->second;
  running_.erase(i);
  lanes_in_use_.erase(was.lane);
  json details{{"exit code", x.exit_code},
               {"command", fmt::format("{}", fmt::join(x.argv, " "))},
               {"cpu ms", static_cast<double>(x.cpu_ns) / 1e6}};
  if (x.peak_bytes > 0)
    details["peak MB"] = static_cast<double>(x.peak_bytes) / 1e6;
  return line(slice(actions, was.lane, was.title, microseconds(was.since),
                    static_cast<double>(std::min(x.run_ns, now - was.since)) / 1e3,
                    std::move(details)));
}

std::string trace_text::handle(const progress& x, nanoseconds now) {
  return counter(
             "actions",
             {{"run", x.actions_run}, {"reused", x.actions_reused}, {"failed", x.actions_failed}},
             now) +
         counter("nodes", {{"computed", x.nodes_computed}, {"verified", x.nodes_verified}}, now);
}

std::string trace_text::handle(const script_finished& x, nanoseconds now) {
  auto lane = script_lanes_.emplace(x.worker, script_lanes_.size() + 1).first->second;
  return line(slice(scripts, lane, x.file, microseconds(now - x.run_ns),
                    static_cast<double>(x.run_ns) / 1e3, json::object()));
}

std::string trace_text::handle(const garbage_collected& x, nanoseconds now) {
  json details{{"cause", x.cause}, {"nodes", x.nodes}};
  for (auto& part : x.freed)
    details[part.name + " bytes"] = part.bytes;
  return line(slice(memory, 1, x.full ? "full" : "gentle", microseconds(now - x.run_ns),
                    static_cast<double>(x.run_ns) / 1e3, std::move(details)));
}

std::string trace_text::counter(const std::string& name,
                                const std::map<std::string, double>& series, nanoseconds now) {
  auto& shown = counters_[name];
  if (shown == series)
    return {};
  shown = series;
  return line({{"ph", "C"},
               {"pid", int{counts}},
               {"name", name},
               {"ts", microseconds(now)},
               {"args", series}});
}

std::string trace_text::finish(nanoseconds now) {
  std::string out;
  for (auto& [id, x] : running_)
    out += line(slice(actions, x.lane, x.title, microseconds(x.since),
                      static_cast<double>(now - x.since) / 1e3, {{"stopped", true}}));
  running_.clear();
  return out + "\n]}\n";
}

} // namespace zako
