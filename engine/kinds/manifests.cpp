// Manifests (zako.toml), and the packages whose modules may be used: the workspace's own, and those
// that the manifests name.
#include <algorithm>

#include <fmt/format.h>

#include "engine/kinds/common.hpp"
#include "engine/kinds/manifest.hpp"

namespace zako {

namespace {

std::string manifest_path(std::string_view folder) {
  return folder.empty() ? "zako.toml" : fmt::format("{}/zako.toml", folder);
}

/// A dependency as one manifest names it.
struct named_folder {
  std::size_t by; // of the packages
  std::string name;
  std::string folder;
};

/// `why` at the line of the manifest that names the dependency.
task<error> at_dependency(context& ctx, std::string folder, std::string name, error why) {
  auto file = manifest_path(folder);
  auto text = co_await read_text(ctx, file);
  if (text && *text)
    co_return at_manifest_key(std::move(why), **text, file, "dependencies", name);
  co_return why;
}

error wrong_dependency(const named_folder& x, const manifest_value* found) {
  auto message =
      found ? fmt::format("the package in '{}' is named {}, not {}", x.folder, found->name, x.name)
            : fmt::format("the dependency {} has no '{}'", x.name, manifest_path(x.folder));
  return fail(errc::invalid_manifest, std::move(message),
              found ? fmt::format("write {} = {{ path = ... }}", found->name)
                    : "its path is relative to this file, and leads to a folder with a zako.toml")
      .value();
}

/// Follows the manifests, level by level.
class package_search {
public:
  explicit package_search(context& ctx) : ctx_(ctx) {}

  task<result<dependencies_value>> run() {
    auto root = co_await ctx_.get<manifest_value>(manifest_key());
    if (!root)
      co_return fail(std::move(root.error()));
    add("", **root);
    while (!named_.empty()) {
      auto named = std::exchange(named_, {});
      auto done = co_await follow(std::move(named));
      if (!done)
        co_return fail(std::move(done.error()));
    }
    std::sort(found_.packages.begin() + 1, found_.packages.end(),
              [](auto& a, auto& b) { return a.folder < b.folder; });
    co_return std::move(found_);
  }

private:
  void add(std::string folder, const manifest_value& manifest) {
    for (auto& [name, path] : manifest.dependencies)
      if (auto where = join_path(folder, path))
        named_.push_back({found_.packages.size(), name, std::move(*where)});
    found_.packages.push_back({std::move(folder), manifest.name, {}});
  }

  [[nodiscard]] bool has(std::string_view folder) const {
    return std::any_of(found_.packages.begin(), found_.packages.end(),
                       [&](auto& x) { return x.folder == folder; });
  }

  /// A folder is known by where it really lies: its manifest's file tells.
  task<result<void>> follow(std::vector<named_folder> named) {
    std::vector<key> files;
    for (auto& x : named)
      files.push_back(file_key(manifest_path(x.folder)));
    auto looks = co_await get_all<file_value>(ctx_, std::move(files));
    if (!looks)
      co_return fail(std::move(looks.error()));
    std::vector<key> manifests;
    for (std::size_t i = 0; i < named.size(); ++i) {
      auto& look = *(*looks)[i];
      if (look.type == file_type::missing) {
        auto why = co_await at_dependency(ctx_, found_.packages[named[i].by].folder, named[i].name,
                                          wrong_dependency(named[i], nullptr));
        co_return fail(std::move(why));
      }
      if (!look.real.empty())
        named[i].folder = folder_of(look.real);
      manifests.push_back(manifest_key(named[i].folder));
    }
    auto read = co_await get_all<manifest_value>(ctx_, std::move(manifests));
    if (!read)
      co_return fail(std::move(read.error()));
    for (std::size_t i = 0; i < named.size(); ++i) {
      auto& manifest = *(*read)[i];
      auto& by = found_.packages[named[i].by];
      if (manifest.name != named[i].name) {
        auto why = co_await at_dependency(ctx_, by.folder, named[i].name,
                                          wrong_dependency(named[i], &manifest));
        co_return fail(std::move(why));
      }
      by.dependencies.emplace(named[i].name, named[i].folder);
      if (!has(named[i].folder))
        add(named[i].folder, manifest);
    }
    co_return result<void>{};
  }

  context& ctx_;
  dependencies_value found_;
  std::vector<named_folder> named_; // and not looked at yet
};

task<outcome> compute_dependencies(context& ctx) {
  package_search search(ctx);
  auto found = co_await search.run();
  if (!found)
    co_return fail(std::move(found.error()));
  co_return value::of(std::move(*found));
}

task<outcome> compute_manifest(context& ctx) {
  auto file = manifest_path(ctx.self().payload());
  auto text = co_await read_text(ctx, file);
  if (!text)
    co_return fail(std::move(text.error()));
  if (!*text)
    co_return fail(missing_manifest(file));
  auto parsed = parse_manifest(**text, file);
  if (!parsed)
    co_return fail(std::move(parsed.error()));
  co_return value::of(std::move(*parsed));
}

} // namespace

void add_manifest_kinds(kind_table& table) {
  table.add({"manifest", 2, compute_manifest, {}});
  table.add({"dependencies", 1, compute_dependencies, {}});
}

} // namespace zako
