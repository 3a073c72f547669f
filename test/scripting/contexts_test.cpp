// What each kind of script gets from its own built-in modules.
#include <catch2/catch.hpp>

#include "script_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

/// Answers an operation with itself, so that a script shows what it asked.
script_world::operation echo(const char* name) {
  return [name](const data& argument) -> result<data> {
    return data(std::string(name) + " " + argument.to_json());
  };
}

script_world asked() {
  script_world world;
  for (auto name : {"option", "env", "read", "project"})
    world.answer(name, echo(name));
  return world;
}

} // namespace

TEST_CASE("a config file asks for options, variables and files", "[contexts]") {
  auto world = asked();
  world.file("app/x.config.ts",
             "import { defineConfig, env, option, readText } from 'zako:config';\n"
             "export default defineConfig({ a: [option('o'), env('E'), readText('t')] });");
  CHECK(json(world.run("app/x.config.ts", script_context::config)) ==
        R"({"a":["option {\"name\":\"o\"}","env {\"name\":\"E\"}","read {\"path\":\"t\"}"]})");
  world.file("app/y.config.ts",
             "import { defineConfig } from 'zako:config';\nexport default defineConfig([] );");
  auto e = failure(world.run("app/y.config.ts", script_context::config));
  CHECK(e.message == "a configuration must be an object, not a list");
  CHECK(e.position == source_position{"app/y.config.ts", 2, 16});
}

TEST_CASE("other scripts ask what is theirs", "[contexts]") {
  auto world = asked();
  world.file("BUILD.ts", "import { option, readText } from 'zako:build';\n"
                         "export const f = () => [option('o'), readText('t')];");
  CHECK(json(world.run("BUILD.ts", script_context::build, "f")) ==
        R"(["option {\"name\":\"o\"}","read {\"path\":\"t\"}"])");
  world.file("x.toolchain.ts", "import { env, readText } from 'zako:toolchain';\n"
                               "export default [env('E'), readText('t')];");
  CHECK(json(world.run("x.toolchain.ts", script_context::toolchain)) ==
        R"(["env {\"name\":\"E\"}","read {\"path\":\"t\"}"])");
  world.file("zako.ts", "import { option } from 'zako:package';\n"
                        "import { project } from 'zako:project';\n"
                        "export default [option('o'), project()];");
  CHECK(json(world.run("zako.ts", script_context::package)) ==
        R"(["option {\"name\":\"o\"}","project {}"])");
}

TEST_CASE("a script can know what it is", "[contexts]") {
  script_world world;
  auto show = "import { context } from 'zako:context';\n"
              "export const f = () => [context.kind, context.module, context.package];\n"
              "export default f();";
  for (auto file : {"app/BUILD.ts", "app/x.config.ts", "zako.ts"})
    world.file(file, show);
  CHECK(json(world.run("app/BUILD.ts", script_context::build, "f")) ==
        R"(["build","app/BUILD.ts","app"])");
  CHECK(json(world.run("app/x.config.ts", script_context::config)) ==
        R"(["config","app/x.config.ts","app"])");
  CHECK(json(world.run("zako.ts", script_context::package)) == R"(["package","zako.ts",""])");
}
