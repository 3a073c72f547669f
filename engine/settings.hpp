// What a user may set about how an engine runs: one table of keys, and the values they have.
//
// Values come from several places, and a later one wins: what the machine is like, ~/.zakorc,
// .zakorc of the workspace, environment variables, the command line. Each value remembers where it
// is from. Nothing here changes what a build makes. This file reads no files and no environment:
// their texts are given to it.
//
//   resources.NAME     how much there is of a resource: the built-in ones, and any NAME of the
//                      user's own (small letters, digits, '-', '_')
//   overcommit.NAME    by how much soft needs may go past it, in percent
//   others             see `setting_rows`
//
// In a file they are TOML tables ([resources] cpu = 4), in the environment upper case with '_'
// (ZAKO_RESOURCES_CPU=4), on the command line --set resources.cpu=4.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/error.hpp"
#include "engine/lease_book.hpp"

namespace zako {

enum class setting_unit : std::uint8_t {
  count,    // 4
  bytes,    // "512M": K, M, G, T are powers of 1024; a bare number is in bytes
  duration, // "500ms", "30s", "5m", "1h"; kept in milliseconds
  percent,  // 25
  flag,     // true, false; kept as 1 and 0
};

struct setting_row {
  std::string_view key;
  setting_unit unit = setting_unit::count;
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::string_view help; // one line
};

/// A size as a person writes it: "512M", "4G", "1048576".
std::optional<std::uint64_t> parse_size(std::string_view text);

/// Every key but those of the user's own resources.
std::span<const setting_row> setting_rows();

/// A number as its key's unit writes it: "4", "512M", "30s", "true"; what `engine_settings::set`
/// takes.
std::string setting_text(setting_unit unit, std::uint64_t value);

class engine_settings {
public:
  struct entry {
    std::uint64_t value = 0;
    std::string source; // for people: "machine", "~/.zakorc:3", "ZAKO_RESOURCES_CPU", "--set"
    bool operator==(const entry&) const = default;
  };

  /// Sets a key from text. errc::invalid_argument for an unknown key (did you mean) or a value that
  /// it cannot have.
  result<void> set(std::string_view key, std::string_view value, std::string source);
  /// The same from a number in the key's own unit.
  result<void> set(std::string_view key, std::uint64_t value, std::string source);
  /// Sets a key that nobody has set. It must be one of the table; the value is moved into its
  /// range.
  void set_default(std::string_view key, std::uint64_t value, std::string source = "default");

  [[nodiscard]] std::optional<std::uint64_t> find(std::string_view key) const;
  /// Of a key that was set or has a default: spawn_engine gives every key of the table one.
  [[nodiscard]] std::uint64_t at(std::string_view key) const;
  [[nodiscard]] const std::map<std::string, entry>& all() const { return values_; }

  /// What fits together: no pool's `min` is over its `max`.
  [[nodiscard]] result<void> check() const;
  /// Every resource that is set, with a granularity: memory goes by 64 MiB.
  [[nodiscard]] std::vector<resource_limits> resources() const;

  bool operator==(const engine_settings&) const = default;

  template <class Inspector>
  friend bool inspect(Inspector& f, engine_settings& x) {
    return f.object(x).fields(f.field("values", x.values_));
  }

private:
  std::map<std::string, entry> values_;
};

template <class Inspector>
bool inspect(Inspector& f, engine_settings::entry& x) {
  return f.object(x).fields(f.field("value", x.value), f.field("source", x.source));
}

/// Takes the settings of a file in TOML. `file` is its name for people. Errors have the place and a
/// code frame.
result<void> read_settings_file(engine_settings& to, std::string_view text,
                                const std::string& file);
/// Takes the settings among environment variables, as "NAME=value"; others are left alone.
result<void> read_settings_environment(engine_settings& to,
                                       const std::vector<std::string>& variables);
/// Takes one "KEY=VALUE" of the command line.
result<void> read_settings_flag(engine_settings& to, std::string_view text);

/// What a setting's key is, with its row; nothing for an unknown one.
std::optional<setting_row> setting_row_of(std::string_view key);

} // namespace zako
