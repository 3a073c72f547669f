// What a build does again after a change, and what it leaves alone.
#include "workspace.hpp"

#include <unistd.h>

using namespace e2e;

namespace {

std::string said_by_hello(const hello_workspace& w) {
  return run({(w.root() / "zako-out/hello").string()}, w.root()).out;
}

TEST_CASE("a clean build runs every action and makes a program that works") {
  hello_workspace w;
  CHECK(w.build() == totals{4, 0, 0});
  CHECK(said_by_hello(w) == "Hello, World from World\n");
}

TEST_CASE("an unchanged build runs nothing") {
  hello_workspace w;
  w.build();
  CHECK(w.build() == totals{0, 4, 0});
  CHECK(w.build({"//..."}) == totals{0, 4, 0});
}

TEST_CASE("an unchanged build loads no V8") {
  hello_workspace w;
  w.environment["ZAKO_V8_PLUGIN"] = "/nonexistent/zako-v8.so";
  w.build_fails(); // so that the next check can fail
  w.environment.erase("ZAKO_V8_PLUGIN");
  w.build();
  w.environment["ZAKO_V8_PLUGIN"] = "/nonexistent/zako-v8.so";
  CHECK_THAT(w.build(), RunsActions(0));
  w.edit("main.c", "argc - 1", "0");
  CHECK_THAT(w.build(), RunsActions(2));
}

TEST_CASE("an edit of a source runs what depends on it") {
  hello_workspace w;
  w.build();
  w.edit("greet.c", "Hello", "Good morning");
  CHECK(w.build() == totals{3, 1, 0}); // CC greet.c, AR, LINK
  CHECK(said_by_hello(w) == "Good morning, World from World\n");
}

TEST_CASE("an edit of a header runs every source that includes it") {
  hello_workspace w;
  w.build();
  w.edit("greet.h", "World", "Mars");
  CHECK(w.build() == totals{4, 0, 0});
  CHECK(said_by_hello(w) == "Hello, Mars from Mars\n");
}

TEST_CASE("an edit of a comment compiles and stops there: the object is the same") {
  hello_workspace w;
  w.build();
  w.edit("greet.c", "#include <stdio.h>", "#include <stdio.h> // for printf");
  CHECK(w.build() == totals{1, 3, 0});
  w.edit("greet.h", "\n", " // where we live\n");
  CHECK(w.build() == totals{2, 2, 0});
}

TEST_CASE("an edit of BUILD.ts that changes no target runs nothing") {
  hello_workspace w;
  w.build();
  w.edit("BUILD.ts", "\nexport", "\n// The library.\nexport");
  CHECK(w.build() == totals{0, 4, 0});
}

TEST_CASE("a changed flag runs the actions that have it") {
  hello_workspace w;
  w.build();
  w.edit("BUILD.ts", "hdrs:", "copts: [\"-DUNUSED\"], hdrs:");
  CHECK(w.build() == totals{1, 3, 0}); // the same object comes out
  w.edit("BUILD.ts", "-DUNUSED", "-Dwhom=who");
  CHECK(w.build() == totals{1, 3, 0});
  w.edit("BUILD.ts", "-Dwhom=who", "-g");
  CHECK(w.build() == totals{3, 1, 0});
}

TEST_CASE("a new source that a glob finds is built") {
  hello_workspace w;
  w.edit("BUILD.ts", "import", "import { glob } from \"zako:build\";\nimport");
  w.edit("BUILD.ts", "[\"greet.c\"]", "glob(\"greet*.c\")");
  w.build();
  w.write("greet_more.c", "int more;\n");
  CHECK(w.build() == totals{3, 2, 0}); // CC greet_more.c, AR, LINK
}

TEST_CASE("a deleted output comes back") {
  hello_workspace w;
  w.build();
  w.remove("zako-out/hello");
  w.build();
  CHECK(said_by_hello(w) == "Hello, World from World\n");
  w.remove("zako-out");
  w.build();
  CHECK(said_by_hello(w) == "Hello, World from World\n");
  CHECK(w.exists("zako-out/libgreet.a"));
}

TEST_CASE("a tampered output is put right") {
  hello_workspace w;
  w.build();
  auto good = w.read("zako-out/hello");
  auto archive = w.read("zako-out/libgreet.a");
  w.remove("zako-out/hello");
  w.write("zako-out/hello", "#!/bin/sh\necho tampered\n");
  w.remove("zako-out/libgreet.a");
  w.write("zako-out/libgreet.a", "not an archive");
  w.build();
  CHECK(w.read("zako-out/hello") == good);
  CHECK(w.read("zako-out/libgreet.a") == archive);
  CHECK(access((w.root() / "zako-out/hello").c_str(), X_OK) == 0);
}

TEST_CASE("touching files runs nothing") {
  hello_workspace w;
  w.build();
  auto later = fs::file_time_type::clock::now() + std::chrono::hours(1);
  for (auto* name : {"greet.c", "greet.h", "main.c", "BUILD.ts", "zako.toml", "zako-out/hello"})
    fs::last_write_time(w.root() / name, later);
  CHECK(w.build() == totals{0, 4, 0});
}

TEST_CASE("an edit that goes back runs nothing the second time, if the results are kept") {
  hello_workspace w;
  w.build();
  w.edit("greet.c", "Hello", "Hallo");
  w.build();
  w.edit("greet.c", "Hallo", "Hello");
  w.build();
  CHECK(said_by_hello(w) == "Hello, World from World\n");
}

TEST_CASE("only what is asked for is built") {
  hello_workspace w;
  CHECK(w.build({"greet"}) == totals{2, 0, 0}); // CC greet.c, AR
  CHECK_FALSE(w.exists("zako-out/hello"));
  CHECK(w.build({"//:hello"}) == totals{2, 2, 0});
}

TEST_CASE("generated headers are made before what includes them") {
  hello_workspace w;
  w.edit("BUILD.ts", "import", import_generate + "import");
  w.edit("BUILD.ts", "hdrs: [\"greet.h\"]", "hdrs: [\"greet.h\", planet]");
  w.edit(
      "BUILD.ts", "export",
      shell_target("planet", "echo '#define PLANET \"Venus\"' > zako-out/planet.h", {"planet.h"}) +
          "export");
  w.edit("greet.h", "#define PLANET \"World\"", "#include \"planet.h\"");
  CHECK(w.build() == totals{5, 0, 0});
  CHECK(said_by_hello(w) == "Hello, Venus from Venus\n");
  CHECK(w.build() == totals{0, 5, 0});
  w.edit("BUILD.ts", "Venus", "Pluto");
  CHECK(w.build() == totals{5, 0, 0});
  CHECK(said_by_hello(w) == "Hello, Pluto from Pluto\n");
}

TEST_CASE("a rule of the user's own works") {
  workspace w;
  w.write(
      "concat.rule.ts",
      "import { attr, rule } from \"zako:rule\";\n"
      "export const concat = rule({\n"
      "  attrs: { srcs: attr.files(), out: attr.string() },\n"
      "  implement({ attrs, actions }) {\n"
      "    const out = actions.declareFile(attrs.out);\n"
      "    actions.run({ mnemonic: \"Concat\", argv: [\"cat\", ...attrs.srcs], stdout: out });\n"
      "    return { files: [out] };\n"
      "  },\n"
      "});\n");
  w.write("BUILD.ts", "import { concat } from \"./concat.rule.ts\";\n"
                      "export const both = concat({ srcs: [\"a\", \"b\"], out: \"ab\" });\n");
  w.write("a", "1\n");
  w.write("b", "2\n");
  CHECK(w.build() == totals{1, 0, 0});
  CHECK(w.read("zako-out/ab") == "1\n2\n");
  w.edit("b", "2", "3");
  CHECK(w.build() == totals{1, 0, 0});
  CHECK(w.read("zako-out/ab") == "1\n3\n");
}

} // namespace
