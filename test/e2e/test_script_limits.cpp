// Each limit of scripts, set on the command line and passed by a script.
#include "workspace.hpp"

using namespace e2e;
using Catch::Contains;

namespace {

struct passing {
  std::string setting; // "script.time=300ms"
  std::string source;
  std::string place; // of the error
  std::string message;
};

TEST_CASE("a passed limit is told with its place, its value and the setting that allows more") {
  auto [setting, source, place, message] = GENERATE(values<passing>({
      {"script.time=300ms", "const f = (): never => {\n  for (;;) ;\n};\nf();\n",
       "a.ts:2:", "'a.ts' ran for more than 300ms (script.time)"},
      {"script.heap=32M", "const all: object[] = [];\nfor (;;) all.push({ x: [1, 2, 3] });\n",
       "a.ts:2:", "'a.ts' needs more than 32M of memory (script.heap)"},
      {"script.array_buffers=4M", "const a = [];\nfor (;;) a.push(new Uint8Array(1 << 20));\n",
       "a.ts:2:", "'a.ts' needs more than 4M of array buffers (script.array_buffers)"},
      {"script.stack=128K", "const f = (): number => 1 + f();\nf();\n",
       "a.ts:1:", "'a.ts' needs more than 128K of stack (script.stack)"},
      {"script.modules=20", "import { x0 } from \"./m0.ts\";\nexport default x0;\n",
       ".ts:1:", "'a.ts' loads more than 20 modules (script.modules)"},
      {"script.values=1000", "export default new Array(1001).fill(1);\n",
       "a.ts: ", "is larger than 1000 values (script.values)"},
      {"script.text=64K", "export default { x: \"x\".repeat(70_000) };\n",
       "a.ts: ", "result.x holds more than 64K of text (script.text)"},
      {"script.console=64K", "\nfor (;;) console.log(\"x\".repeat(1000));\n",
       "a.ts:2:", "'a.ts' prints more than 64K (script.console)"},
  }));
  CAPTURE(setting);
  workspace w;
  w.write("a.ts", source);
  for (int i = 0; i < 30; ++i) // a chain of modules
    w.write("m" + std::to_string(i) + ".ts", "import { x" + std::to_string(i + 1) +
                                                 " } from \"./m" + std::to_string(i + 1) +
                                                 ".ts\";\nexport const x" + std::to_string(i) +
                                                 " = x" + std::to_string(i + 1) + ";\n");
  w.write("m30.ts", "export const x30 = 1;\n");
  auto done = w.zako({"eval", "--set", setting, "a.ts"});
  CHECK(done.code == 1);
  CHECK_THAT(done.err, Contains(place) && Contains(message));
  CHECK_THAT(done.err, Contains("or allow more: --set " + setting.substr(0, setting.find('='))));
  // The next script is not the worse for it.
  CHECK(w.zako({"eval", "-e", "1"}).out == "1\n");
}

TEST_CASE("an error of a limit is not served when the limit allows more") {
  workspace w;
  w.write("a.ts", "export default new Array(2000).fill(1).length + [...\"x\".repeat(5)].length;\n"
                  "console.log(\"x\".repeat(3000));\n");
  CHECK(w.zako({"eval", "--set", "script.console=1K", "a.ts"}).code == 1);
  CHECK(w.zako({"eval", "a.ts"}).out == "2005\n");

  w.write("BUILD.ts", import_generate + "console.log(\"x\".repeat(3000));\n" +
                          shell_target("x", "echo > zako-out/o", {"o"}));
  w.environment["ZAKO_SCRIPT_CONSOLE"] = "1K";
  CHECK_THAT(w.build_fails(), Contains("'BUILD.ts' prints more than 1K (script.console)"));
  w.environment.clear();
  w.write(".zakorc", "[script]\nconsole = \"10K\"\n");
  CHECK_THAT(w.zako({"eval", "BUILD.ts"}).out, Contains("\"x\""));
  CHECK(w.build().failed == 0);
}

TEST_CASE("limits are settings: they are listed, and checked") {
  workspace w;
  auto all = w.zako({"info", "--resources"}).out;
  for (auto* line :
       {"script.array_buffers  256M", "script.console", "script.heap", "script.modules",
        "script.stack", "script.text", "script.time", "script.values"})
    CHECK_THAT(all, Contains(line));
  auto wrong = w.zako({"eval", "--set", "script.heap=1M", "-e", "1"});
  CHECK(wrong.code == 2);
  CHECK_THAT(wrong.err, Contains("script.heap must be from 16M to 64G, not 1M"));
}

} // namespace
