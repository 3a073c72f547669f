// The settings and options of a command: from the user's file, the workspace's, the environment and
// the command line.
#pragma once

#include <map>
#include <string>

#include "apps/zako/arguments.hpp"
#include "apps/zako/workspace.hpp"
#include "engine/settings.hpp"

namespace zako {

/// Later sources win: ~/.zakorc, .zakorc beside zako.toml, ZAKO_… variables, --set, -j and
/// --metrics-port. A file that is not there is left out.
result<engine_settings> gather_settings(const request& what, const place& where);

/// The options of a command: ~/.zakorc, .zakorc, --option. What ~/.zakorc says of options that this
/// workspace does not have is for others. An error when its zako.toml can be read and does not
/// declare one, or not with such a value.
result<std::map<std::string, std::string>> gather_options(const request& what, const place& where);

} // namespace zako
