// What each kind of script may import and ask.
#include "engine/script.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "engine/path.hpp"
#include "engine/suggest.hpp"

namespace zako {

namespace {

struct powers {
  std::string_view script;           // for messages: "a build file"
  std::vector<std::string> builtins; // a trailing '/' allows everything below
  std::vector<std::string> operations;
};

const powers& powers_of(script_context context) {
  static const std::vector<powers> all = [] {
    auto with = [](std::initializer_list<const char*> more) {
      std::vector<std::string> xs(more.begin(), more.end());
      for (auto common : {"zako:core", "zako:console", "zako:context", "zako:semver", "zako:hash"})
        xs.emplace_back(common);
      return xs;
    };
    return std::vector<powers>{
        {"a package file", with({"zako:package", "zako:project"}), {}},
        {"a build file", with({"zako:build", "zako:rules/"}), {"glob"}},
        {"a rule file", with({"zako:rule"}), {}},
        {"a toolchain file", with({"zako:toolchain"}), {"which", "env", "probe"}},
        {"a config file", with({"zako:config"}), {}},
        {"a library file", with({}), {}},
    };
  }();
  return all[static_cast<std::size_t>(context)];
}

/// A build file imports rule files, which then are bound by what a rule file may do when it is
/// implemented.
const powers& powers_in(std::string_view referrer, script_context context) {
  if (context == script_context::build && referrer.ends_with(".rule.ts"))
    return powers_of(script_context::rule);
  return powers_of(context);
}

tl::unexpected<error> denied(std::string_view specifier, std::string_view why, std::string remedy) {
  return fail(errc::import_denied, fmt::format("'{}' {}", specifier, why), std::move(remedy));
}

result<std::string> resolve_builtin(std::string_view specifier, const powers& p,
                                    std::string_view also) {
  for (auto& allowed : p.builtins)
    if (allowed.ends_with('/') ? specifier.starts_with(allowed) && specifier.size() > allowed.size()
                               : specifier == allowed)
      return std::string(specifier);
  std::string list;
  for (auto& allowed : p.builtins)
    list += (list.empty() ? "" : ", ") + allowed + (allowed.ends_with('/') ? "*" : "");
  return denied(
      specifier, fmt::format("cannot be imported by {}", p.script),
      did_you_mean(specifier, p.builtins, fmt::format("{} may import {}{}", p.script, list, also)));
}

} // namespace

std::string_view to_string(script_context c) {
  static constexpr std::string_view names[] = {"package",   "build",  "rule",
                                               "toolchain", "config", "library"};
  return names[static_cast<std::size_t>(c)];
}

std::optional<script_context> parse_script_context(std::string_view name) {
  for (auto c : {script_context::package, script_context::build, script_context::rule,
                 script_context::toolchain, script_context::config, script_context::library})
    if (to_string(c) == name)
      return c;
  return std::nullopt;
}

bool is_builtin(std::string_view module_id) {
  return module_id.starts_with("zako:");
}

bool is_memory(std::string_view module_id) {
  return module_id.starts_with(memory_prefix);
}

std::string shown_module(std::string_view module_id) {
  if (is_memory(module_id))
    return fmt::format("<{}>", module_id.substr(memory_prefix.size()));
  return std::string(module_id);
}

result<std::string> resolve_import(std::string_view specifier, std::string_view referrer,
                                   script_context context) {
  if (referrer.empty())
    return std::string(specifier);
  if (is_builtin(referrer)) {
    if (is_builtin(specifier))
      return std::string(specifier);
    return denied(specifier, fmt::format("cannot be imported by the built-in module {}", referrer),
                  "a built-in module imports only built-in modules");
  }
  auto& p = powers_in(referrer, context);
  if (is_memory(referrer) && !is_builtin(specifier))
    return denied(specifier, "cannot be imported by a text that lies in no file",
                  "such a text imports only built-in modules");
  if (is_builtin(specifier))
    return resolve_builtin(specifier, p,
                           is_memory(referrer) ? "" : ", and .ts and .json files by relative path");
  if (is_memory(specifier))
    return denied(specifier, "lies in no file, and cannot be imported",
                  "put what you need into a file, and import that");
  if (!specifier.starts_with("./") && !specifier.starts_with("../"))
    return denied(specifier, "is neither a built-in module nor a relative path",
                  fmt::format("write './{}' for a file beside this one", specifier));
  auto from = neutral_path::parse(referrer);
  if (!from)
    return tl::unexpected(std::move(from.error()));
  auto path = neutral_path::parse(from->parent(), specifier);
  if (!path)
    return denied(specifier, "leads out of the workspace", "import only files of this workspace");
  if (path->extension() != ".ts" && path->extension() != ".json")
    return denied(specifier, "is not a .ts or .json file",
                  fmt::format("write the file's whole name, as in '{}.ts'", specifier));
  if (path->name() == "BUILD.ts")
    return denied(specifier, "is another build file",
                  fmt::format("name its targets by label: \"//{}:name\"", path->parent().str()));
  return path->str();
}

bool may_ask(script_context context, std::string_view operation) {
  auto& allowed = powers_of(context).operations;
  return std::find(allowed.begin(), allowed.end(), operation) != allowed.end();
}

} // namespace zako
