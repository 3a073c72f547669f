// Ways to change files that hide the change from whoever looks at names and times, and the
// comparison with a clean build.
#pragma once

#include <sys/stat.h>

#include <string>

#include "workspace.hpp"

namespace e2e {

/// A file's times and size as they are now.
struct ::stat stat_of(const fs::path& path);

/// Sets the mtime to what it was then.
void set_mtime(const fs::path& path, const struct ::stat& then);

/// Adds so many seconds to the mtime.
void shift_mtime(const fs::path& path, long seconds);

/// What is below a folder: for each file its content, and whether it may be executed.
std::map<std::string, std::string> tree_of(const fs::path& folder);

/// The difference between zako-out and what a clean build of a copy with an empty cache makes;
/// empty when there is none.
std::string unlike_clean(const workspace& w, const words& patterns = {});

} // namespace e2e
