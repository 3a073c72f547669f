// What each kind of script may import and ask.
#include "engine/script.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/path.hpp"
#include "engine/suggest.hpp"

namespace zako {

namespace {

struct powers {
  std::string_view script;           // for messages: "a build file"
  std::vector<std::string> builtins; // a trailing '/' allows everything below
  std::vector<std::string> operations;
};

const std::vector<powers>& all_powers() {
  static const std::vector<powers> all = [] {
    auto with = [](std::initializer_list<const char*> more) {
      std::vector<std::string> xs(more.begin(), more.end());
      for (auto common : {"zako:core", "zako:console", "zako:context", "zako:semver", "zako:hash"})
        xs.emplace_back(common);
      return xs;
    };
    return std::vector<powers>{
        {"a package file", with({"zako:package", "zako:project"}), {"project", "option"}},
        {"a build file", with({"zako:build", "zako:rules/"}), {"glob", "option", "read"}},
        {"a rule file", with({"zako:rule"}), {}},
        {"a toolchain file", with({"zako:toolchain"}), {"which", "env", "probe", "read"}},
        {"a config file", with({"zako:config"}), {"option", "env", "read"}},
        {"a library file", with({}), {}},
    };
  }();
  return all;
}

const powers& powers_of(script_context context) {
  return all_powers()[static_cast<std::size_t>(context)];
}

bool allows(const powers& p, std::string_view builtin) {
  return std::any_of(p.builtins.begin(), p.builtins.end(), [&](auto& allowed) {
    return allowed.ends_with('/') ? builtin.starts_with(allowed) && builtin.size() > allowed.size()
                                  : builtin == allowed;
  });
}

/// A file that shows in its name what it is used as.
bool is_named_for(std::string_view module, script_context context) {
  auto name = module.substr(module.rfind('/') + 1);
  switch (context) {
  case script_context::package:
    return name == "zako.ts";
  case script_context::build:
    return name == "BUILD.ts";
  case script_context::rule:
    return name.ends_with(".rule.ts");
  case script_context::toolchain:
  case script_context::config:
    return data_module(name) == context;
  case script_context::library:
    break;
  }
  return true;
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

std::string_view script_noun(script_context context) {
  return powers_of(context).script;
}

script_context used_as(std::string_view module_id, script_context importer) {
  return importer == script_context::build && module_id.ends_with(".rule.ts") ? script_context::rule
                                                                              : importer;
}

std::optional<script_context> data_module(std::string_view module_id) {
  if (module_id.ends_with(".toolchain.ts"))
    return script_context::toolchain;
  if (module_id.ends_with(".config.ts"))
    return script_context::config;
  return std::nullopt;
}

result<void> check_builtin_import(std::string_view builtin, std::string_view importer,
                                  script_context context) {
  auto& p = powers_of(context);
  if (allows(p, builtin))
    return {};
  auto in_memory = is_memory(importer);
  auto who = in_memory || is_named_for(importer, context)
                 ? std::string(p.script)
                 : fmt::format("'{}', which is used as {} here", importer, p.script);
  std::vector<std::string> list;
  for (auto& allowed : p.builtins)
    list.push_back(allowed + (allowed.ends_with('/') ? "*" : ""));
  auto remedy = fmt::format("{} may import {}{}", p.script, fmt::join(list, ", "),
                            in_memory ? "" : ", and .ts and .json files");
  // The name of another script's module is no slip.
  if (std::none_of(all_powers().begin(), all_powers().end(),
                   [&](auto& other) { return allows(other, builtin); }))
    remedy = did_you_mean(builtin, p.builtins, std::move(remedy));
  return fail(errc::import_denied, fmt::format("'{}' cannot be imported by {}", builtin, who),
              std::move(remedy));
}

bool may_import(script_context context, std::string_view builtin) {
  return allows(powers_of(context), builtin);
}

bool may_ask(script_context context, std::string_view operation) {
  auto& allowed = powers_of(context).operations;
  return std::find(allowed.begin(), allowed.end(), operation) != allowed.end();
}

} // namespace zako
