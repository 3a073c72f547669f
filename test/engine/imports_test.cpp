// Who may import what: by its text, by packages, and by what a module is used as.
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "engine/import_graph.hpp"
#include "engine/imports.hpp"
#include "engine/path.hpp"
#include "engine/script.hpp"

using namespace zako;

namespace {

/// The workspace's package, which depends on two others; `strings` lies within it, `shared` beside
/// it.
const dependencies_value packages{
    {{"", "app", {{"strings", "libs/strings"}, {"shared", "../shared"}}},
     {"../shared", "shared", {{"other", "../other"}}},
     {"../other", "other", {}},
     {"libs/strings", "strings", {}},
     {"libs/loose", "loose", {}}}};

manifest_value manifest_of(std::string_view referrer) {
  manifest_value out;
  out.imports = {{"words", "./data/words.json"}, {"#lib/", "./lib/"}, {"#lib/old/", "./old/"}};
  if (is_below(referrer, "../shared"))
    out.dependencies = {{"other", "../other"}};
  else
    out.dependencies = {{"strings", "libs/strings"}, {"shared", "../shared"}};
  return out;
}

/// The id, or what the error says and what may help.
std::string resolved(std::string_view specifier, std::string_view referrer) {
  auto id = sort_of_import(specifier, referrer).and_then([&](import_sort sort) {
    return sort == import_sort::builtin ? result<std::string>(specifier)
           : sort == import_sort::path
               ? resolve_path_import(specifier, referrer, packages)
               : resolve_named_import(specifier, referrer, manifest_of(referrer), packages);
  });
  if (id)
    return *id;
  CHECK(id.error().code == errc::import_denied);
  CHECK_FALSE(id.error().remedy.empty());
  return id.error().message + " | " + id.error().remedy;
}

struct row {
  std::string_view specifier;
  std::string_view referrer;
  std::string_view says; // the id, or a part of the error
};

} // namespace

TEST_CASE("paths and names lead to modules") {
  for (auto& [specifier, referrer, id] : {
           row{"zako:build", "app/BUILD.ts", "zako:build"},
           row{"./x.ts", "app/BUILD.ts", "app/x.ts"},
           row{"../x.ts", "app/BUILD.ts", "x.ts"},
           row{".//a/./b/../x.json", "BUILD.ts", "a/x.json"},
           row{"words", "app/BUILD.ts", "data/words.json"},
           row{"#lib/a/x.ts", "app/BUILD.ts", "lib/a/x.ts"},
           row{"#lib/old/x.ts", "app/BUILD.ts", "old/x.ts"},
           row{"strings/x.ts", "app/BUILD.ts", "libs/strings/x.ts"},
           row{"shared/a/x.ts", "app/BUILD.ts", "../shared/a/x.ts"},
           row{"./y.ts", "../shared/a/x.ts", "../shared/a/y.ts"},
           row{"../y.ts", "../shared/a/x.ts", "../shared/y.ts"},
           row{"other/y.ts", "../shared/a/x.ts", "../other/y.ts"},
           row{"words", "libs/strings/x.ts", "libs/strings/data/words.json"},
           row{"#lib/x.ts", "../shared/a/x.ts", "../shared/lib/x.ts"},
           row{"zako:core/rule", "zako:rule", "zako:core/rule"},
           row{"zako:core", "memory:repl", "zako:core"},
       }) {
    CAPTURE(specifier, referrer);
    CHECK(resolved(specifier, referrer) == id);
  }
}

TEST_CASE("what leads elsewhere, or is written in other ways, is refused and told why") {
  using namespace std::string_view_literals;
  for (auto& [specifier, referrer, says] : {
           row{"../x.ts", "BUILD.ts", "leads out of the package"},
           row{"./a/../../x.ts", "BUILD.ts", "leads out of the package"},
           row{"../../../etc/x.ts", "app/BUILD.ts", "leads out of the package"},
           row{"../w/x.ts", "../shared/x.ts", "leads out of the package"},
           row{"../other/x.ts", "../shared/x.ts", "import it by that name: \"other/x.ts\""},
           row{"./libs/strings/a/x.ts", "BUILD.ts", "import it by that name: \"strings/a/x.ts\""},
           row{"./libs/loose/x.ts", "BUILD.ts", "name it in [dependencies]"},
           row{"../../BUILD.ts", "libs/strings/x.ts", "leads into the package app"},
           row{"#lib/../../x.ts", "BUILD.ts", "leads out of the package"},
           row{"strings/../../x.ts", "BUILD.ts", "leads into the package app"},
           row{"strings/../loose/x.ts", "BUILD.ts", "leads into the package loose"},
           row{"strings", "BUILD.ts", "write \"strings/FILE.ts\""},
           row{"strings/", "BUILD.ts", "write \"strings/FILE.ts\""},
           row{"strngs/x.ts", "BUILD.ts", "did you mean 'strings/x.ts'?"},
           row{"#lob/x.ts", "BUILD.ts", "did you mean '#lib/x.ts'?"},
           row{"wrods", "BUILD.ts", "did you mean 'words'?"},
           row{"strings/x.ts", "../shared/x.ts", "is neither a relative path nor a name"},
           row{"x.ts", "BUILD.ts", "write './x.ts'"},
           row{"/etc/x.ts", "BUILD.ts", "is absolute"},
           row{"//host/x.ts", "BUILD.ts", "is absolute"},
           row{"file:///x.ts", "BUILD.ts", "is a URL"},
           row{"FILE:///x.ts", "BUILD.ts", "is a URL"},
           row{"https://host/x.ts", "BUILD.ts", "is a URL"},
           row{"data:text/javascript,1", "BUILD.ts", "is a URL"},
           row{"node:fs", "BUILD.ts", "without Node.js"},
           row{"Zako:build", "BUILD.ts", "did you mean 'zako:'?"},
           row{"memory:repl", "BUILD.ts", "is a memory module"},
           row{"./%2e%2e/x.ts", "BUILD.ts", "not percent-encoded"},
           row{".\\x.ts", "BUILD.ts", "holds a backslash"},
           row{"..\\x.ts", "BUILD.ts", "holds a backslash"},
           row{"./x.ts\0.json"sv, "BUILD.ts", "'./x.ts' goes on with a NUL"},
           row{"", "BUILD.ts", "names nothing"},
           row{".", "BUILD.ts", "is not a .ts or .json file"},
           row{"./x", "BUILD.ts", "as in './x.ts'"},
           row{"./x.js", "BUILD.ts", "is not a .ts or .json file"},
           row{"./x.TS", "BUILD.ts", "'.ts' is written in small letters"},
           row{"./x.ts/", "BUILD.ts", "is not a .ts or .json file"},
           row{"./lib/BUILD.ts", "BUILD.ts", "\"//lib:name\""},
           row{"./zako.ts", "BUILD.ts", "packageSettings()"},
           row{"./zako-out/x.ts", "BUILD.ts", "is made by builds"},
           row{"./.zako/x.json", "BUILD.ts", "is made by builds"},
           row{"./x.ts", "zako:rule", "it imports only built-in modules"},
           row{"./x.ts", "memory:repl", "it imports only built-in modules"},
           row{"memory:repl", "memory:repl", "it imports only built-in modules"},
       }) {
    CAPTURE(specifier, referrer);
    CHECK_THAT(resolved(specifier, referrer), Catch::Contains(std::string(says)));
  }
}

TEST_CASE("a symbolic link stays in its package and keeps the end of its name") {
  auto said = [](std::string_view link, std::string_view real) {
    auto ok = check_link(link, real, packages);
    return ok ? std::string() : ok.error().message;
  };
  CHECK(said("a/x.ts", "b/y.ts").empty());
  CHECK(said("a/BUILD.ts", "b/BUILD.ts").empty());
  CHECK(said("a/x.rule.ts", "b/y.rule.ts").empty());
  CHECK(said("a.json", "b.json").empty());
  for (auto [link, real] : {std::pair{"x.ts", "../x.ts"},
                            {"x.ts", "../../../etc/x.ts"},
                            {"x.ts", "libs/strings/x.ts"},
                            {"libs/strings/x.ts", "x.ts"},
                            {"x.ts", "../shared/x.ts"}}) {
    CAPTURE(link, real);
    CHECK_THAT(said(link, real), Catch::Contains("out of its package"));
  }
  for (auto [link, real] : {std::pair{"x.rule.ts", "x.ts"},
                            {"x.ts", "x.rule.ts"},
                            {"x.ts", "x.config.ts"},
                            {"x.toolchain.ts", "x.config.ts"},
                            {"x.ts", "BUILD.ts"},
                            {"x.ts", "zako.ts"},
                            {"x.ts", "x.json"},
                            {"x.json", "secret"}}) {
    CAPTURE(link, real);
    CHECK_THAT(said(link, real), Catch::Contains("another kind of file"));
  }
}

namespace {

/// Built-in modules by the scripts that may import them, besides those that all may.
struct right {
  script_context context;
  std::vector<std::string> builtins;
};
const std::vector<right> rights{
    {script_context::package, {"zako:package", "zako:project"}},
    {script_context::build, {"zako:build", "zako:rules/cc"}},
    {script_context::rule, {"zako:rule"}},
    {script_context::toolchain, {"zako:toolchain"}},
    {script_context::config, {"zako:config"}},
    {script_context::library, {}},
};

bool may_import(std::string_view builtin, script_context context) {
  return check_builtin_import(builtin, "x.ts", context).has_value();
}

} // namespace

TEST_CASE("each context has its own built-in modules, and nobody those of the program") {
  for (auto& mine : rights)
    for (auto& theirs : rights)
      for (auto& builtin : theirs.builtins) {
        CAPTURE(to_string(mine.context), builtin);
        CHECK(may_import(builtin, mine.context) == (mine.context == theirs.context));
      }
  for (auto& mine : rights) {
    for (auto all : {"zako:core", "zako:console", "zako:context", "zako:semver", "zako:hash"})
      CHECK(may_import(all, mine.context));
    for (auto none : {"zako:rt", "zako:global", "zako:syscall", "zako:core/rule", "zako:core/",
                      "zako:toolchains/cc", "zako:rules/", "zako:", "zako:none"})
      CHECK_FALSE(may_import(none, mine.context));
  }
  auto e = check_builtin_import("zako:rule", "lib.ts", script_context::build).error();
  CHECK(e.message == "'zako:rule' cannot be imported by 'lib.ts', which is used as a build file "
                     "here");
  CHECK(e.remedy == "a build file may import zako:build, zako:rules/*, zako:core, zako:console, "
                    "zako:context, zako:semver, zako:hash, and .ts and .json files");
  CHECK(check_builtin_import("zako:biuld", "BUILD.ts", script_context::build).error().remedy ==
        "did you mean 'zako:build'?");
}

TEST_CASE("each context asks what it may") {
  using enum script_context;
  struct may {
    std::string_view operation;
    std::set<script_context> contexts;
  };
  for (auto& [operation, contexts] :
       {may{"glob", {build}}, may{"read", {build, toolchain, config}},
        may{"option", {package, build, config}}, may{"env", {toolchain, config}},
        may{"which", {toolchain}}, may{"probe", {toolchain}}, may{"project", {package}},
        may{"shell", {}}})
    for (auto context : {package, build, rule, toolchain, config, library}) {
      CAPTURE(operation, to_string(context));
      CHECK(may_ask(context, operation) == contexts.contains(context));
    }
}

namespace {

/// A run's imports, each "importer > imported"; ids are specifiers.
struct run {
  import_graph graph;
  std::optional<import_graph::refusal> refused;

  run(const std::string& entry, script_context context) { graph.enter(entry, context); }
  run& add(const std::string& importer, const std::string& imported) {
    if (!refused)
      refused = graph.add({imported, importer}, imported);
    return *this;
  }
  /// "importer > imported as context", or "".
  [[nodiscard]] std::string refusal() const {
    return refused ? refused->import.referrer + " > " + refused->import.specifier + " as " +
                         std::string(to_string(refused->importer))
                   : "";
  }
};

} // namespace

TEST_CASE("modules have the powers of those who use them") {
  using enum script_context;
  CHECK(run("BUILD.ts", build).add("BUILD.ts", "a.ts").add("a.ts", "zako:build").refusal() == "");
  CHECK(run("BUILD.ts", build).add("BUILD.ts", "a.ts").add("a.ts", "zako:rule").refusal() ==
        "a.ts > zako:rule as build");
  auto rules = run("BUILD.ts", build).add("BUILD.ts", "a.rule.ts").add("a.rule.ts", "zako:rule");
  CHECK(rules.refusal() == "");
  CHECK(run(rules).add("a.rule.ts", "zako:build").refusal() == "a.rule.ts > zako:build as rule");
  rules.add("a.rule.ts", "b.ts").add("b.ts", "zako:rule");
  CHECK(rules.refusal() == "");
  CHECK(run(rules).add("b.ts", "c.ts").add("c.ts", "zako:build").refusal() ==
        "c.ts > zako:build as rule");
  CHECK(run("zako:rules/cc", rule).add("zako:rules/cc", "zako:core/rule").refusal() == "");
  CHECK(run("BUILD.ts", build).add("stranger.ts", "zako:core").refused->why.code == errc::internal);
}

TEST_CASE("a name gives no power that its importer has not") {
  using enum script_context;
  for (auto context : {package, toolchain, config, library}) {
    CAPTURE(to_string(context));
    auto x = run("x.ts", context).add("x.ts", "a.rule.ts").add("a.rule.ts", "zako:rule");
    CHECK_FALSE(x.refusal().empty());
  }
  // What is imported as data has a run of its own.
  CHECK(run("BUILD.ts", build)
            .add("BUILD.ts", "a.config.ts")
            .add("BUILD.ts", "a.toolchain.ts")
            .refusal() == "");
  CHECK(run("a.config.ts", config).add("a.config.ts", "zako:config").refusal() == "");
}

TEST_CASE("a module that is used in two ways may do what both allow, in any order") {
  using enum script_context;
  const std::vector<std::pair<std::string, std::string>> edges{
      {"BUILD.ts", "a.rule.ts"}, {"BUILD.ts", "b.ts"}, {"a.rule.ts", "b.ts"}, {"b.ts", "c.ts"}};
  auto order = edges;
  std::sort(order.begin(), order.end());
  do {
    for (auto builtin : {"zako:build", "zako:rule"})
      for (std::size_t at = 0; at <= order.size(); ++at) { // when c.ts asks for it
        run x("BUILD.ts", build);
        // Only what is loaded can import: the others wait for their importer.
        std::vector<std::pair<std::string, std::string>> open(order);
        open.insert(open.begin() + static_cast<std::ptrdiff_t>(at), {"c.ts", builtin});
        std::set<std::string> loaded{"BUILD.ts"};
        while (!open.empty() && !x.refused) {
          auto next = std::find_if(open.begin(), open.end(),
                                   [&](auto& edge) { return loaded.contains(edge.first); });
          x.add(next->first, next->second);
          loaded.insert(next->second);
          open.erase(next);
        }
        CHECK(x.refusal() == "c.ts > " + std::string(builtin) +
                                 (builtin == std::string("zako:build") ? " as rule" : " as build"));
      }
  } while (std::next_permutation(order.begin(), order.end()));
  CHECK(run("BUILD.ts", build)
            .add("BUILD.ts", "a.rule.ts")
            .add("BUILD.ts", "b.ts")
            .add("a.rule.ts", "b.ts")
            .add("b.ts", "zako:core")
            .refusal() == "");
}

TEST_CASE("the way to a module is told from the import to the entry") {
  using enum script_context;
  auto x = run("BUILD.ts", build)
               .add("BUILD.ts", "b.ts")
               .add("b.ts", "c.ts")
               .add("BUILD.ts", "a.rule.ts")
               .add("a.rule.ts", "c.ts");
  auto text = [&](const std::string& id, std::optional<script_context> as) {
    std::string out;
    for (auto& [import, to] : x.graph.chain(id, as))
      out += import.referrer + ">" + to + " ";
    return out;
  };
  CHECK(text("c.ts", build) == "b.ts>c.ts BUILD.ts>b.ts ");
  CHECK(text("c.ts", rule) == "a.rule.ts>c.ts BUILD.ts>a.rule.ts ");
  CHECK(text("c.ts", std::nullopt) == text("c.ts", build));
  CHECK(text("BUILD.ts", build).empty());
  CHECK(text("none.ts", std::nullopt).empty());
}
