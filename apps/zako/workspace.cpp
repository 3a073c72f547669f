// Walks upwards to zako.toml.
#include "apps/zako/workspace.hpp"

#include <filesystem>

#include "engine/label.hpp"

namespace zako {

namespace fs = std::filesystem;

result<place> find_workspace(const std::string& folder) {
  std::error_code bad;
  auto start = fs::canonical(folder.empty() ? "." : folder, bad);
  if (bad || !fs::is_directory(start, bad))
    return fail(errc::invalid_argument, "there is no folder '" + folder + "'",
                "check what follows -C");
  for (auto at = start;; at = at.parent_path()) {
    if (fs::is_regular_file(at / "zako.toml", bad)) {
      auto relative = start.lexically_relative(at).generic_string();
      auto here = neutral_path::parse(relative == "." ? "" : relative);
      if (!here)
        return fail(std::move(here.error()));
      return place{at.string(), std::move(*here)};
    }
    if (at == at.root_path())
      break;
  }
  return fail(errc::invalid_argument,
              "neither '" + start.string() + "' nor a folder above it has a zako.toml",
              "go to a workspace, name one with -C, or make one: see 'zako --help'");
}

result<std::vector<std::string>> absolute_patterns(const std::vector<std::string>& typed,
                                                   const neutral_path& here) {
  std::vector<std::string> out;
  for (auto& text : typed.empty() ? std::vector<std::string>{"..."} : typed) {
    auto pattern = target_pattern::parse(text, here);
    if (!pattern)
      return fail(std::move(pattern.error()));
    out.push_back(pattern->str());
  }
  return out;
}

} // namespace zako
