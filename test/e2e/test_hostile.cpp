// Hostile build files beside good ones, in one build that keeps going: each bad one fails with an
// error of its own, every good one is built, and the program lives.
#include "workspace.hpp"

using namespace e2e;
using Catch::Contains;

namespace {

struct hostile_file {
  std::string name;
  std::string text;
  std::string says;
};

const std::vector<hostile_file>& hostile_files() {
  static const std::vector<hostile_file> all{
      {"loop", "for (;;) ;", "ran for more than"},
      {"microtasks", "const f = (): any => Promise.resolve().then(f);\nf();\nawait f();",
       "ran for more than"},
      {"regexp", "/(a+)+$/.test('a'.repeat(60) + 'b');", "ran for more than"},
      {"heap", "let a: any = [1];\nfor (;;) a = [...a, ...a];", ""},
      {"text", "export default 'x'.repeat(2 ** 30);", "Invalid string length"},
      {"buffers", "const all: any[] = [];\nfor (;;) all.push(new Uint8Array(1 << 24));",
       "of array buffers"},
      {"stack", "const f = (): number => 1 + f();\nf();", "of stack"},
      {"deep", "export default JSON.stringify(Array.from({ length: 1e5 }).reduce((x) => [x], []));",
       "of stack"},
      {"deadlock", "await new Promise(() => {});", "deadlock"},
      {"lost", "const a: any[] = [];\na.length = 4e9;\na.sort();", ""},
      {"rejected", "void Promise.reject(new Error('nobody looks'));", "nobody looks"},
      {"polluted", "Array.prototype.map = () => [];\nexport {};",
       "has changed Array.prototype.map"},
      {"inherited", "(Object.prototype as any).srcs = ['/etc/passwd'];\nexport {};",
       "has changed Object.prototype"},
      {"parent", "import '../../secret.ts';", "leads out of the package"},
      {"absolute", "import '/etc/passwd';", "relative path"},
      {"web", "import 'https://example.com/x.ts';", "relative path"},
      {"way-out", "export default await import('zako:syscall');", "zako:syscall"},
      {"eval", "(0, eval)('1');", "code cannot be made from text"},
      {"clock", "export const x = Date.now();", "Date is not available in scripts"},
      {"chance", "export const x = Math.random();", "Math.random is not available in scripts"},
      {"threads", "new SharedArrayBuffer(1);", "SharedArrayBuffer is not available in scripts"},
      {"process", "process.exit(0);", "process is not defined"},
      {"glob", "import { glob } from 'zako:build';\nglob('../../**');", "../../**"},
      {"thrown", "throw { toString() { throw 1; } };", ""},
  };
  return all;
}

} // namespace

TEST_CASE("hostile build files fail alone") {
  workspace w;
  w.environment["ZAKO_SCRIPT_TIME"] = "1s";
  constexpr int good = 6;
  auto made = [](int i) { return "zako-out/good" + std::to_string(i) + "/out"; };
  for (int i = 0; i < good; ++i)
    w.write("good" + std::to_string(i) + "/BUILD.ts",
            import_generate + shell_target("t", "echo good > " + made(i), {"out"}));
  for (auto& x : hostile_files())
    w.write(x.name + "/BUILD.ts", x.text + "\n");
  auto said = w.build_fails({"-k", "--set", "pools.script.max=6", "//..."});
  for (auto& x : hostile_files())
    CHECK_THAT(said, Contains(x.name + "/BUILD.ts") && Contains(x.says));
  for (int i = 0; i < good; ++i)
    CHECK(w.read(made(i)) == "good\n");
  for (auto& x : hostile_files())
    w.write(x.name + "/BUILD.ts", "export {};\n");
  CHECK(w.build({"//..."}) == totals{0, good, 0});
}
