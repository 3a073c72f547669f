// Which files are in which program of `zako types`. That TypeScript takes them so: types/check.mjs.
#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "scripting/builtins.hpp"
#include "scripting/editor_project.hpp"

using namespace zako;

namespace {

std::string text_of(const editor_workspace& workspace, const std::string& name) {
  for (auto& file : editor_files(workspace))
    if (file.name == name)
      return file.text;
  FAIL("there is no " << name);
  return {};
}

/// The libraries of a gate, in one line.
std::string libraries(const editor_workspace& workspace, const std::string& context) {
  auto config = nlohmann::json::parse(text_of(workspace, "tsconfig." + context + ".json"));
  std::string out;
  for (auto& file : config["files"])
    if (auto name = file.get<std::string>(); name.starts_with("../../"))
      out += (out.empty() ? "" : " ") + name.substr(6);
  return out;
}

editor_workspace project() {
  editor_workspace out;
  out.scripts = {
      {"zako.ts", {"zako:package", "./settings.ts"}},
      {"app/BUILD.ts", {"../one.ts", "./x.rule.ts", "#lib/mapped.ts", "exact", "./missing.ts"}},
      {"app/x.rule.ts", {"../both.ts", "zako:rule"}},
      {"one.ts", {"./both.ts", "../outside.ts"}},
      {"both.ts", {"./one.ts"}}, // a ring
      {"settings.ts", {}},
      {"lib/mapped.ts", {}},
      {"lib/exact.ts", {}},
      {"loose.ts", {"zako:semver"}},
      {"web/page.ts", {"react"}},
  };
  out.names = {{"#lib/", "lib/"}, {"exact", "lib/exact.ts"}, {"far/", "../far/"}};
  out.foreign = {"other"};
  return out;
}

} // namespace

TEST_CASE("a gate has the libraries that its scripts import", "[editor]") {
  auto p = project();
  CHECK(libraries(p, "package") == "settings.ts");
  CHECK(libraries(p, "build") == "both.ts lib/exact.ts lib/mapped.ts one.ts");
  CHECK(libraries(p, "rule") == "both.ts one.ts");
  CHECK(libraries(p, "toolchain").empty());
  CHECK(libraries(p, "config").empty());
}

TEST_CASE("libraries that nobody imports are scripts when they import built-in modules",
          "[editor]") {
  CHECK(libraries(project(), "library") == "loose.ts");
}

TEST_CASE("names of the manifest lead editors to files, and are anything to gates", "[editor]") {
  auto p = project();
  auto config = nlohmann::json::parse(text_of(p, "tsconfig.json"));
  CHECK(config["compilerOptions"]["paths"].dump() ==
        R"({"#lib/*":["../../lib/*"],"exact":["../../lib/exact.ts"],"far/*":["../../../far/*"]})");
  CHECK(std::ranges::count(config["exclude"], "../../other") == 1);
  auto unseen = text_of(p, "unseen.d.ts");
  for (auto name : {"*.ts", "#lib/*", "exact", "far/*"}) {
    CAPTURE(name);
    CHECK(unseen.find("declare module \"" + std::string(name) + "\";") != std::string::npos);
  }
}

TEST_CASE("editors get the modules that some script may import", "[editor]") {
  auto files = editor_files({});
  auto has = [&](std::string_view name) {
    return std::ranges::count(files, name, &editor_file::name) == 1;
  };
  for (auto& declaration : builtin_declarations()) {
    CAPTURE(declaration.name);
    auto internal = declaration.name == "syscall.d.ts" || declaration.name == "rt.d.ts";
    CHECK(has(declaration.name) == !internal);
  }
}

TEST_CASE("imports are found in all their forms", "[editor]") {
  auto [source, names] = GENERATE(table<std::string, std::vector<std::string>>({
      {"import { a } from \"./a.ts\";\nimport b from './b.ts'", {"./a.ts", "./b.ts"}},
      {"import type { A } from './a.ts'; export * from './b.ts';", {"./a.ts", "./b.ts"}},
      {"import './a.ts'; const b = await import( './b.ts');", {"./a.ts", "./b.ts"}},
      {"import\n  data\n  from /* here */ './a.json' with { type: 'json' };", {"./a.json"}},
      {"// import './a.ts'\n/* from './b.ts' */ import './c.ts';", {"./c.ts"}},
      {"list.from('x'); important('y'); const from = 'z'; reimport 'w'", {}},
      {"const quote = /\"/;\nimport './a.ts';", {"./a.ts"}},
      {"import './a.ts", {"./a.ts"}},
      {"/* open", {}},
      {"", {}},
  }));
  CAPTURE(source);
  CHECK(imported_names(source) == names);
}
