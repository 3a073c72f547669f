// Modules of packages, links, data files, and what scripts ask, as nodes of the graph.
#include <algorithm>

#include <catch2/catch.hpp>

#include "test/engine/fake_project.hpp"

using namespace zako;
using namespace zako::test;

namespace {

const char* const manifest = "[package]\nname = \"p\"\nversion = \"1\"\n";

error failure(project& p, const key& k) {
  auto x = p.engine.build(k);
  REQUIRE_FALSE(x);
  return x.error();
}

/// A script that asks the operations in turn and ends with the list of their answers.
script_body asks(std::vector<std::pair<std::string, data>> questions) {
  return [questions](auto&, auto& replies) -> result<script_step> {
    if (!replies.empty() && replies.back().failure)
      return fail(*replies.back().failure);
    if (replies.size() < questions.size())
      return script_asks(questions[replies.size()].first, questions[replies.size()].second);
    data::array all;
    for (auto& reply : replies)
      all.push_back(reply.reply.value);
    return script_end(data(data::object{{"targets", data::array()}, {"all", all}}));
  };
}

data named(const char* member, const char* text) {
  return data(data::object{{member, text}});
}

std::string content(project& p, const key& k) {
  auto x = p.engine.build(k);
  if (!x)
    return to_text(x.error());
  return (*x->as<data_value>())->content.to_json();
}

/// The workspace's package depends on one within it and on one beside it.
struct packages : project {
  packages() {
    world.write("zako.toml", std::string(manifest) +
                                 "[imports]\n\"#lib/\" = \"./lib/\"\n[dependencies]\nstrings = { "
                                 "path = \"libs/strings\" }\nshared = { path = \"../shared\" }\n");
    world.write("libs/strings/zako.toml", "[package]\nname = \"strings\"\nversion = \"1\"\n");
    world.write("libs/strings/x.ts", "import \"./y.ts\"\nimport \"zako:core\"\n");
    world.write("libs/strings/y.ts", "");
    world.write("../shared/zako.toml",
                "[package]\nname = \"shared\"\nversion = \"1\"\n[dependencies]\nstrings = { path = "
                "\"../w/libs/strings\" }\n");
    world.symlink("../w/libs/strings/zako.toml", "libs/strings/zako.toml");
    world.write("../shared/z.ts", "import \"strings/x.ts\"\n");
    world.write("lib/l.ts", "");
    world.builtins["zako:core"] = "";
    world.builtins["zako:build"] = "";
  }
};

} // namespace

TEST_CASE("modules come from the package and what it depends on") {
  packages p;
  p.world.write("BUILD.ts", "import \"strings/x.ts\"\nimport \"shared/z.ts\"\nimport "
                            "\"#lib/l.ts\"\n");
  auto x = p.engine.build(evaluation_key({}));
  if (!x)
    FAIL(to_text(x.error()));
  CHECK(p.engine.did_compute("module:libs/strings/y.ts"));
  CHECK(p.engine.did_compute("module:../shared/z.ts"));
  CHECK_FALSE(p.engine.did_compute("module:../w/libs/strings/x.ts")); // known by where it lies
  p.world.write("../shared/z.ts", "import \"./none.ts\"\n");
  auto e = failure(p, evaluation_key({}));
  CHECK(e.position == source_position{"../shared/z.ts", 1, 8});
  REQUIRE(e.causes.size() == 1);
  CHECK(e.causes[0].message == "'../shared/z.ts' is imported here");
  CHECK(e.causes[0].position == source_position{"BUILD.ts", 2, 8});
}

TEST_CASE("a manifest matters only to who imports by name") {
  packages p;
  p.world.write("BUILD.ts", "import \"./lib/l.ts\"\n");
  p.world.write("lib/BUILD.ts", "import \"#lib/l.ts\"\n");
  auto lib = evaluation_key(neutral_path::parse("lib").value());
  REQUIRE(p.engine.build(evaluation_key({})));
  REQUIRE(p.engine.build(lib));
  p.world.write("zako.toml", p.world.text("zako.toml") + "[options]\ndebug = false\n");
  REQUIRE(p.engine.build(evaluation_key({})));
  CHECK(p.world.scripts_run.empty());
  REQUIRE(p.engine.build(lib));
  CHECK(p.world.scripts_run == std::vector<std::string>{"lib/BUILD.ts"});
}

TEST_CASE("a wrong dependency is shown in the manifest that names it") {
  packages p;
  p.world.write("BUILD.ts", "import \"./lib/l.ts\"\n");
  p.world.remove("libs/strings/zako.toml");
  auto e = failure(p, evaluation_key({}));
  CHECK(e.message == "the dependency strings has no 'libs/strings/zako.toml'");
  CHECK(e.position == source_position{"zako.toml", 7, 1});
  CHECK_FALSE(e.frame.empty());
  p.world.write("libs/strings/zako.toml", "[package]\nname = \"string\"\nversion = \"1\"\n");
  e = failure(p, evaluation_key({}));
  CHECK(e.message == "the package in 'libs/strings' is named string, not strings");
}

TEST_CASE("a link is the module that it leads to, in its package") {
  packages p;
  p.world.write("lib/l.ts", "import \"./m.ts\"\n");
  p.world.write("lib/m.ts", "");
  p.world.symlink("l.ts", "lib/l.ts");
  p.world.write("BUILD.ts", "import \"./l.ts\"\nimport \"./lib/l.ts\"\n");
  auto x = p.engine.build(evaluation_key({}));
  if (!x)
    FAIL(to_text(x.error()));
  CHECK(p.world.transpiled.size() == 3); // BUILD.ts and two modules: l.ts is not one of its own
  p.world.write("../secret.ts", "");
  p.world.symlink("l.ts", "../secret.ts");
  auto e = failure(p, evaluation_key({}));
  CHECK(e.code == errc::import_denied);
  CHECK(e.message == "'l.ts' leads by a symbolic link to '../secret.ts', out of its package");
  CHECK(e.position == source_position{"BUILD.ts", 1, 8});
  CHECK(std::find(p.world.transpiled.begin(), p.world.transpiled.end(), "../secret.ts") ==
        p.world.transpiled.end());
}

TEST_CASE("a link that leads elsewhere is noticed when the text is the same") {
  packages p;
  p.world.write("a.ts", "same");
  p.world.write("b.ts", "same");
  p.world.symlink("l.ts", "a.ts");
  p.world.write("BUILD.ts", "import \"./l.ts\"\n");
  REQUIRE(p.engine.build(evaluation_key({})));
  p.world.symlink("l.ts", "b.ts");
  REQUIRE(p.engine.build(evaluation_key({})));
  CHECK(p.engine.did_compute("module:b.ts"));
}

TEST_CASE("to an action a link is what it says") {
  project p;
  p.world.write("one.c", p.world.text("main.c"));
  p.world.write("two.c", p.world.text("main.c"));
  p.world.symlink("main.c", "one.c");
  REQUIRE(p.build());
  p.world.symlink("main.c", "two.c");
  REQUIRE(p.build());
  CHECK(p.world.ran.empty());
}

TEST_CASE("config and toolchain files are run by themselves, and imported as data") {
  packages p;
  p.world.builtins["zako:config"] = "";
  p.world.write("BUILD.ts", "import \"./app.config.ts\"\n");
  p.world.write("app.config.ts", "import \"zako:config\"\n");
  p.world.scripts["app.config.ts"] = [](auto& run, auto&) -> result<script_step> {
    CHECK(run.context == script_context::config);
    return script_end(data(data::object{{"flags", data::array{"-O2"}}}));
  };
  p.world.scripts["BUILD.ts"] = declares({});
  REQUIRE(p.engine.build(evaluation_key({})));
  CHECK(p.world.scripts_run == std::vector<std::string>{"app.config.ts", "BUILD.ts"});
  CHECK(content(p, config_key("app.config.ts")) == R"({"flags":["-O2"]})");

  // While a script runs it holds a worker, and the config's run may need that one.
  p.world.write("BUILD.ts", "");
  p.world.scripts["BUILD.ts"] = [&](auto&, auto& replies) -> result<script_step> {
    if (!replies.empty())
      return tl::unexpected(replies[0].failure.value());
    script_step ask;
    ask.query.emplace();
    ask.query->imports.push_back({"./app.config.ts", "BUILD.ts"});
    return ask;
  };
  CHECK_THAT(failure(p, evaluation_key({})).message,
             Catch::Contains("cannot be imported by import()"));
  p.world.write("BUILD.ts", "import \"./app.config.ts\"\n");
  p.world.scripts["BUILD.ts"] = declares({});

  // Powers do not leak by what it imports, nor by what imports it.
  p.world.write("app.config.ts", "import \"zako:build\"\n");
  CHECK(failure(p, evaluation_key({})).message ==
        "'zako:build' cannot be imported by a config file");
  p.world.write("app.config.ts", "import \"./other.config.ts\"\n");
  p.world.write("other.config.ts", "import \"./app.config.ts\"\n");
  CHECK(failure(p, evaluation_key({})).code == errc::cycle);
  p.world.write("app.config.ts", "import \"./app.config.ts\"\n");
  CHECK(failure(p, evaluation_key({})).code == errc::cycle);
}

TEST_CASE("what others get of a script is an object of plain data") {
  for (auto& [exported, says] :
       {std::pair{data(), "the default export must be an object, not null"},
        {data(data::array{1}), "the default export must be an object, not array"},
        {data(data::object{{"a", data::array{1, data::object{{"b", 0.0 / 0.0}}}}}),
         "result.a[1].b is not a finite number"}}) {
    packages p;
    for (auto script : {"x.config.ts", "x.toolchain.ts", "zako.ts"}) {
      p.world.write(script, "");
      p.world.scripts[script] = [exported = exported](auto&, auto&) -> result<script_step> {
        return script_end(exported);
      };
    }
    for (auto& k : {config_key("x.config.ts"), toolchain_key("x.toolchain.ts"), package_key()}) {
      auto e = failure(p, k);
      CHECK(e.message == says);
      CHECK(e.code == errc::script);
      CHECK(e.position);
    }
  }
}

TEST_CASE("a rule asks for toolchain files beside it") {
  packages p;
  p.world.write("tools/lua.toolchain.ts", "");
  p.world.write("tools/x.rule.ts", "");
  p.world.scripts["tools/lua.toolchain.ts"] = [](auto& run, auto&) -> result<script_step> {
    CHECK(run.context == script_context::toolchain);
    return script_end(data(data::object{{"version", 5}}));
  };
  std::string seen;
  p.world.scripts["tools/x.rule.ts#x"] = [&](auto& run, auto&) -> result<script_step> {
    seen = run.argument["toolchains"].to_json();
    return script_end(data(data::object{}));
  };
  auto declare = [&](const char* toolchain) {
    auto file = declared({target("t", data::object{}, "x")});
    auto& rule = file.as_object()->front().second.as_array()->front();
    rule.set("module", "tools/x.rule.ts");
    file.as_object()->back().second.as_array()->front().as_array()->at(2) = data::array{toolchain};
    p.world.scripts["BUILD.ts"] = [file](auto&, auto&) -> result<script_step> {
      return script_end(file);
    };
    p.world.write("BUILD.ts", toolchain); // so that it runs again
  };
  auto t = target_key(label::parse("//:t").value());
  declare("./lua.toolchain.ts");
  auto x = p.engine.build(t);
  if (!x)
    FAIL(to_text(x.error()));
  CHECK(seen == R"({"lua":{"version":5}})");
  declare("./lua.ts");
  CHECK_THAT(failure(p, t).message, Catch::Contains("which is no *.toolchain.ts file"));
  declare("../../x.toolchain.ts");
  CHECK_THAT(failure(p, t).message, Catch::Contains("leads out of the package"));
}

TEST_CASE("options are read like the environment") {
  packages p;
  p.world.write("zako.toml", p.world.text("zako.toml") + "[options]\ndebug = false\nother = 1\n");
  p.world.write("x.config.ts", "");
  p.world.scripts["x.config.ts"] =
      asks({{"option", named("name", "debug")}, {"env", named("name", "HOME")}});
  auto config = config_key("x.config.ts");
  CHECK(content(p, config) == R"({"targets":[],"all":[false,null]})");
  p.world.options["debug"] = "true";
  CHECK(content(p, config) == R"({"targets":[],"all":[true,null]})");
  p.world.options["other"] = "2"; // nobody reads it
  content(p, config);
  CHECK(p.world.scripts_run.empty());
  p.world.environment["HOME"] = "/h";
  CHECK(content(p, config) == R"({"targets":[],"all":[true,"/h"]})");
  // Another default is the manifest's change, and the same value nobody's.
  auto text = p.world.text("zako.toml");
  p.world.write("zako.toml", text.replace(text.find("debug = false"), 13, "debug = true"));
  p.world.options.erase("debug");
  content(p, config);
  CHECK(p.world.scripts_run.empty());
  p.world.options["debug"] = "maybe";
  CHECK(failure(p, config).message == "the option debug must be true or false, not 'maybe'");
  p.world.scripts["x.config.ts"] = asks({{"option", named("name", "debg")}});
  p.world.write("x.config.ts", "1");
  CHECK(failure(p, config).remedy == "did you mean 'debug'?");
}

TEST_CASE("scripts read the sources of their package") {
  packages p;
  p.world.write("app/x.config.ts", "");
  p.world.write("app/a.txt", "text");
  p.world.write("b.txt", "above");
  auto read = [&](const char* path) {
    p.world.scripts["app/x.config.ts"] = asks({{"read", named("path", path)}});
    p.world.write("app/x.config.ts", path);
    return content(p, config_key("app/x.config.ts"));
  };
  CHECK(read("a.txt") == R"({"targets":[],"all":["text"]})");
  p.world.write("app/a.txt", "other"); // a dependency like any other
  CHECK(content(p, config_key("app/x.config.ts")) == R"({"targets":[],"all":["other"]})");
  CHECK(read("../b.txt") == R"({"targets":[],"all":["above"]})");
  p.world.write("../out.txt", "");
  p.world.symlink("app/link.txt", "../out.txt");
  for (auto path : {"../../out.txt", "/etc/passwd", "../libs/strings/x.ts", "../zako-out/x",
                    "link.txt", "../../shared/z.ts"}) {
    CAPTURE(path);
    auto said = read(path);
    CHECK_THAT(said, Catch::Contains("no source of") || Catch::Contains("is absolute"));
  }
  CHECK_THAT(read("none.txt"), Catch::Contains("there is no file 'app/none.txt'"));
}

TEST_CASE("a package file knows its manifest") {
  packages p;
  p.world.write("zako.ts", "");
  p.world.scripts["zako.ts"] = asks({{"project", data(data::object())}});
  CHECK_THAT(content(p, package_key()), Catch::Contains(R"("name":"p","version":"1")"));
  p.world.scripts["BUILD.ts"] = asks({{"project", data(data::object())}});
  CHECK(failure(p, evaluation_key({})).message == "a build file may not use project()");
}
