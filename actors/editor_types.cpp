// Looks through a workspace for scripts, and writes what editor_project makes of them.
#include "actors/editor_types.hpp"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include <fmt/format.h>

#include "engine/kinds/manifest.hpp"
#include "engine/path.hpp"
#include "scripting/editor_project.hpp"
#include "storage/file_system.hpp"

namespace zako {

namespace fs = std::filesystem;

namespace {

constexpr const char* folder = ".zako/types/";
constexpr const char* stamp = ".zako/types/stamp";
constexpr const char* manifest_file = "zako.toml";
constexpr const char* root_file = "tsconfig.json";
constexpr std::uint64_t most_bytes = 64 << 20; // as the transpiler takes

/// Of what was written: by which program, and for which manifest, by its size and time.
std::string text_of_stamp(const file_system& files) {
  std::error_code bad;
  fs::path path = files.absolute(manifest_file);
  auto size = fs::file_size(path, bad);
  auto time = fs::last_write_time(path, bad).time_since_epoch().count();
  return fmt::format("{} {} {}\n", editor_files_digest().hex(), size, time);
}

/// What imports may begin with, as the manifest says; nothing when it is wrong, which a build
/// tells.
editor_names names_of(file_system& files) {
  auto as_prefix = [](const std::string& folder) { return folder.empty() ? folder : folder + '/'; };
  editor_names out;
  auto text = files.read(manifest_file, most_bytes);
  auto manifest = text.and_then([](const std::string& t) { return parse_manifest(t); });
  if (!manifest)
    return out;
  for (auto& [name, target] : manifest->imports)
    if (auto path = join_path({}, target))
      out.emplace_back(name, name.ends_with('/') ? as_prefix(*path) : *path);
  for (auto& [name, folder] : manifest->dependencies)
    if (auto path = join_path({}, folder))
      out.emplace_back(name + '/', as_prefix(*path));
  return out;
}

/// Adds what `path`, a folder of the workspace, holds. What cannot be read is left out; folders
/// that are links are not entered.
void look_through(file_system& files, const std::string& path, editor_workspace& out) {
  std::error_code bad;
  auto absolute = files.absolute(path);
  if (!path.empty() && fs::exists(fs::path(absolute) / root_file, bad)) {
    out.foreign.push_back(path);
    return;
  }
  for (auto& entry : fs::directory_iterator(absolute, bad)) {
    auto name = entry.path().filename().string();
    if (name.starts_with('.') || name == "node_modules" || (path.empty() && name == "zako-out"))
      continue;
    auto below = path.empty() ? name : path + '/' + name;
    if (entry.is_directory(bad) && !entry.is_symlink(bad))
      look_through(files, below, out);
    else if (name.ends_with(".ts") && !name.ends_with(".d.ts"))
      if (auto source = files.read(below, most_bytes))
        out.scripts.push_back({below, imported_names(*source)});
  }
}

} // namespace

result<void> write_types(const std::string& workspace) {
  auto files = real_file_system(workspace);
  if (!files)
    return tl::unexpected(std::move(files.error()));
  auto written_for = text_of_stamp(**files); // as it was before it was read
  editor_workspace scripts;
  scripts.names = names_of(**files);
  look_through(**files, "", scripts);
  std::ranges::sort(scripts.foreign); // folders come in any order
  for (auto& file : editor_files(scripts))
    if (auto done = (*files)->write_atomic(folder + file.name, file.text); !done)
      return done;
  return (*files)->write_atomic(stamp, written_for); // last: all the others are there
}

void refresh_types(const std::string& workspace) {
  auto files = real_file_system(workspace);
  if (!files)
    return;
  auto found = (*files)->read(stamp, 1024);
  if (!found || *found != text_of_stamp(**files))
    std::ignore = write_types(workspace);
}

result<root_config> provide_root_config(const std::string& workspace) {
  auto files = real_file_system(workspace);
  if (!files)
    return tl::unexpected(std::move(files.error()));
  auto found = (*files)->read(root_file, most_bytes);
  if (found)
    return found->find(".zako/types/") != std::string::npos ? root_config::ours
                                                            : root_config::other;
  if (found.error().code != errc::not_found)
    return tl::unexpected(std::move(found.error()));
  auto done =
      (*files)->write_atomic(root_file, "{ \"extends\": \"./.zako/types/tsconfig.json\" }\n");
  if (!done)
    return tl::unexpected(std::move(done.error()));
  return root_config::written;
}

} // namespace zako
