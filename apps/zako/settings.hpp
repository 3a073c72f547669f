// The settings of a command: from the user's file, the workspace's, the environment and the command
// line.
#pragma once

#include "apps/zako/arguments.hpp"
#include "apps/zako/workspace.hpp"
#include "engine/settings.hpp"

namespace zako {

/// Later sources win: ~/.zakorc, .zakorc beside zako.toml, ZAKO_… variables, --set, -j and
/// --metrics-port. A file that is not there is left out.
result<engine_settings> gather_settings(const request& what, const place& where);

} // namespace zako
