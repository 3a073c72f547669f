// Modules, script runs, build files, labels and patterns.
#include <catch2/catch.hpp>

#include "engine/kinds/memory.hpp"
#include "engine/script.hpp"
#include "test/engine/fake_project.hpp"

using namespace zako;
using namespace zako::test;
using strings = std::vector<std::string>;

namespace {

error failure(project& p, const key& k) {
  auto x = p.engine.build(k);
  REQUIRE_FALSE(x);
  return x.error();
}

label at(std::string_view text) {
  return label::parse(text).value();
}

} // namespace

TEST_CASE("modules are transpiled, built-in ones compared, JSON wrapped") {
  project p;
  p.world.write("x.ts", "import \"./y.ts\"\n");
  auto x = p.engine.build(module_key("x.ts"));
  REQUIRE(x);
  auto module = *x->as<module_value>();
  CHECK(module->source.typescript == "import \"./y.ts\"\n");
  REQUIRE(module->imports.size() == 1);
  CHECK(module->imports[0].specifier == "./y.ts");
  p.world.write("d.json", "{\"a\": \"\\n\"}\n");
  auto json = p.engine.build(module_key("d.json"));
  REQUIRE(json);
  CHECK((*json->as<module_value>())->source.javascript ==
        "export default JSON.parse(\"{\\\"a\\\": \\\"\\\\n\\\"}\\n\");\n");
  auto builtin = module_key("zako:rule");
  REQUIRE(p.engine.build(builtin));
  REQUIRE(p.engine.build(builtin));
  CHECK(p.engine.computed.empty());
  p.world.builtins["zako:rule"] = "new";
  REQUIRE(p.engine.build(builtin));
  CHECK(p.engine.computed == strings{"module:zako:rule"});
  CHECK(failure(p, module_key("zako:none")).code == errc::not_found);
}

TEST_CASE("imports that fail are shown where they are written") {
  project p;
  p.world.write("BUILD.ts", "import \"zako:rules/cc\"\nimport \"./lib.ts\"\n");
  auto e = failure(p, evaluation_key({}));
  CHECK(e.code == errc::not_found);
  CHECK(e.position == source_position{"BUILD.ts", 2, 8});
  CHECK(e.frame.find("> 2 | import") != std::string::npos);

  p.world.write("lib.ts", "import \"zako:build\"\nimport \"node:fs\"\n");
  e = failure(p, evaluation_key({}));
  CHECK(e.code == errc::import_denied);
  CHECK(e.position->file == "lib.ts");

  p.world.write("lib.ts", "syntax error\n");
  e = failure(p, evaluation_key({}));
  CHECK(e.code == errc::syntax);
  CHECK(e.position == source_position{"lib.ts", 1, 1});

  p.world.write("lib.ts", "\n");
  CHECK(p.engine.build(evaluation_key({})));
  CHECK(p.world.transpiled == strings{"lib.ts"});
}

TEST_CASE("a ring of imports is loaded once") {
  project p;
  p.world.write("BUILD.ts", "import \"./a.ts\"\n");
  p.world.write("a.ts", "import \"./b.ts\"\n");
  p.world.write("b.ts", "import \"./a.ts\"\n");
  CHECK(p.engine.build(evaluation_key({})));
}

TEST_CASE("zako.ts gives the settings of build files") {
  project p;
  p.world.write("zako.ts", "");
  p.world.scripts["zako.ts"] = [](auto& run, auto&) -> result<script_step> {
    CHECK(*run.argument["manifest"]["name"].as_string() == "p");
    return script_end(data(data::object{{"fast", true}}));
  };
  data seen;
  p.world.scripts["BUILD.ts"] = [&](auto& run, auto&) -> result<script_step> {
    seen = run.argument;
    return script_end(declared({}));
  };
  REQUIRE(p.engine.build(evaluation_key({})));
  CHECK(seen.to_json() == R"({"package":"","settings":{"fast":true}})");
  p.world.scripts["zako.ts"] = [](auto&, auto&) -> result<script_step> {
    return script_end(data(1));
  };
  p.world.write("zako.ts", "changed");
  auto e = failure(p, evaluation_key({}));
  CHECK(e.position->file == "zako.ts");
}

TEST_CASE("operations are answered, and refused where they do not belong") {
  project p;
  std::optional<error> thrown;
  auto asking = [&](std::string operation, data argument) {
    return [=, &thrown](auto&, auto& replies) -> result<script_step> {
      if (replies.empty())
        return script_asks(operation, argument);
      thrown = replies[0].failure;
      if (thrown)
        return fail(*thrown);
      return script_end(declared({}));
    };
  };
  auto glob = [](const char* pattern) {
    return data(data::object{{"include", data::array{pattern}}});
  };
  p.world.scripts["BUILD.ts"] = asking("probe", data());
  CHECK(failure(p, evaluation_key({})).code == errc::import_denied);
  CHECK(thrown);
  p.world.write("BUILD.ts", "1");
  p.world.scripts["BUILD.ts"] = asking("glob", glob("../*.c"));
  CHECK(failure(p, evaluation_key({})).message.find("leaves its folder") != std::string::npos);
  p.world.write("BUILD.ts", "2");
  p.world.scripts["BUILD.ts"] = asking("glob", glob("*.c"));
  REQUIRE(p.engine.build(evaluation_key({})));
  CHECK(p.engine.did_compute("glob:\n+*.c"));
}

TEST_CASE("a script's own error comes through unchanged and is kept") {
  project p;
  auto thrown = error_at(errc::script, "boom", {"BUILD.ts", 4, 2});
  p.world.scripts["BUILD.ts"] = [=](auto&, auto&) -> result<script_step> { return fail(thrown); };
  CHECK(failure(p, build_key({"//:hello"})) == thrown);
  CHECK(failure(p, build_key({"//:hello"})) == thrown);
  CHECK(p.engine.computed.empty());
  CHECK(p.world.scripts_run.empty());
}

TEST_CASE("what a build file gives is checked") {
  struct row {
    data exported;
    const char* says;
  };
  auto bad_rule = declared({target("x", data::object{})});
  bad_rule.as_object()->front().second = data::array{data(data::object{{"module", 1}})};
  auto no_rule = declared({target("x", data::object{})});
  no_rule.as_object()->front().second = data::array{};
  auto no_target = declared({});
  no_target.as_object()->back().second = data::array{data(1)};
  auto list = [](std::vector<data> xs) { return declared(std::move(xs)); };
  for (auto& [exported, says] :
       {row{data(), "rules must be an array, not null"},
        row{no_target, "targets[0] is not a target"},
        row{bad_rule, "rules[0].module must be a string, not number"},
        row{no_rule, "targets[0].rule is not the number of a rule"},
        row{list({target("x", data())}), "targets[0].attrs must be an object, not null"},
        row{list({target("a b", data::object{})}), "a target cannot be named 'a b'"},
        row{list({target("all", data::object{})}), "a target cannot be named 'all'"},
        row{list({target("x", data::object{}), target("x", data::object{})}),
            "//:x is declared twice"}}) {
    project p;
    p.world.scripts["BUILD.ts"] = [exported](auto&, auto&) -> result<script_step> {
      return script_end(exported);
    };
    auto e = failure(p, evaluation_key({}));
    INFO(e.message);
    CHECK(e.message.find(says) != std::string::npos);
    REQUIRE(e.position);
    CHECK(e.position->file == "BUILD.ts");
  }
}

TEST_CASE("unknown labels are told with what may be meant") {
  project p;
  auto e = failure(p, build_key({"//:helo"}));
  CHECK(e.code == errc::not_found);
  CHECK(e.message == "there is no target //:helo");
  CHECK(e.remedy == "did you mean 'hello'?");
  e = failure(p, build_key({"//absent:x"}));
  CHECK(e.message == "there is no 'absent/BUILD.ts'");
  CHECK_FALSE(e.remedy.empty());
  CHECK(failure(p, label_key(at("//lib:qqqqqqqq"))).remedy == "lib/BUILD.ts declares: greet");
}

TEST_CASE("an unknown dependency is shown at the target that names it") {
  project p;
  p.world.scripts["BUILD.ts"] = declares({target(
      "hello", data::object{{"deps", data::array{target_label("//lib:gret")}}}, "binary", 9)});
  auto e = failure(p, build_key({"//:hello"}));
  CHECK(e.code == errc::not_found);
  CHECK(e.message == "//:hello depends on //lib:gret: there is no target //lib:gret");
  CHECK(e.position->line == 9);
  CHECK(e.remedy == "did you mean 'greet'?");
}

TEST_CASE("patterns name sorted labels") {
  project p;
  auto labels = [&](const char* text) {
    auto x = p.engine.build(pattern_key(text));
    REQUIRE(x);
    return (*x->as<labels_value>())->labels;
  };
  CHECK(labels("//...") == strings{"//:hello", "//lib:greet"});
  CHECK(labels("//lib/...") == strings{"//lib:greet"});
  CHECK(labels("//:all") == strings{"//:hello"});
  CHECK(labels("//lib:greet") == strings{"//lib:greet"});
  CHECK(failure(p, pattern_key("//absent/...")).code == errc::not_found);
  auto analysis = p.engine.build(analysis_key({"//:hello", "//..."}));
  REQUIRE(analysis);
  auto found = *analysis->as<analysis_value>();
  CHECK(found->requested == strings{"//:hello", "//lib:greet"});
  CHECK(found->closure == found->requested);
}

TEST_CASE("a toolchain that cannot be found fails the targets that need it, once") {
  project p;
  p.world.environment["PATH"] = "/nowhere";
  p.world.scripts["zako:toolchains/cc"] = [](auto&, auto& replies) -> result<script_step> {
    if (replies.empty())
      return script_asks("which", data(data::object{{"names", data::array{"cc"}}}));
    CHECK(replies[0].reply.value.is_null());
    return fail(error_at(errc::tool_missing, "no C compiler", {"zako:toolchains/cc", 1, 1}));
  };
  auto e = failure(p, build_key({"//..."}));
  CHECK(e.code == errc::tool_missing);
  CHECK(e.causes.empty());
}

TEST_CASE("a script by itself gives its result, and is kept") {
  project p;
  p.world.write("lib/a.ts", "1");
  data seen;
  p.world.scripts["lib/a.ts"] = [&](auto& run, auto&) -> result<script_step> {
    seen = run.argument;
    return script_end(data(run.context == script_context::build ? "build" : "library"));
  };
  auto result_of = [&](const key& k) {
    auto x = p.engine.build(k);
    REQUIRE(x);
    return *(*x->as<data_value>())->content.as_string();
  };
  auto file = neutral_path::parse("lib/a.ts").value();
  auto library = script_key({script_context::library, file});
  CHECK(library.text() == "script:library lib/a.ts");
  CHECK(result_of(library) == "library");
  CHECK(seen.to_json() == "{}");
  CHECK(result_of(script_key({script_context::build, file})) == "build");
  CHECK(*seen["package"].as_string() == "lib");
  CHECK(result_of(library) == "library");
  CHECK(p.engine.computed.empty());
  p.world.write("lib/a.ts", "2");
  CHECK(result_of(library) == "library");
  CHECK(p.engine.did_compute(library.text()));
  CHECK(failure(p, key("script", "library none.ts")).code == errc::not_found);
  CHECK(failure(p, key("script", "kind a.ts")).code == errc::internal);
}

TEST_CASE("a memory module comes with its source and imports built-in modules only") {
  project p;
  memory_script what{"eval", script_context::build, neutral_path::parse("lib").value(),
                     "import \"zako:rules/cc\"\n"};
  auto row = memory_kind(what);
  CHECK_FALSE(row.stored);
  CHECK(memory_key(what).text() == "memory:eval");
  REQUIRE(p.engine.kinds().add(row));
  data seen;
  p.world.scripts["memory:eval"] = [&](auto& run, auto&) -> result<script_step> {
    seen = run.argument;
    return script_end(data(1));
  };
  REQUIRE(p.engine.build(memory_key(what)));
  CHECK(p.world.transpiled == strings{"memory:eval"});
  CHECK(*seen["package"].as_string() == "lib");

  project other;
  what.source = "\nimport \"./greet.ts\"\n";
  REQUIRE(other.engine.kinds().add(memory_kind(what)));
  auto e = failure(other, memory_key(what));
  CHECK(e.code == errc::import_denied);
  CHECK(e.position == source_position{"memory:eval", 2, 8});
}
