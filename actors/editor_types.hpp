// The folder .zako/types of a workspace: what editors and tsc read (scripting/editor_project.hpp).
// Needs no engine. Files are replaced one by one, so who reads them meanwhile sees whole ones.
#pragma once

#include <string>

#include "engine/error.hpp"

namespace zako {

/// Writes all of them.
result<void> write_types(const std::string& workspace);

/// Writes them when there are none, or those of another Zako or of another zako.toml; else costs
/// the reading of one short file. For builds: what cannot be written stays as it is, and nobody
/// hears of it.
void refresh_types(const std::string& workspace);

enum class root_config {
  written, // there was none
  ours,    // it mentions .zako/types
  other,   // somebody's own
};

/// Gives the workspace a tsconfig.json that takes everything from .zako/types, unless it has one.
result<root_config> provide_root_config(const std::string& workspace);

} // namespace zako
