// zako.toml: what a package says of itself.
#pragma once

#include <string_view>

#include "engine/error.hpp"
#include "engine/values.hpp"

namespace zako {

/// Reads the text of a manifest. errc::invalid_manifest with position, code frame and remedy.
result<manifest_value> parse_manifest(std::string_view text);

/// The error for a workspace without a manifest; its remedy shows a minimal one.
error missing_manifest();

} // namespace zako
