// Globs and the search for packages: both walk directory nodes, one layer of folders at a time.
//
// A folder with a BUILD.ts is a package of its own and one with a zako.toml a workspace of its own:
// a glob of the package above stops there. The search for packages goes through packages and stops
// at workspaces. Neither looks into zako-out, .zako and .git, nor, unless a pattern spells the dot,
// into hidden folders.
#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "engine/glob.hpp"
#include "engine/kinds/common.hpp"

namespace zako {

namespace {

constexpr std::size_t max_depth = 100;         // of folders below the start: links can make a ring
constexpr std::size_t max_folders = 1'000'000; // of one walk

bool has(const directory_value& folder, std::string_view name) {
  return std::any_of(folder.entries.begin(), folder.entries.end(), [&](auto& entry) {
    return entry.name == name && entry.type == file_type::regular;
  });
}

/// What a walk does with what it finds. Paths are relative to its start; the start itself is "".
struct visitor {
  /// False when nothing at or below this folder is wanted.
  std::function<bool(const neutral_path& path, const directory_value& folder)> enter;
  std::function<bool(const neutral_path& folder)> descend;
  std::function<void(const neutral_path& file)> file;
};

task<result<void>> walk(context& ctx, neutral_path start, visitor visit) {
  std::vector<neutral_path> layer(1);
  std::size_t depth = 0, folders = 0;
  while (!layer.empty()) {
    folders += layer.size();
    if (++depth > max_depth || folders > max_folders)
      co_return fail(
          errc::limit,
          fmt::format("the folders below '{}' do not end ('{}')", start.str(), layer.front().str()),
          "look for a symbolic link that leads to a folder above it");
    std::vector<key> keys;
    for (auto& path : layer)
      keys.push_back(directory_key((start / path.str()).str()));
    auto found = co_await get_all<directory_value>(ctx, std::move(keys));
    if (!found)
      co_return fail(std::move(found.error()));
    std::vector<neutral_path> next;
    for (std::size_t i = 0; i < layer.size(); ++i) {
      auto& folder = *(*found)[i];
      if (!visit.enter(layer[i], folder))
        continue;
      for (auto& entry : folder.entries) {
        auto path = layer[i] / entry.name;
        if (entry.type == file_type::regular)
          visit.file(path);
        else if (entry.type == file_type::folder && entry.name != ".git" && visit.descend(path))
          next.push_back(std::move(path));
      }
    }
    layer = std::move(next);
  }
  co_return result<void>();
}

result<std::vector<glob>> parse_all(const std::vector<std::string>& patterns, glob::dots dots) {
  std::vector<glob> out;
  for (auto& pattern : patterns) {
    auto parsed = glob::parse(pattern, dots);
    if (!parsed)
      return tl::unexpected(std::move(parsed.error()));
    out.push_back(std::move(*parsed));
  }
  return out;
}

task<outcome> compute_glob(context& ctx) {
  auto query = parse_glob_payload(ctx.self().payload());
  if (!query)
    co_return fail(errc::internal, "a glob's key is malformed");
  auto include = parse_all(query->include, glob::dots::explicitly);
  auto exclude = parse_all(query->exclude, glob::dots::as_others);
  if (!include)
    co_return fail(std::move(include.error()));
  if (!exclude)
    co_return fail(std::move(exclude.error()));
  paths_value out;
  visitor visit;
  visit.enter = [](const neutral_path& path, const directory_value& folder) {
    return path.empty() || (!has(folder, "BUILD.ts") && !has(folder, "zako.toml"));
  };
  visit.descend = [&](const neutral_path& folder) {
    auto wanted = [&](auto& g) { return g.may_match_below(folder.str()); };
    auto unwanted = [&](auto& g) { return g.matches_all_below(folder.str()); };
    return std::any_of(include->begin(), include->end(), wanted) &&
           std::none_of(exclude->begin(), exclude->end(), unwanted);
  };
  visit.file = [&](const neutral_path& file) {
    auto matches = [&](auto& g) { return g.matches(file.str()); };
    if (std::any_of(include->begin(), include->end(), matches) &&
        std::none_of(exclude->begin(), exclude->end(), matches))
      out.paths.push_back(file.str());
  };
  auto walked = co_await walk(ctx, query->folder, std::move(visit));
  if (!walked)
    co_return fail(std::move(walked.error()));
  std::sort(out.paths.begin(), out.paths.end());
  co_return value::of(std::move(out));
}

task<outcome> compute_packages(context& ctx) {
  auto start = neutral_path::parse(ctx.self().payload());
  if (!start)
    co_return fail(std::move(start.error()));
  paths_value out;
  visitor visit;
  visit.enter = [&](const neutral_path& path, const directory_value& folder) {
    if (!path.empty() && has(folder, "zako.toml"))
      return false;
    if (has(folder, "BUILD.ts"))
      out.paths.push_back((*start / path.str()).str());
    return true;
  };
  visit.descend = [](const neutral_path& folder) {
    return !folder.name().starts_with('.') && folder.name() != "node_modules";
  };
  visit.file = [](const neutral_path&) {};
  auto walked = co_await walk(ctx, *start, std::move(visit));
  if (!walked)
    co_return fail(std::move(walked.error()));
  std::sort(out.paths.begin(), out.paths.end());
  co_return value::of(std::move(out));
}

} // namespace

void add_glob_kinds(kind_table& table) {
  table.add({"glob", 1, compute_glob, {}});
  table.add({"packages", 1, compute_packages, {}});
}

} // namespace zako
