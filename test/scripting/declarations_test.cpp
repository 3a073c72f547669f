// The declarations for editors say what the built-in modules really export and take.
#include <algorithm>
#include <regex>
#include <set>

#include <catch2/catch.hpp>

#include "script_fixture.hpp"
#include "scripting/builtins.hpp"

using namespace zako;
using namespace zako::test;

namespace {

std::string declarations(const std::string& name) {
  auto all = builtin_declarations();
  auto found = std::ranges::find(all, name + ".d.ts", &builtin_declaration::name);
  REQUIRE(found != all.end());
  return std::string(found->text);
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
  std::set<std::string> out;
  std::regex form(pattern);
  for (std::sregex_iterator i(text.begin(), text.end(), form), end; i != end; ++i)
    out.insert((*i)[1]);
  return out;
}

} // namespace

TEST_CASE("declared exports are the exports", "[types]") {
  auto [name, context] = GENERATE(table<std::string, script_context>({
      {"core", script_context::library},
      {"build", script_context::build},
      {"console", script_context::library},
      {"package", script_context::package},
      {"rule", script_context::build},
      {"rules/cc", script_context::build},
      {"rules/files", script_context::build},
      {"rules/gen", script_context::build},
      {"semver", script_context::library},
      {"toolchain", script_context::toolchain},
  }));
  CAPTURE(name);
  auto text = declarations(name);
  CHECK(text.find("declare module \"zako:" + name + "\"") != std::string::npos);
  auto declared = matches(text, "\\n  export (?:const|function|class) (\\w+)");
  if (name == "rule")
    declared.insert({"Dependency", "File"}); // passed on from zako:core
  script_world world;
  world.file("a.rule.ts", "import * as all from 'zako:" + name +
                              "';\nexport const keys = () => Object.keys(all);");
  world.file("a.ts", "export { keys } from './a.rule.ts';"); // as a rule file in a build file
  auto x = world.run(name == "rule" ? "a.ts" : "a.rule.ts", context, "keys");
  REQUIRE(x);
  std::set<std::string> exported;
  for (auto& key : *x->as_array())
    exported.insert(*key.as_string());
  CHECK(exported == declared);
}

TEST_CASE("every built-in module is declared", "[types]") {
  for (auto& module : builtin_modules()) {
    CAPTURE(module.id);
    std::string name(module.id.substr(std::string_view("zako:").size()));
    if (name.starts_with("core/"))
      continue; // parts of the others
    auto text = declarations(name);
    auto declared = text.find("declare module \"" + std::string(module.id) + "\"");
    CHECK((declared != std::string::npos) == (name != "global")); // it declares globals
  }
  CHECK(declarations("syscall").find("declare module \"zako:syscall\"") != std::string::npos);
}

TEST_CASE("a declaration begins with its purpose, in one line", "[types]") {
  for (auto& declaration : builtin_declarations()) {
    CAPTURE(declaration.name);
    auto first = declaration.text.substr(0, declaration.text.find('\n'));
    CHECK((first.starts_with("/** ") && first.ends_with(". */")));
  }
}

TEST_CASE("declared attributes are the attributes", "[types]") {
  auto [rule, module] = GENERATE(table<std::string, std::string>({{"ccLibrary", "rules/cc"},
                                                                  {"ccBinary", "rules/cc"},
                                                                  {"ccTest", "rules/cc"},
                                                                  {"generate", "rules/gen"},
                                                                  {"fileGroup", "rules/files"}}));
  CAPTURE(rule);
  script_world world;
  world.file("BUILD.ts", "import { " + rule + " } from 'zako:" + module + "';\n" + rule +
                             "({ nothingLikeIt: 1 } as never);");
  auto e = failure(world.run("BUILD.ts"));
  auto attributes = matches(e.remedy, "(\\w+)(?:,|$)");
  attributes.erase("it");
  auto text = declarations(module);
  for (auto& attribute : attributes) {
    CAPTURE(attribute);
    CHECK(std::regex_search(text, std::regex("readonly " + attribute + "\\??:")));
  }
}

TEST_CASE("built-in modules are found by name", "[types]") {
  CHECK(find_builtin("zako:rules/cc"));
  CHECK_FALSE(find_builtin("zako:rules/c"));
  CHECK_FALSE(find_builtin("zako:syscall"));
  for (auto& module : builtin_modules()) {
    CAPTURE(module.id);
    CHECK(module.content == digest_of(module.javascript));
    for (auto import : module.imports)
      CHECK((import == "zako:syscall" || find_builtin(import)));
  }
}
