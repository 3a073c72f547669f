// Where the user stands: the workspace around a folder, and patterns as seen from there.
#pragma once

#include <string>
#include <vector>

#include "engine/error.hpp"
#include "engine/path.hpp"

namespace zako {

struct place {
  std::string workspace; // absolute, without links; the folder with zako.toml
  neutral_path here;     // the user's folder in it
};

/// The nearest folder with a zako.toml, at or above `folder` (empty: the current one).
/// errc::invalid_argument when there is none, or no such folder.
result<place> find_workspace(const std::string& folder);

/// Patterns made absolute. None stands for everything at or below the user's folder.
result<std::vector<std::string>> absolute_patterns(const std::vector<std::string>& typed,
                                                   const neutral_path& here);

} // namespace zako
