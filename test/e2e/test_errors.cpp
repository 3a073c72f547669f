// Bad input: each mistake has an error of its own, with a place, the cause and what to do, and exit
// code 1; nothing half-made stays, and the repaired input builds.
#include "workspace.hpp"

using namespace e2e;
using Catch::Contains;

namespace {

/// What a failing build says; it says the same again from what it remembers.
std::string mistake(const workspace& w, const words& arguments = {}) {
  auto command = arguments;
  command.insert(command.begin(), "build");
  auto first = w.build_fails(arguments);
  auto again = w.zako(command);
  CHECK(again.code == 1);
  CHECK(first.find(again.err) != std::string::npos);
  return first;
}

TEST_CASE("a syntax error in C shows the compiler's own words and the command") {
  hello_workspace w;
  w.edit("main.c", "return", "retrun");
  auto said = mistake(w);
  CHECK_THAT(said, Contains("FAILED: CC main.c (exit code 1)") && Contains("main.c:2:") &&
                       Contains(" -c main.c ") && Contains("build failed: "));
  CHECK_FALSE(w.exists("zako-out/hello"));
  CHECK_FALSE(w.exists("zako-out/_objs/hello/main.o"));
  w.edit("main.c", "retrun", "return");
  w.build();
}

TEST_CASE("a failing action is told once, however many targets need it") {
  hello_workspace w;
  w.edit("greet.c", "void", "viod");
  w.edit(
      "BUILD.ts", "export const hello",
      "export const other = ccBinary({ srcs: [\"main.c\"], deps: [greet] });\nexport const hello");
  auto said = mistake(w, {"-k", "//..."});
  auto first = said.find("FAILED: CC greet.c");
  REQUIRE(first != std::string::npos);
  CHECK(said.find("CC greet.c failed") == std::string::npos);
  CHECK(said.find("FAILED: CC greet.c", first + 1) == std::string::npos);
}

TEST_CASE("keep-going builds what does not need the failure, and tells every failure") {
  hello_workspace w;
  w.edit("greet.c", "void", "viod");
  w.write("other.c", "int main(void) { return oops; }\n");
  w.write("fine.c", "int main(void) { return 0; }\n");
  w.edit("BUILD.ts", "export const hello",
         "export const other = ccBinary({ srcs: [\"other.c\"] });\n"
         "export const fine = ccBinary({ srcs: [\"fine.c\"] });\nexport const hello");
  auto said = w.build_fails({"-k"});
  CHECK_THAT(said, Contains("FAILED: CC greet.c") && Contains("FAILED: CC other.c") &&
                       Contains("2 failed"));
  CHECK(w.exists("zako-out/fine"));
}

TEST_CASE("a syntax error in BUILD.ts is shown in its line") {
  hello_workspace w;
  w.edit("BUILD.ts", "deps: [greet] });", "deps: [greet };");
  CHECK_THAT(mistake(w), Contains("error: BUILD.ts:3:") && Contains("> 3 | export const hello"));
}

TEST_CASE("a malformed manifest is shown in its line") {
  hello_workspace w;
  w.write("zako.toml", "[package]\nname = \"test\nversion = \"0.1.0\"\n");
  CHECK_THAT(mistake(w), Contains("error: zako.toml:2:") && Contains("help: "));
  w.write("zako.toml", "[package]\nnaem = \"test\"\nversion = \"0.1.0\"\n");
  CHECK_THAT(mistake(w), Contains("error: zako.toml:2:") && Contains("did you mean 'name'?"));
}

TEST_CASE("no manifest is a usage error that says what to do") {
  hello_workspace w;
  w.remove("zako.toml");
  auto done = w.zako({"build"});
  CHECK(done.code == 2);
  CHECK_THAT(done.err, Contains("zako.toml") && Contains("help: "));
  CHECK_FALSE(w.exists(".zako"));
}

TEST_CASE("an unknown label is answered with the one that was meant") {
  hello_workspace w;
  CHECK_THAT(mistake(w, {"//:helo"}),
             Contains("//:helo") && Contains("did you mean") && Contains("hello"));
  CHECK_THAT(mistake(w, {"//nowhere:x"}), Contains("nowhere"));
  w.edit("BUILD.ts", "deps: [greet]", "deps: [\"//:gret\"]");
  CHECK_THAT(mistake(w),
             Contains("BUILD.ts:3:") && Contains("//:gret") && Contains("did you mean"));
}

TEST_CASE("targets that depend on each other are told with the whole ring, and nothing hangs") {
  workspace w;
  auto target = [](const std::string& dep) {
    return "import { ccLibrary } from \"zako:rules/cc\";\n"
           "export default [ccLibrary({ name: \"lib\", srcs: [], deps: [\"" +
           dep + "\"] })];\n";
  };
  w.write("a/BUILD.ts", target("//b:lib"));
  w.write("b/BUILD.ts", target("//c:lib"));
  w.write("c/BUILD.ts", target("//a:lib"));
  for (auto& patterns : std::vector<words>{{"//a:lib"}, {"//..."}, {"//c:lib", "//b:lib"}})
    CHECK_THAT(mistake(w, patterns),
               Contains("//a:lib") && Contains("//b:lib") && Contains("//c:lib"));
  w.write("c/BUILD.ts", "export {};\n");
  CHECK_THAT(mistake(w, {"//a:lib"}), Contains("//c:lib"));
}

TEST_CASE("a script that throws is shown where it threw") {
  hello_workspace w;
  w.edit("BUILD.ts", "export const hello", "throw new Error(\"not today\");\nexport const hello");
  CHECK_THAT(mistake(w), Contains("error: BUILD.ts:3:") && Contains("not today"));
}

TEST_CASE("a loop in imports is told with its files") {
  hello_workspace w;
  w.edit("BUILD.ts", "import", "import { a } from \"./a.ts\";\nimport");
  w.edit("BUILD.ts", "\"main.c\"", "a");
  w.write("a.ts", "import { b } from \"./b.ts\";\nexport const a = b;\n");
  w.write("b.ts", "import { a } from \"./a.ts\";\nexport const b = a;\n");
  CHECK_THAT(mistake(w), Contains("a.ts") && Contains("b.ts"));
}

TEST_CASE("build files whose imports fail do not keep the workers that others need") {
  hello_workspace w;
  for (auto* folder : {"a", "b", "c", "d"})
    w.write(std::string(folder) + "/BUILD.ts",
            "import { x } from \"./missing.ts\";\nexport const y = x;\n");
  auto said = w.build_fails({"-k", "//...", "//:hello"});
  CHECK_THAT(said, Contains("a/BUILD.ts:1:") && Contains("d/BUILD.ts:1:"));
  CHECK(w.build({"//:hello"}) == totals{0, 4, 0}); // it was built beside them
}

TEST_CASE("a script that V8 cannot survive costs a thread, and the program still ends") {
  hello_workspace w;
  w.write("big/BUILD.ts", "export const x = (\"x\".repeat(2 ** 28) + \"y\").split(\"\");\n");
  auto done = w.zako({"build", "//big:all"});
  CHECK(done.code == 1);
  CHECK_THAT(done.err, Contains("the script engine failed in 'big/BUILD.ts'"));
  w.build({"//:hello"});
}

TEST_CASE("an import that is not there is told where it is imported") {
  hello_workspace w;
  w.edit("BUILD.ts", "import", "import { a } from \"./missing.ts\";\nimport");
  w.edit("BUILD.ts", "\"main.c\"", "a");
  CHECK_THAT(mistake(w), Contains("BUILD.ts:1:") && Contains("missing.ts"));
}

TEST_CASE("an unknown attribute is answered with the one that was meant") {
  hello_workspace w;
  w.edit("BUILD.ts", "srcs: [\"main.c\"]", "src: [\"main.c\"]");
  CHECK_THAT(mistake(w),
             Contains("BUILD.ts:3:") && Contains("'src'") && Contains("did you mean 'srcs'?"));
}

TEST_CASE("an attribute of a wrong type is refused with its place") {
  hello_workspace w;
  w.edit("BUILD.ts", "srcs: [\"main.c\"]", "srcs: [42]");
  CHECK_THAT(mistake(w), Contains("BUILD.ts:3:") && Contains("srcs[0]"));
}

TEST_CASE("a source that is not there is told with the target that wants it") {
  hello_workspace w;
  w.remove("greet.c");
  CHECK_THAT(mistake(w), Contains("BUILD.ts:2:") && Contains("greet.c"));
  w.write("greet.c", "#include \"greet.h\"\nvoid greet(const char* whom) { (void)whom; }\n");
  w.build();
}

TEST_CASE("a header that is not there is the compiler's error, and its coming is noticed") {
  hello_workspace w;
  w.edit("main.c", "#include", "#include \"late.h\"\n#include");
  CHECK_THAT(mistake(w), Contains("late.h"));
  w.write("late.h", "");
  w.build();
}

TEST_CASE("a compiler that is not there is told with the variable that names it") {
  hello_workspace w;
  w.environment["CC"] = "/nonexistent";
  CHECK_THAT(mistake(w), Contains("/nonexistent") && Contains("CC") && Contains("help: "));
  w.environment["CC"] = "no-such-compiler";
  CHECK_THAT(mistake(w), Contains("no-such-compiler") && Contains("help: "));
  w.environment.erase("CC");
  w.build();
}

TEST_CASE("an output that was not made is told with its target") {
  workspace w;
  w.write("BUILD.ts", import_generate + shell_target("idle", "true", {"x"}));
  CHECK_THAT(mistake(w), Contains("BUILD.ts:2:") && Contains("zako-out/x") && Contains("help: "));
  w.write("BUILD.ts", import_generate + shell_target("idle", "echo 1 > zako-out/x", {"x"}));
  w.build();
}

TEST_CASE("two targets that write one file are both named") {
  workspace w;
  w.write("BUILD.ts", import_generate + shell_target("first", "echo 1 > zako-out/x", {"x"}) +
                          shell_target("second", "echo 2 > zako-out/x", {"x"}));
  CHECK_THAT(mistake(w), Contains("zako-out/x") && Contains("//:first") && Contains("//:second"));
  CHECK_FALSE(w.exists("zako-out/x"));
}

TEST_CASE("an action that fails leaves no half-written output") {
  workspace w;
  w.write("BUILD.ts",
          import_generate + shell_target("half", "echo half > zako-out/x; exit 7", {"x"}));
  CHECK_THAT(mistake(w), Contains("(exit code 7)"));
  CHECK_FALSE(w.exists("zako-out/x"));
}

TEST_CASE("a program that is ended by a signal is told so") {
  workspace w;
  w.write("BUILD.ts", import_generate + shell_target("gone", "kill -SEGV $$", {"x"}));
  CHECK_THAT(mistake(w), Contains("(signal 11)"));
}

TEST_CASE("a script that never ends is stopped") {
  workspace w;
  w.write("BUILD.ts", "for (;;) {}\n");
  CHECK_THAT(w.build_fails(), Contains("BUILD.ts"));
}

} // namespace
