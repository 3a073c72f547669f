// Copies, fetches and removes.
#include "test/bench/workspaces.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace zako::bench {

namespace fs = std::filesystem;

std::vector<std::string> fair_environment() {
  auto* path = std::getenv("PATH");
  std::string rest = path ? path : "/usr/bin:/bin", kept;
  while (!rest.empty()) {
    auto end = std::min(rest.find(':'), rest.size());
    auto folder = rest.substr(0, end);
    if (folder.find("ccache") == std::string::npos)
      kept += (kept.empty() ? "" : ":") + folder;
    rest.erase(0, end + 1);
  }
  return {"PATH=" + kept, "LC_ALL=C"};
}

workspace::workspace(const settings& given, std::string folder)
    : zako_(given.zako), folder_(std::move(folder)), cache_(folder_ + ".cache"),
      environment_(fair_environment()) {
  environment_.push_back("ZAKO_CACHE=" + cache_);
}

workspace workspace::example(const settings& given, const std::string& name,
                             const std::string& folder) {
  workspace out(given, folder);
  fs::copy(given.source + "/apps/examples/" + name, folder, fs::copy_options::recursive);
  out.make_cold(); // the example may have been built where it lies
  return out;
}

workspace workspace::project(const settings& given, const std::string& name,
                             const std::string& folder) {
  workspace out(given, folder);
  spawn_good({given.source + "/test/projects/fetch", name, folder}, {.keep_output = true});
  return out;
}

workspace workspace::made(const settings& given, const std::string& folder) {
  return {given, folder};
}

outcome workspace::run(const std::vector<std::string>& arguments, bool keep_output) const {
  std::vector<std::string> argv{zako_};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return spawn_good(argv, {folder_, environment_, keep_output});
}

void workspace::make_cold() const {
  for (auto& path : {*this / "zako-out", *this / ".zako", cache_})
    fs::remove_all(path);
}

} // namespace zako::bench
