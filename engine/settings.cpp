// The table, and how each unit is written.
#include "engine/settings.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

#include <fmt/format.h>

#include "engine/suggest.hpp"

namespace zako {

namespace {

using unit = setting_unit;

constexpr std::uint64_t most_workers = 1024;
constexpr std::uint64_t hour_ms = 3'600'000;
constexpr std::uint64_t day_ms = 24 * hour_ms;
constexpr std::uint64_t most_bytes = 1ull << 50;
constexpr std::uint64_t most_script_bytes = 64ull << 30;
constexpr std::uint64_t memory_granularity = 64u << 20;
constexpr std::uint64_t most_of_a_resource = 1u << 20;
constexpr std::size_t longest_name = 32;

constexpr std::array rows = {
    setting_row{"cache.memory", unit::bytes, 4u << 20, 4ull << 30,
                "memory that the content store may keep blobs in"},
    setting_row{"gc.idle", unit::duration, 0, day_ms,
                "after so long without a build, memory is given back"},
    setting_row{"gc.on_pressure", unit::flag, 0, 1,
                "give memory back when the machine or its container runs short of it"},
    setting_row{"jobserver", unit::flag, 0, 1,
                "offer free cpu slots to actions that speak GNU make's jobserver"},
    setting_row{"metrics.port", unit::count, 0, 65535,
                "serve metrics to this machine on this port; 0: off"},
    setting_row{"overcommit.cpu", unit::percent, 0, 100, "by how much soft needs may go past it"},
    setting_row{"overcommit.disk", unit::percent, 0, 100, "likewise"},
    setting_row{"overcommit.gpu", unit::percent, 0, 100, "likewise"},
    setting_row{"overcommit.memory", unit::percent, 0, 100, "likewise"},
    setting_row{"overcommit.network", unit::percent, 0, 100, "likewise"},
    setting_row{"pools.io.idle", unit::duration, 0, day_ms,
                "an idle worker that reads files ends after this"},
    setting_row{"pools.io.max", unit::count, 1, most_workers, "workers that read files, at most"},
    setting_row{"pools.io.min", unit::count, 0, most_workers, "those that stay when idle"},
    setting_row{"pools.process.idle", unit::duration, 0, day_ms,
                "an idle worker that runs programs ends after this"},
    setting_row{
        "pools.process.max", unit::count, 1, 4096,
        "workers that run programs, at most: one for each that runs or waits for resources"},
    setting_row{"pools.process.min", unit::count, 0, 4096, "those that stay when idle"},
    setting_row{"pools.script.idle", unit::duration, 0, day_ms,
                "an idle worker that runs scripts ends after this"},
    setting_row{"pools.script.max", unit::count, 1, most_workers,
                "workers that run scripts, at most"},
    setting_row{"pools.script.min", unit::count, 0, most_workers, "those that stay when idle"},
    setting_row{"pools.sweep.idle", unit::duration, 0, day_ms,
                "an idle worker that looks for changes ends after this"},
    setting_row{"pools.sweep.max", unit::count, 1, most_workers,
                "workers that look for changes, at most"},
    setting_row{"pools.sweep.min", unit::count, 0, most_workers, "those that stay when idle"},
    setting_row{"pools.transpile.idle", unit::duration, 0, day_ms,
                "an idle worker that transpiles ends after this"},
    setting_row{"pools.transpile.max", unit::count, 1, most_workers,
                "workers that transpile, at most"},
    setting_row{"pools.transpile.min", unit::count, 0, most_workers, "those that stay when idle"},
    setting_row{"process.grace", unit::duration, 0, hour_ms,
                "time that a program has to end when it was asked to"},
    setting_row{"resources.cpu", unit::count, 1, 4096,
                "cores that actions share; each takes one unless it says otherwise"},
    setting_row{"resources.disk", unit::count, 0, 4096, "actions that may use the disk heavily"},
    setting_row{"resources.gpu", unit::count, 0, 4096, "graphics processors"},
    setting_row{"resources.memory", unit::bytes, 0, most_bytes, "memory that actions share"},
    setting_row{"resources.network", unit::count, 0, 4096,
                "actions that may use the network heavily"},
    setting_row{"script.array_buffers", unit::bytes, 1u << 20, most_script_bytes,
                "array buffers that one script may hold"},
    setting_row{"script.console", unit::bytes, 1u << 10, most_script_bytes,
                "what one script may print"},
    setting_row{"script.heap", unit::bytes, 16u << 20, most_script_bytes,
                "objects that one script may hold"},
    setting_row{"script.modules", unit::count, 1, 1'000'000, "modules that one script may load"},
    setting_row{"script.stack", unit::bytes, 64u << 10, 7u << 20,
                "stack that one script may use, and no more than its thread has"},
    setting_row{"script.text", unit::bytes, 1u << 10, most_script_bytes,
                "texts in one value that leaves a script"},
    setting_row{"script.time", unit::duration, 0, day_ms,
                "time that one script may run; 0: without limit"},
    setting_row{"script.values", unit::count, 1'000, 1'000'000'000,
                "values in one value that leaves a script"},
};

constexpr std::string_view resources_prefix = "resources.";
constexpr std::string_view overcommit_prefix = "overcommit.";

struct suffix {
  std::string_view text;
  std::uint64_t factor;
};
constexpr std::array size_suffixes = {suffix{"", 1}, suffix{"K", 1ull << 10},
                                      suffix{"M", 1ull << 20}, suffix{"G", 1ull << 30},
                                      suffix{"T", 1ull << 40}};
constexpr std::array time_suffixes = {suffix{"ms", 1}, suffix{"s", 1000}, suffix{"m", 60'000},
                                      suffix{"h", hour_ms}};

std::optional<std::uint64_t> number_with(std::string_view text, std::span<const suffix> suffixes) {
  std::uint64_t n = 0;
  auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (bad != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  for (auto& x : suffixes)
    if (x.text == text && n <= ~std::uint64_t{0} / x.factor)
      return n * x.factor;
  return std::nullopt;
}

std::optional<std::uint64_t> parse(unit u, std::string_view text) {
  static constexpr std::array plain = {suffix{"", 1}};
  static constexpr std::array percent = {suffix{"", 1}, suffix{"%", 1}};
  switch (u) {
  case unit::count:
    return number_with(text, plain);
  case unit::bytes:
    return number_with(text, size_suffixes);
  case unit::duration:
    return number_with(text, time_suffixes);
  case unit::percent:
    return number_with(text, percent);
  case unit::flag:
    if (text == "true" || text == "1")
      return 1;
    if (text == "false" || text == "0")
      return 0;
  }
  return std::nullopt;
}

std::string_view how_written(unit u) {
  switch (u) {
  case unit::count:
    return "a whole number";
  case unit::bytes:
    return "a size such as 512M or 4G";
  case unit::duration:
    return "a time such as 500ms, 30s or 5m";
  case unit::percent:
    return "a percentage";
  case unit::flag:
    break;
  }
  return "true or false";
}

std::string with_suffix(std::uint64_t value, std::span<const suffix> suffixes) {
  auto best = suffixes.front();
  for (auto& x : suffixes)
    if (value > 0 && value % x.factor == 0)
      best = x;
  return fmt::format("{}{}", value / best.factor, best.text);
}

/// NAME of resources.NAME or overcommit.NAME.
std::optional<std::string_view> resource_name(std::string_view key) {
  for (auto prefix : {resources_prefix, overcommit_prefix})
    if (key.starts_with(prefix))
      return key.substr(prefix.size());
  return std::nullopt;
}

bool is_resource_name(std::string_view name) {
  auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= longest_name && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

std::vector<std::string> keys_with(std::string_view prefix) {
  std::vector<std::string> out;
  for (auto& row : rows)
    if (row.key.starts_with(prefix))
      out.emplace_back(row.key);
  return out;
}

error unknown(std::string_view key) {
  auto known = keys_with("");
  auto group = key.substr(0, key.find('.') + 1);
  if (auto near = keys_with(group); !group.empty() && !near.empty())
    known = std::move(near);
  auto e = fail(errc::invalid_argument, fmt::format("there is no setting '{}'", key)).value();
  e.remedy = did_you_mean(key, known, "'zako info --resources' lists the settings");
  return e;
}

} // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse(unit::bytes, text);
}

std::span<const setting_row> setting_rows() {
  return rows;
}

std::optional<setting_row> setting_row_of(std::string_view key) {
  auto i = std::find_if(rows.begin(), rows.end(), [&](auto& row) { return row.key == key; });
  if (i != rows.end())
    return *i;
  auto name = resource_name(key);
  if (!name || !is_resource_name(*name))
    return std::nullopt;
  // One letter beside a built-in name is a slip, not a resource of one's own.
  std::vector<std::string> built_in;
  for (auto& known : keys_with(resources_prefix))
    built_in.push_back(known.substr(resources_prefix.size()));
  if (closest(*name, built_in))
    return std::nullopt;
  if (key.starts_with(overcommit_prefix))
    return setting_row{{}, unit::percent, 0, 100, "by how much soft needs may go past it"};
  return setting_row{{}, unit::count, 0, most_of_a_resource, "a resource of your own"};
}

std::string setting_text(setting_unit u, std::uint64_t value) {
  switch (u) {
  case unit::bytes:
    return with_suffix(value, size_suffixes);
  case unit::duration:
    return with_suffix(value, time_suffixes);
  case unit::percent:
    return fmt::format("{}%", value);
  case unit::flag:
    return value != 0 ? "true" : "false";
  case unit::count:
    break;
  }
  return fmt::format("{}", value);
}

result<void> engine_settings::set(std::string_view key, std::string_view value,
                                  std::string source) {
  auto row = setting_row_of(key);
  if (!row)
    return fail(unknown(key));
  auto n = parse(row->unit, value);
  if (!n)
    return fail(errc::invalid_argument,
                fmt::format("{} must be {}, not '{}'", key, how_written(row->unit), value),
                std::string(row->help));
  return set(key, *n, std::move(source));
}

result<void> engine_settings::set(std::string_view key, std::uint64_t value, std::string source) {
  auto row = setting_row_of(key);
  if (!row)
    return fail(unknown(key));
  if (value < row->least || value > row->most)
    return fail(errc::invalid_argument,
                fmt::format("{} must be from {} to {}, not {}", key,
                            setting_text(row->unit, row->least), setting_text(row->unit, row->most),
                            setting_text(row->unit, value)),
                std::string(row->help));
  values_[std::string(key)] = {value, std::move(source)};
  return {};
}

void engine_settings::set_default(std::string_view key, std::uint64_t value, std::string source) {
  auto row = setting_row_of(key);
  assert(row && "a default of an unknown setting");
  values_.try_emplace(std::string(key),
                      entry{std::clamp(value, row->least, row->most), std::move(source)});
}

std::optional<std::uint64_t> engine_settings::find(std::string_view key) const {
  auto i = values_.find(std::string(key));
  return i == values_.end() ? std::nullopt : std::optional(i->second.value);
}

std::uint64_t engine_settings::at(std::string_view key) const {
  auto value = find(key);
  assert(value && "a setting without a default");
  return *value;
}

result<void> engine_settings::check() const {
  for (auto& row : rows) {
    if (!row.key.starts_with("pools.") || !row.key.ends_with(".max"))
      continue;
    auto pool = std::string(row.key.substr(0, row.key.size() - 4));
    auto min = values_.find(pool + ".min");
    auto max = values_.find(pool + ".max");
    if (min != values_.end() && max != values_.end() && min->second.value > max->second.value)
      return fail(errc::invalid_argument,
                  fmt::format("{}.min is {} ({}), and {}.max is {} ({})", pool, min->second.value,
                              min->second.source, pool, max->second.value, max->second.source),
                  "no more can stay than there may be");
  }
  return {};
}

std::vector<resource_limits> engine_settings::resources() const {
  std::vector<resource_limits> out;
  for (auto i = values_.lower_bound(std::string(resources_prefix));
       i != values_.end() && i->first.starts_with(resources_prefix); ++i) {
    resource_limits x;
    x.name = i->first.substr(resources_prefix.size());
    x.capacity = i->second.value;
    x.granularity = x.name == memory_resource ? memory_granularity : 1;
    x.overcommit =
        x.capacity / 100 * find(std::string(overcommit_prefix) + x.name).value_or(0) +
        x.capacity % 100 * find(std::string(overcommit_prefix) + x.name).value_or(0) / 100;
    out.push_back(std::move(x));
  }
  return out;
}

} // namespace zako
