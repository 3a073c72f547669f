// Imports, from text to module id.
#include "engine/imports.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/keys.hpp"
#include "engine/path.hpp"
#include "engine/script.hpp"
#include "engine/suggest.hpp"

namespace zako {

namespace {

tl::unexpected<error> denied(std::string_view specifier, std::string_view why, std::string remedy) {
  return fail(errc::import_denied, fmt::format("'{}' {}", specifier, why), std::move(remedy));
}

/// "scheme:..." as in a URL.
bool has_scheme(std::string_view text) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  auto colon = text.find(':');
  return colon != std::string_view::npos && colon > 0 && letter(text.front()) &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
         });
}

result<import_sort> sort_of_scheme(std::string_view specifier) {
  if (is_builtin(specifier))
    return import_sort::builtin;
  if (is_memory(specifier))
    return denied(specifier, "is a memory module, which nothing imports",
                  "put what others need into a file");
  auto scheme = specifier.substr(0, specifier.find(':') + 1);
  if (closest(scheme, {"zako:"}))
    return denied(specifier, "is no module", did_you_mean(scheme, {"zako:"}, {}));
  return denied(specifier, "is a URL, and scripts load nothing from elsewhere",
                scheme == "node:" || scheme == "npm:" || scheme == "bun:"
                    ? "scripts run without Node.js; built-in modules begin with 'zako:'"
                    : "import a file of this package by its relative path");
}

/// Spellings that a file system or a URL would take for something else.
result<void> check_spelling(std::string_view specifier) {
  if (specifier.empty())
    return denied(specifier, "names nothing", "write './FILE.ts'");
  if (auto nul = specifier.find('\0'); nul != std::string_view::npos)
    return denied(specifier.substr(0, nul), "goes on with a NUL character", "remove it");
  if (specifier.find('\\') != std::string_view::npos)
    return denied(specifier, "holds a backslash", "write '/' between folders");
  if (specifier.find('%') != std::string_view::npos)
    return denied(specifier, "holds '%', and paths are not percent-encoded",
                  "write the characters themselves");
  if (specifier.front() == '/')
    return denied(specifier, "is absolute", "import a file of this package by its relative path");
  return {};
}

/// Whether a path, wherever it was found, is of a module that can be imported.
result<void> check_file(std::string_view specifier, std::string_view path) {
  auto name = path.substr(path.rfind('/') + 1);
  if (specifier.ends_with('/'))
    return denied(specifier, "is not a .ts or .json file", "name a file of the folder");
  if (!name.ends_with(".ts") && !name.ends_with(".json")) {
    auto dot = name.rfind('.');
    std::string small(name.substr(std::min(dot, name.size())));
    std::transform(small.begin(), small.end(), small.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return denied(specifier, "is not a .ts or .json file",
                  small == ".ts" || small == ".json"
                      ? fmt::format("'{}' is written in small letters", small)
                      : fmt::format("write the file's whole name, as in '{}.ts'", specifier));
  }
  if (name == "BUILD.ts")
    return denied(specifier, "is another build file",
                  fmt::format("name its targets by label: \"//{}:name\"", folder_of(path)));
  if (name == "zako.ts")
    return denied(specifier, "is a package file",
                  "build files get what it exports by "
                  "packageSettings() of zako:build");
  if (is_made_by_builds(path))
    return denied(specifier, "is made by builds", "import only sources");
  return {};
}

/// `path` belongs to the package in `folder`.
result<std::string> in_package(std::string_view specifier, std::string path,
                               const package_entry& home, std::string_view folder,
                               const dependencies_value& packages) {
  auto* holder = packages.holder_of(path);
  if (!holder || holder->folder != folder) {
    for (auto& [name, where] : home.dependencies)
      if (holder && where == holder->folder)
        return denied(specifier, fmt::format("leads into the package {}", holder->name),
                      fmt::format("import it by that name: \"{}/{}\"", name,
                                  path.substr(where.empty() ? 0 : where.size() + 1)));
    if (holder)
      return denied(specifier, fmt::format("leads into the package {}", holder->name),
                    fmt::format("name it in [dependencies] of zako.toml, and import it as "
                                "\"{}/...\"",
                                holder->name));
    return denied(specifier, "leads out of the package",
                  "import only files of this package and of its [dependencies]");
  }
  if (auto ok = check_file(specifier, path); !ok)
    return fail(std::move(ok.error()));
  return path;
}

/// What imports by name can begin with.
tl::unexpected<error> unknown_name(std::string_view specifier, const manifest_value& manifest) {
  std::vector<std::string> known{"zako:core", "zako:build", "zako:rule", "zako:toolchain",
                                 "zako:config"};
  for (auto& [name, target] : manifest.imports)
    known.push_back(name);
  for (auto& [name, folder] : manifest.dependencies)
    known.push_back(name);
  auto first = specifier.substr(0, specifier.find('/'));
  auto near = closest(specifier, known);
  if (!near && first.size() < specifier.size())
    if (auto other = closest(std::string(first) + '/', known);
        other || (other = closest(first, known)))
      near = other->ends_with('/') ? *other + std::string(specifier.substr(first.size() + 1))
                                   : *other + std::string(specifier.substr(first.size()));
  return denied(specifier, "is neither a relative path nor a name that zako.toml gives",
                near ? fmt::format("did you mean '{}'?", *near)
                     : fmt::format("write './{}' for a file beside this one, or name a package in "
                                   "[dependencies] or a file in [imports] of zako.toml",
                                   specifier));
}

} // namespace

bool is_made_by_builds(std::string_view path) {
  return is_below(path, output_folder) || is_below(path, ".zako");
}

result<import_sort> sort_of_import(std::string_view specifier, std::string_view referrer) {
  if (is_builtin(referrer) || is_memory(referrer)) {
    if (is_builtin(specifier))
      return import_sort::builtin;
    auto who = is_builtin(referrer) ? "the built-in module" : "the memory module";
    return denied(specifier, fmt::format("cannot be imported by {} {}", who, referrer),
                  "it imports only built-in modules");
  }
  if (has_scheme(specifier))
    return sort_of_scheme(specifier);
  if (auto ok = check_spelling(specifier); !ok)
    return fail(std::move(ok.error()));
  auto first = specifier.substr(0, specifier.find('/'));
  return first == "." || first == ".." ? import_sort::path : import_sort::name;
}

result<std::string> resolve_path_import(std::string_view specifier, std::string_view referrer,
                                        const dependencies_value& packages) {
  auto* home = packages.holder_of(referrer);
  auto path = join_path(folder_of(referrer), specifier);
  if (!home || !path)
    return denied(specifier, "leads out of the package", "import only files of this package");
  return in_package(specifier, std::move(*path), *home, home->folder, packages);
}

result<std::string> resolve_named_import(std::string_view specifier, std::string_view referrer,
                                         const manifest_value& manifest,
                                         const dependencies_value& packages) {
  auto* home = packages.holder_of(referrer);
  if (!home)
    return denied(specifier, "is imported from outside of the package", {});
  const std::pair<const std::string, std::string>* longest = nullptr;
  for (auto& entry : manifest.imports) {
    auto& name = entry.first;
    if (name.ends_with('/') ? specifier.starts_with(name) : specifier == name)
      if (!longest || name.size() > longest->first.size())
        longest = &entry;
  }
  if (longest) {
    auto rest = specifier.substr(longest->first.size());
    auto path = join_path(home->folder, longest->second + std::string(rest));
    if (!path)
      return fail(std::move(path.error()));
    return in_package(specifier, std::move(*path), *home, home->folder, packages);
  }
  auto slash = specifier.find('/');
  auto dependency = home->dependencies.find(std::string(specifier.substr(0, slash)));
  if (dependency == home->dependencies.end())
    return unknown_name(specifier, manifest);
  auto& [name, folder] = *dependency;
  if (slash == std::string_view::npos || slash + 1 == specifier.size())
    return denied(specifier, "is a package, and not one of its files",
                  fmt::format("write \"{}/FILE.ts\"", name));
  auto path = join_path(folder, specifier.substr(slash + 1));
  if (!path)
    return fail(std::move(path.error()));
  return in_package(specifier, std::move(*path), *home, folder, packages);
}

result<void> check_link(std::string_view link, std::string_view real,
                        const dependencies_value& packages) {
  auto* home = packages.holder_of(link);
  if (!home || packages.holder_of(real) != home)
    return denied(link, fmt::format("leads by a symbolic link to '{}', out of its package", real),
                  "put the file into the package, or that one into [dependencies]");
  static constexpr std::array<std::string_view, 7> ends{
      "BUILD.ts", "zako.ts", ".rule.ts", ".toolchain.ts", ".config.ts", ".json", ".ts"};
  auto end_of = [](std::string_view path) {
    auto name = path.substr(path.rfind('/') + 1);
    auto end = std::find_if(ends.begin(), ends.end(), [&](auto x) {
      return x.front() == '.' ? name.ends_with(x) : name == x;
    });
    return end == ends.end() ? std::string_view() : *end;
  };
  if (end_of(link) != end_of(real))
    return denied(link,
                  fmt::format("is a symbolic link to '{}', which is another kind of file", real),
                  fmt::format("let the link's name end in '{}' too", end_of(real)));
  return {};
}

} // namespace zako
