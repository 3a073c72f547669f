// Gates: which files and which declarations make the program of a context.
#include "scripting/editor_project.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/path.hpp"
#include "engine/script.hpp"
#include "scripting/builtins.hpp"

namespace zako {

namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view to_root = "../../"; // from .zako/types

/// The names that scripts of a context have; libraries have any other.
struct naming {
  script_context context;
  std::string_view pattern;

  [[nodiscard]] bool fits(const std::string& path) const {
    return glob_match(fmt::format("**/{}", pattern), path);
  }
};
constexpr std::array namings{
    naming{script_context::package, "zako.ts"},
    naming{script_context::build, "BUILD.ts"},
    naming{script_context::rule, "*.rule.ts"},
    naming{script_context::toolchain, "*.toolchain.ts"},
    naming{script_context::config, "*.config.ts"},
};

constexpr std::array contexts{script_context::package, script_context::build,
                              script_context::rule,    script_context::toolchain,
                              script_context::config,  script_context::library};

/// What other files of the workspace are to a gate.
constexpr const char* unseen = "unseen.d.ts";

using declarations = std::vector<const builtin_declaration*>;

bool is_for(script_context context, const builtin_declaration& declaration) {
  constexpr std::string_view ending = ".d.ts";
  auto module = declaration.name.substr(0, declaration.name.size() - ending.size());
  return module == "global" || module.starts_with("toolchains/") || // types only
         may_import(context, std::string("zako:").append(module));
}

/// Those that some context may import.
declarations wanted_declarations() {
  declarations out;
  for (auto& declaration : builtin_declarations())
    if (std::ranges::any_of(contexts, [&](auto context) { return is_for(context, declaration); }))
      out.push_back(&declaration);
  return out;
}

class gates {
public:
  explicit gates(const editor_workspace& workspace) : workspace_(workspace) {
    for (auto& script : workspace.scripts)
      if (std::ranges::none_of(namings, [&](auto& n) { return n.fits(script.path); }))
        libraries_[script.path] = &script;
    for (auto& n : namings)
      for (auto& script : workspace.scripts)
        if (n.fits(script.path))
          follow(script, used_[n.context]);
  }

  /// The libraries of a gate. Of those that nobody imports, the ones that are scripts by what they
  /// import: other TypeScript may lie about, too.
  [[nodiscard]] std::set<std::string> libraries(script_context context) const {
    if (context != script_context::library) {
      auto found = used_.find(context);
      return found == used_.end() ? std::set<std::string>() : found->second;
    }
    std::set<std::string> out;
    for (auto& [path, script] : libraries_) {
      auto used = std::ranges::any_of(used_, [&](auto& by) { return by.second.contains(path); });
      if (!used && std::ranges::any_of(script->imports, is_builtin))
        out.insert(path);
    }
    return out;
  }

private:
  void follow(const script_file& from, std::set<std::string>& used) {
    std::vector<const script_file*> open{&from};
    while (!open.empty()) {
      auto* script = open.back();
      open.pop_back();
      for (auto& specifier : script->imports) {
        auto path = path_of(specifier, script->path);
        auto library = path ? libraries_.find(*path) : libraries_.end();
        if (library != libraries_.end() && used.insert(*path).second)
          open.push_back(library->second);
      }
    }
  }

  [[nodiscard]] std::optional<std::string> path_of(const std::string& specifier,
                                                   const std::string& importer) const {
    auto parsed = [](result<neutral_path> path) {
      return path ? std::optional(path->str()) : std::nullopt;
    };
    if (specifier.starts_with("./") || specifier.starts_with("../")) {
      auto from = neutral_path::parse(importer);
      return from ? parsed(neutral_path::parse(from->parent(), specifier)) : std::nullopt;
    }
    for (auto& [name, target] : workspace_.names)
      if (name.ends_with('/') ? specifier.starts_with(name) : specifier == name)
        return parsed(neutral_path::parse(target + specifier.substr(name.size())));
    return std::nullopt;
  }

  const editor_workspace& workspace_;
  std::map<std::string, const script_file*> libraries_;
  std::map<script_context, std::set<std::string>> used_;
};

/// Names of files may be no UTF-8.
std::string text_of(const json& x) {
  return x.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

json paths_of(const editor_workspace& workspace) {
  auto out = json::object();
  for (auto& [name, target] : workspace.names) {
    auto* any = name.ends_with('/') ? "*" : "";
    out[name + any] = json::array({fmt::format("{}{}{}", to_root, target, any)});
  }
  return out;
}

std::string editor_config(const editor_workspace& workspace) {
  json out;
  out["compilerOptions"] = {
      {"target", "es2022"},
      {"module", "esnext"},
      {"moduleResolution", "bundler"},
      {"moduleDetection", "force"},
      {"lib", json::array({"es2022"})},
      {"types", json::array()},
      {"strict", true},
      {"noEmit", true},
      {"noUncheckedIndexedAccess", true},
      {"noUncheckedSideEffectImports", true},
      {"allowImportingTsExtensions", true},
      {"resolveJsonModule", true},
      {"isolatedModules", true},
      {"verbatimModuleSyntax", true},
      {"skipDefaultLibCheck", true},
      {"paths", paths_of(workspace)},
  };
  out["files"] = json::array();
  for (auto* declaration : wanted_declarations())
    out["files"].push_back(declaration->name);
  out["include"] = json::array({fmt::format("{}**/*.ts", to_root)});
  out["exclude"] =
      json::array({fmt::format("{}zako-out", to_root), fmt::format("{}**/node_modules", to_root)});
  for (auto& folder : workspace.foreign)
    out["exclude"].push_back(fmt::format("{}{}", to_root, folder));
  return text_of(out);
}

std::string gate_config(script_context context, const std::set<std::string>& libraries) {
  json out;
  out["extends"] = "./tsconfig.json";
  out["compilerOptions"]["noResolve"] = true;
  out["files"] = json::array({unseen});
  for (auto& declaration : builtin_declarations())
    if (is_for(context, declaration))
      out["files"].push_back(declaration.name);
  for (auto& path : libraries)
    out["files"].push_back(fmt::format("{}{}", to_root, path));
  out["include"] = json::array();
  for (auto& n : namings)
    if (n.context == context)
      out["include"].push_back(fmt::format("{}**/{}", to_root, n.pattern));
  return text_of(out);
}

std::string unseen_modules(const editor_workspace& workspace) {
  std::string out = "/** What files of other contexts are to those that import them, when only "
                    "these are looked at. */\n"
                    "declare module \"*.ts\";\ndeclare module \"*.json\";\n";
  for (auto& [name, target] : workspace.names)
    out += fmt::format("declare module \"{}{}\";\n", name, name.ends_with('/') ? "*" : "");
  return out;
}

/// All but the declarations.
std::vector<editor_file> made_files(const editor_workspace& workspace) {
  std::vector<editor_file> out;
  out.push_back({unseen, unseen_modules(workspace)});
  out.push_back({"tsconfig.json", editor_config(workspace)});
  gates all{workspace};
  for (auto context : contexts)
    out.push_back({fmt::format("tsconfig.{}.json", to_string(context)),
                   gate_config(context, all.libraries(context))});
  return out;
}

bool is_of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

} // namespace

std::vector<std::string> imported_names(std::string_view source) {
  std::vector<std::string> out;
  std::string_view before; // the last word, when only a bracket follows
  for (std::size_t i = 0; i < source.size();) {
    auto until = [&](std::size_t end) { return std::min(end, source.size()); };
    auto c = source[i];
    if (source.substr(i, 2) == "//") {
      i = until(source.find('\n', i));
    } else if (source.substr(i, 2) == "/*") {
      auto end = source.find("*/", i + 2);
      i = end == source.npos ? source.size() : end + 2;
    } else if (c == '"' || c == '\'') {
      auto end = until(source.find_first_of(c == '"' ? "\"\n" : "'\n", i + 1));
      if (before == "from" || before == "import")
        out.emplace_back(source.substr(i + 1, end - i - 1));
      before = {};
      i = until(end + 1);
    } else if (is_of_word(c)) {
      auto begin = i;
      while (i < source.size() && is_of_word(source[i]))
        ++i;
      before = source.substr(begin, i - begin);
    } else {
      auto space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
      if (!space && !(c == '(' && before == "import"))
        before = {};
      ++i;
    }
  }
  return out;
}

std::vector<editor_file> editor_files(const editor_workspace& workspace) {
  auto out = made_files(workspace);
  for (auto* declaration : wanted_declarations())
    out.push_back({std::string(declaration->name), std::string(declaration->text)});
  return out;
}

digest editor_files_digest() {
  hasher all;
  for (auto& file : made_files({}))
    all.update(digest_of(file.text));
  for (auto* declaration : wanted_declarations())
    all.update(declaration->content);
  return all.finish();
}

} // namespace zako
