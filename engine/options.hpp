// Options of a workspace: what its zako.toml declares ([options]), what the user gives, and the
// values that scripts get.
//
// Values come from ~/.zakorc, .zakorc of the workspace ([options] in both) and the command line
// (--option NAME=VALUE); a later one wins. Unlike settings (engine/settings.hpp) they change what a
// build makes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/values.hpp"

namespace zako {

struct given_option {
  std::string text;
  std::string source; // for people: ".zakorc:3", "--option"
  bool operator==(const given_option&) const = default;
};
using given_options = std::map<std::string, given_option>;

/// Takes the [options] of a settings file in TOML; `file` is its name for people.
/// errc::invalid_argument with place and code frame.
result<void> read_options_file(given_options& to, std::string_view text, const std::string& file);
/// Takes one "NAME=VALUE" of the command line.
result<void> read_option_flag(given_options& to, std::string_view text);

/// The value of an option: what `given` says, or the default. errc::not_found when the manifest
/// does not declare it (did you mean), errc::invalid_argument when it cannot have that value.
result<data> option_content(const manifest_value& manifest, std::string_view name,
                            const std::optional<std::string>& given);

/// The same for all that was given, with its source in the error.
result<void> check_options(const given_options& given, const manifest_value& manifest);

} // namespace zako
