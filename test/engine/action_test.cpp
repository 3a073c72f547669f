// Actions, targets, requests and tests: what goes wrong, and how it is told.
#include <catch2/catch.hpp>

#include "test/engine/fake_project.hpp"

using namespace zako;
using namespace zako::test;
using strings = std::vector<std::string>;

namespace {

/// A project whose root build file declares one target, made by a rule with this result.
struct custom : project {
  explicit custom(data result_of_rule) {
    world.scripts["zako:rules/cc#custom"] = [=](auto&, auto&) -> zako::result<script_step> {
      return script_end(result_of_rule);
    };
    world.scripts["BUILD.ts"] = declares({target("t", data::object{}, "custom", 7)});
  }
  error failure() {
    auto built = build({"//:t"});
    REQUIRE_FALSE(built);
    return built.error();
  }
};

data action(strings argv, strings outputs, data inputs = data()) {
  return data(data::object{{"argv", data::strings(argv)},
                           {"outputs", data::strings(outputs)},
                           {"inputs", std::move(inputs)}});
}

data made_by(std::string path, std::string owner) {
  return data(data::object{{"path", std::move(path)}, {"owner", std::move(owner)}});
}

data rule_result(data::array actions, data::array files = {}) {
  return data(data::object{{"actions", std::move(actions)}, {"files", std::move(files)}});
}

} // namespace

TEST_CASE("a source that does not exist is named with its target and place") {
  project p;
  p.world.remove("main.c");
  auto built = p.build();
  REQUIRE_FALSE(built);
  auto& e = built.error();
  CHECK(e.code == errc::not_found);
  CHECK(e.message == "source 'main.c' of //:hello does not exist");
  CHECK(e.position == source_position{"BUILD.ts", 1, 1});
  CHECK(e.frame.starts_with("> 1 | import"));
  CHECK_FALSE(e.remedy.empty());
  p.world.write("main.c", "main\n");
  CHECK(p.build());
}

TEST_CASE("the place in an error moves with the target") {
  project p;
  p.world.remove("main.c");
  REQUIRE_FALSE(p.build());
  p.world.write("BUILD.ts", "\n\nimport \"zako:rules/cc\"\n");
  p.world.scripts["BUILD.ts"] =
      declares({target("hello", data::object{{"srcs", data::array{file("main.c")}}}, "binary", 3)});
  auto built = p.build();
  REQUIRE_FALSE(built);
  CHECK(built.error().position->line == 3);
}

TEST_CASE("a failing action tells its title, exit code and what it printed") {
  project p;
  p.world.write("main.c", "error\n");
  auto built = p.build();
  REQUIRE_FALSE(built);
  auto& e = built.error();
  CHECK(e.code == errc::action_failed);
  CHECK(e.message == "CC main.c failed with exit code 1");
  REQUIRE(e.causes.size() == 1);
  CHECK(e.causes[0].message == "main.c: error");
}

TEST_CASE("many failures are collected, each once") {
  project p;
  p.world.write("main.c", "error\n");
  p.world.write("lib/greet.c", "error\n");
  auto built = p.build();
  REQUIRE_FALSE(built);
  auto& e = built.error();
  CHECK(e.code == errc::dependency);
  REQUIRE(e.causes.size() == 2);
  CHECK(e.causes[0].message == "CC lib/greet.c failed with exit code 1");
  CHECK(e.causes[1].message == "CC main.c failed with exit code 1");
}

TEST_CASE("an output that is not made is an error") {
  custom p(
      rule_result({action({"/bin/nothing"}, {"zako-out/x"})}, {made_by("zako-out/x", "//:t")}));
  auto e = p.failure();
  CHECK(e.code == errc::output_missing);
  CHECK(e.message == "RUN x did not make 'zako-out/x'");
  CHECK(e.position->line == 7);
}

TEST_CASE("a missing program is named") {
  custom p(rule_result({action({"/bin/absent"}, {"zako-out/x"})}, {made_by("zako-out/x", "//:t")}));
  CHECK(p.failure().code == errc::tool_missing);
  custom q(
      rule_result({action({"zako-out/tool"}, {"zako-out/x"})}, {made_by("zako-out/x", "//:t")}));
  auto e = q.failure();
  CHECK(e.code == errc::script);
  CHECK(e.message.find("not among the action's inputs") != std::string::npos);
}

TEST_CASE("a program of the workspace is an input, however it is written") {
  custom p(rule_result({action({"./tool"}, {"zako-out/x"})}, {made_by("zako-out/x", "//:t")}));
  CHECK(p.failure().code == errc::tool_missing);
  p.world.write("tool", "1", true);
  p.world.programs["./tool"] = [](auto&, auto& w, auto&) { w.write("zako-out/x", "made"); };
  REQUIRE(p.build({"//:t"}));
  p.world.write("tool", "2", true);
  REQUIRE(p.build({"//:t"}));
  CHECK(p.world.ran == strings{"RUN x"});
}

TEST_CASE("a generated header must be a declared input") {
  project p;
  p.world.write("gen.c", "gen\n");
  p.world.programs["/bin/gen"] = [](auto& what, auto& w, auto&) {
    w.write(what.argv.at(1), "made\n");
  };
  p.world.write("/bin/gen", "gen", true);
  p.world.scripts["zako:rules/cc#gen"] = [](auto&, auto&) -> result<script_step> {
    return script_end(rule_result({action({"/bin/gen", "zako-out/g.h"}, {"zako-out/g.h"})},
                                  {made_by("zako-out/g.h", "//:g")}));
  };
  p.world.write("use.c", "#include \"zako-out/g.h\"\nuse\n");
  data attrs(data::object{{"srcs", data::array{file("use.c")}}});
  auto g = target("g", data::object{}, "gen");
  p.world.scripts["BUILD.ts"] = declares({g, target("use", attrs)});
  REQUIRE(p.build({"//:g"}));
  auto built = p.build({"//:use"});
  REQUIRE_FALSE(built);
  CHECK(built.error().message == "CC use.c read 'zako-out/g.h', which is not among its inputs");
  CHECK(built.error().remedy.find("deps of //:use") != std::string::npos);

  attrs.set("generated", data::array{target_label("//:g")});
  p.world.scripts["BUILD.ts"] = declares({g, target("use", attrs)});
  p.world.write("BUILD.ts", "import \"zako:rules/cc\" // with the header\n");
  REQUIRE(p.build({"//:use"}));
  CHECK(p.world.text("zako-out/use").find("made") != std::string::npos);
  REQUIRE(p.build({"//:use"}));
  CHECK(p.engine.computed.empty());
}

TEST_CASE("a rule's result is checked part by part") {
  struct row {
    data result;
    const char* says;
  };
  auto out = [](const char* path) { return rule_result({action({"/bin/cc"}, {path})}); };
  auto with = [](const char* name, data x) {
    auto a = action({"/bin/cc"}, {"zako-out/x"});
    a.set(name, std::move(x));
    return rule_result({a});
  };
  for (auto& [result, says] :
       {row{data("x"), "the result of implement() must be an object, not string"},
        row{rule_result({data(1)}), "actions[0] must be an action, not number"},
        row{rule_result({action({}, {"zako-out/x"})}), "actions[0].argv must name a program"},
        row{rule_result({action({"/bin/cc"}, {})}), "actions[0] declares no output"},
        row{out("main.c"), "does not lie below zako-out/"},
        row{out("zako-out"), "does not lie below"},
        row{out("zako-out/../x"), "does not lie below"},
        row{rule_result({action({"/bin/cc"}, {"zako-out/x"}), action({"/bin/cc"}, {"zako-out/x"})}),
            "actions[1].outputs[0] 'zako-out/x' is declared twice"},
        row{rule_result({action({"/bin/cc"}, {"zako-out/x", "zako-out/x/y"})}), "also the folder"},
        row{with("inputs", data::array{file("/etc/passwd")}), "actions[0].inputs[0].path"},
        row{with("inputs", data::array{file("zako-out/y")}), "names no owner"},
        row{with("inputs", data::array{made_by("zako-out/y", "//:t")}),
            "no action of //:t makes it"},
        row{with("inputs", data::array{made_by("zako-out/x", "//:t")}), "reads its own output"},
        row{with("env", data::object{{"A", 1}}), "actions[0].env.A must be a string, not number"},
        row{with("resources", 2), "actions[0].resources must be an object of amounts"},
        row{with("resources", data::object{{"cpu", 1.5}}),
            "actions[0].resources.cpu must be a whole number"},
        row{with("resources", data::object{{"cpu", "2"}}),
            "actions[0].resources.cpu must be a whole number"},
        row{with("resources", data::object{{"memory", "much"}}),
            "actions[0].resources.memory must be a size such as \"512M\""},
        row{with("resources", data::object{{"gpu", data::object{{"min", 2}, {"max", 1}}}}),
            "actions[0].resources.gpu.max is less"},
        row{with("resources", data::object{{"gpu", data::object{{"mim", 2}}}}),
            "actions[0].resources.gpu has no member 'mim'"},
        row{with("resources", data::object{{"gpu", data::object{{"max", 2}}}}),
            "actions[0].resources.gpu.min must be a whole number"},
        row{with("jobserver", 1), "actions[0].jobserver must be true or false"},
        row{with("stdout", "zako-out/other"), "is not among the action's outputs"},
        row{rule_result({}, {made_by("zako-out/y", "//:t")}), "no action of //:t makes it"}}) {
    custom p(result);
    auto e = p.failure();
    INFO(e.message);
    CHECK(e.message.starts_with("the rule custom gave a wrong result for //:t: "));
    CHECK(e.message.find(says) != std::string::npos);
    CHECK(e.position->line == 7);
  }
}

namespace {

/// A target with one action that takes `peak` bytes of memory.
struct hungry : custom {
  hungry(data resources, std::uint64_t peak)
      : custom([&] {
          auto a = action({"/bin/eat"}, {"zako-out/x"}, data::array{file("main.c")});
          a.set("resources", std::move(resources));
          a.set("jobserver", true);
          return rule_result({a}, {made_by("zako-out/x", "//:t")});
        }()) {
    world.write("/bin/eat", "eat", true);
    world.programs["/bin/eat"] = [peak](auto& what, auto& w, auto& out) {
      w.write(what.outputs.front(), "x");
      out.peak_bytes = peak;
    };
  }
  /// Runs the action once more, and gives what it asked for.
  command_job run_again(const std::string& source) {
    world.write("main.c", source);
    REQUIRE(build({"//:t"}));
    return world.jobs.back();
  }
};

constexpr std::uint64_t gib = 1u << 30;

} // namespace

TEST_CASE("what an action needs of the machine goes with its job") {
  hungry p(data::object{{"cpu", 2},
                        {"disk", data::object{{"min", 1}}},
                        {"license", data::object{{"min", 1}, {"max", 4}, {"soft", true}}},
                        {"memory", "512M"}},
           8 * gib);
  auto job = p.run_again("1");
  CHECK(job.needs == std::vector<need>{{"cpu", 2, 2, false},
                                       {"disk", 1, everything, false},
                                       {"license", 1, 4, true},
                                       {"memory", 512u << 20, 512u << 20, false}});
  CHECK(job.jobserver);
  CHECK(p.run_again("2").needs == job.needs); // what was declared stands, whatever it took
}

TEST_CASE("an action asks for as much memory as its last run took, as an estimate") {
  hungry p(data(), 3 * gib);
  CHECK(p.run_again("1").needs.empty());
  CHECK(p.run_again("2").needs == std::vector<need>{{"memory", 3 * gib, 3 * gib, true}});
  p.engine.restart();
  CHECK(p.run_again("3").needs.size() == 1);
  hungry small(data(), 1 << 20);
  small.run_again("1");
  CHECK(small.run_again("2").needs.empty()); // too little to decide what runs beside what
}

TEST_CASE("what an action needs does not change what it makes") {
  hungry p(data::object{{"cpu", 1}}, 0);
  p.run_again("1");
  p.world.scripts["zako:rules/cc#custom"] = [](auto&, auto&) -> zako::result<script_step> {
    auto a = action({"/bin/eat"}, {"zako-out/x"}, data::array{file("main.c")});
    a.set("resources", data::object{{"cpu", 2}});
    return script_end(rule_result({a}, {made_by("zako-out/x", "//:t")}));
  };
  p.world.write("BUILD.ts", "import \"zako:rules/cc\" // edited\n");
  p.world.builtins["zako:rules/cc"] += "// edited\n";
  p.engine.restart();
  REQUIRE(p.build({"//:t"}));
  CHECK(p.world.ran.empty());
}

TEST_CASE("two targets that make one file are both named") {
  project p;
  auto same = [](const char* owner) {
    return [=](auto&, auto&) -> result<script_step> {
      return script_end(rule_result({action({"/bin/gen"}, {"zako-out/same"})},
                                    {made_by("zako-out/same", owner)}));
    };
  };
  p.world.scripts["zako:rules/cc#one"] = same("//:one");
  p.world.scripts["zako:rules/cc#two"] = same("//:two");
  p.world.scripts["BUILD.ts"] =
      declares({target("one", data::object{}, "one", 1), target("two", data::object{}, "two", 2)});
  auto built = p.build({"//:all"});
  REQUIRE_FALSE(built);
  CHECK(built.error().code == errc::conflict);
  CHECK(built.error().message == "//:one and //:two both make 'zako-out/same'");
  CHECK(built.error().position->line == 2);
}

TEST_CASE("a program that runs too long or is killed says so") {
  custom p(rule_result({action({"/bin/slow"}, {"zako-out/x"})}, {made_by("zako-out/x", "//:t")}));
  p.world.write("/bin/slow", "slow", true);
  p.world.programs["/bin/slow"] = [](auto&, auto&, auto& out) { out.exit_code = 139; };
  CHECK(p.failure().message == "RUN x was ended by signal 11");
}

TEST_CASE("tests run when something changed, and again until they pass") {
  project p;
  p.declare({});
  data attrs(data::object{{"srcs", data::array{file("main.c")}}});
  p.world.scripts["BUILD.ts"] = declares({target("hello_test", attrs), target("hello", attrs)});
  std::vector<std::string> all = {"//:all"};
  auto tested = p.engine.build(tests_key(all));
  REQUIRE(tested);
  auto rows = (*tested->as<tests_value>())->rows;
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].label == "//:hello_test");
  CHECK(rows[0].outcome.passed);
  CHECK(p.world.exists("zako-out/hello"));

  REQUIRE(p.engine.build(tests_key(all)));
  CHECK(p.world.ran.empty());
  p.world.write("main.c", "broken\n");
  tested = p.engine.build(tests_key(all));
  REQUIRE(tested);
  rows = (*tested->as<tests_value>())->rows;
  CHECK_FALSE(rows[0].outcome.passed);
  CHECK(rows[0].outcome.exit_code == 1);
  p.engine.restart();
  REQUIRE(p.engine.build(tests_key(all)));
  CHECK(p.world.ran == strings{"TEST //:hello_test"});
  p.world.write("main.c", "main\n");
  tested = p.engine.build(tests_key(all));
  CHECK((*tested->as<tests_value>())->rows[0].outcome.passed);
}

TEST_CASE("a request without tests says so") {
  project p;
  std::vector<std::string> all = {"//lib:all"};
  auto tested = p.engine.build(tests_key(all));
  REQUIRE_FALSE(tested);
  CHECK(tested.error().code == errc::not_found);
}

TEST_CASE("targets that depend on each other end in an error that names the ring") {
  project p;
  auto dep = [](const char* text) {
    return data(data::object{{"deps", data::array{target_label(text)}}});
  };
  p.world.scripts["BUILD.ts"] = declares({target("a", dep("//:b")), target("b", dep("//:a"))});
  auto built = p.build({"//:a"});
  REQUIRE_FALSE(built);
  CHECK(built.error().code == errc::cycle);
  CHECK(built.error().message == "target://:a -> target://:b -> target://:a");
}
