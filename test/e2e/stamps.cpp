// utimensat, and a walk over two folders.
#include "stamps.hpp"

#include <fcntl.h>

namespace e2e {

struct ::stat stat_of(const fs::path& path) {
  struct ::stat s;
  INFO(path);
  REQUIRE(::stat(path.c_str(), &s) == 0);
  return s;
}

void set_mtime(const fs::path& path, const struct ::stat& then) {
  timespec times[] = {{0, UTIME_OMIT}, then.st_mtim};
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

void shift_mtime(const fs::path& path, long seconds) {
  auto then = stat_of(path);
  then.st_mtim.tv_sec += seconds;
  set_mtime(path, then);
}

std::map<std::string, std::string> tree_of(const fs::path& folder) {
  std::map<std::string, std::string> out;
  if (!fs::exists(folder))
    return out;
  for (auto& entry : fs::recursive_directory_iterator(folder)) {
    auto name = entry.path().lexically_relative(folder).string();
    if (!entry.is_regular_file()) {
      out[name] = entry.is_directory() ? "a folder" : "neither file nor folder";
    } else {
      bool executable = (stat_of(entry.path()).st_mode & S_IXUSR) != 0;
      out[name] = (executable ? "program: " : "file: ") + read_file(entry.path());
    }
  }
  return out;
}

std::string unlike_clean(const workspace& w, const words& patterns) {
  workspace clean;
  clean.environment = w.environment;
  clean.environment["ZAKO_CACHE"] = (clean.outside() / "cache").string();
  for (auto& entry : fs::directory_iterator(w.root()))
    if (auto name = entry.path().filename(); name != "zako-out" && name != ".zako")
      fs::copy(entry.path(), clean.root() / name,
               fs::copy_options::recursive | fs::copy_options::copy_symlinks |
                   fs::copy_options::overwrite_existing);
  clean.build(patterns);
  auto found = tree_of(w.root() / "zako-out");
  auto right = tree_of(clean.root() / "zako-out");
  for (auto& [name, content] : right)
    if (!found.count(name))
      return name + " is missing";
    else if (found[name] != content)
      return name + " is '" + found[name].substr(0, 100) + "' and not '" + content.substr(0, 100) +
             "'";
  return {};
}

} // namespace e2e
