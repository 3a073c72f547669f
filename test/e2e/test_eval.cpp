// zako eval and zako export-builtin, as a user meets them.
#include "workspace.hpp"

using namespace e2e;
using Catch::Contains;

namespace {

/// With something on standard input.
finished zako_reads(const workspace& w, const std::string& input, const std::string& arguments) {
  w.write("input", input);
  return run({"sh", "-c", "exec \"$0\" " + arguments + " < input", zako_program()}, w.root(),
             w.environment);
}

TEST_CASE("a library's result is its default, or its exports that are data") {
  workspace w;
  w.write("lib/a.ts", "import { two } from \"./b.ts\";\nconsole.log(\"told\");\n"
                      "export const list = [1, two];\nexport const f = () => 1;\n"
                      "export const a: { z: string; y: null } = { z: \"ä\", y: null };\n");
  w.write("lib/b.ts", "export const two = 2;\nexport default { two };\n");
  auto done = w.zako({"eval", "lib/a.ts"});
  CHECK(done.code == 0);
  CHECK(done.out == "{\n  \"a\": {\n    \"z\": \"ä\",\n    \"y\": null\n  },\n"
                    "  \"list\": [\n    1,\n    2\n  ]\n}\n");
  CHECK(done.err == "lib/a.ts: told\n");
  CHECK(w.zako({"-C", "lib", "eval", "b.ts"}).out == "{\n  \"two\": 2\n}\n");

  w.write("lib/b.ts", "export const two = 3;\n");
  CHECK_THAT(w.zako({"eval", "lib/a.ts"}).out, Contains("    3\n"));
  auto again = w.zako({"eval", "lib/a.ts"});
  CHECK_THAT(again.out, Contains("    3\n"));
  CHECK(again.err.empty()); // it was not run
}

TEST_CASE("the kind follows the file's name, or --as") {
  workspace w;
  w.write("app/BUILD.ts", "import { ccLibrary } from \"zako:rules/cc\";\n"
                          "import { glob } from \"zako:build\";\n"
                          "export const x = ccLibrary({ hdrs: glob(\"*.h\") });\n");
  w.write("app/x.h", "");
  auto built = w.zako({"eval", "app/BUILD.ts"});
  INFO(built.err);
  CHECK(built.code == 0);
  CHECK_THAT(built.out, Contains("\"targets\": [") && Contains("\"x\"") && Contains("\"app/x.h\""));
  w.write("zako.ts", "import { definePackage } from \"zako:package\";\n"
                     "export default definePackage((c) => ({ of: c.manifest.name }));\n");
  CHECK_THAT(w.zako({"eval", "zako.ts"}).out, Contains("\"of\": "));
  w.write("cc.toolchain.ts", "import { which } from \"zako:toolchain\";\n"
                             "export default which(\"sh\");\n");
  CHECK_THAT(w.zako({"eval", "cc.toolchain.ts"}).out, Contains("/sh\""));
  w.write("plain.ts", w.read("cc.toolchain.ts"));
  auto denied = w.zako({"eval", "plain.ts"});
  CHECK(denied.code == 1);
  CHECK_THAT(denied.err, Contains("plain.ts:1:23: 'zako:toolchain' cannot be imported by a "
                                  "library file"));
  CHECK(w.zako({"eval", "--as", "toolchain", "plain.ts"}).code == 0);
}

TEST_CASE("what cannot be evaluated says why") {
  workspace w;
  w.write("f.ts", "export default function f() {}\n");
  auto f = w.zako({"eval", "f.ts"});
  CHECK(f.code == 1);
  CHECK(f.out.empty());
  CHECK_THAT(f.err, Contains("the default export of 'f.ts' is a function") && Contains("help: "));
  auto absent = w.zako({"eval", "g.ts"});
  CHECK(absent.code == 1);
  CHECK_THAT(absent.err, Contains("there is no file 'g.ts'"));
  CHECK(w.zako({"eval", "../g.ts"}).code == 2);
  w.write("a.ts", "import { x } from \"memory:eval\";\nexport default x;\n");
  auto memory = w.zako({"eval", "a.ts"});
  CHECK_THAT(memory.err, Contains("a.ts:1:19: 'memory:eval' is a memory module"));
}

TEST_CASE("expressions and standard input are memory modules: errors are in what was typed") {
  workspace w;
  CHECK(w.zako({"eval", "-e", "[1, 2].map((x: number) => x * 2)"}).out == "[\n  2,\n  4\n]\n");
  CHECK(w.zako({"eval", "-e", "{ a: await 1 };"}).out == "{\n  \"a\": 1\n}\n");
  CHECK(w.zako({"eval", "-e", "x.y"}).err ==
        "error: <eval>:1:1: ReferenceError: x is not defined\n  > 1 | x.y\n      | ^\n");
  CHECK_THAT(w.zako({"eval", "-e", "f(1)"}).err, Contains("error: <eval>:1:1: ReferenceError: f"));
  CHECK_THAT(w.zako({"eval", "-e", "1 +"}).err, Contains("error: <eval>:1:4: "));
  CHECK_THAT(w.zako({"eval", "-e", "const x = 1"}).err, Contains("is not an expression"));
  auto out = zako_reads(w, "const a = 1;\nexport const b = a + 1;\n", "eval -");
  CHECK(out.out == "{\n  \"b\": 2\n}\n");
  auto thrown = zako_reads(w, "enum A { B }\nthrow new Error(\"no\");\n", "eval -");
  CHECK(thrown.code == 1);
  CHECK_THAT(thrown.err, Contains("<stdin>:2:7: no\n"));
  w.write("lib.ts", "export default 1;\n");
  auto file = zako_reads(w, "import x from \"./lib.ts\";\nexport default x;\n", "eval -");
  CHECK_THAT(file.err,
             Contains("<stdin>:1:15: './lib.ts' cannot be imported by the memory module"));
  auto glob = "(await import(\"zako:build\")).glob(\"*.ts\")";
  CHECK(w.zako({"eval", "-e", glob}).code == 1);
  CHECK(w.zako({"eval", "--as", "build", "-e", glob}).out == "[\n  \"lib.ts\"\n]\n");
}

TEST_CASE("what was typed leaves nothing in the database") {
  workspace w;
  REQUIRE(w.zako({"eval", "-e", "\"a_secret_text\".length"}).out == "13\n");
  CHECK(w.zako({"dump", "memory:"}).code == 1);
  for (auto& entry : fs::recursive_directory_iterator(w.outside()))
    if (entry.is_regular_file()) {
      INFO(entry.path());
      CHECK(read_file(entry.path()).find("a_secret_text") == std::string::npos);
    }
}

TEST_CASE("the built-in modules are listed and shown") {
  workspace w;
  auto all = run({zako_program(), "export-builtin"}, w.outside());
  CHECK(all.code == 0);
  CHECK_THAT(all.out, Contains("\nzako:rules/cc ") && Contains("For rule files (*.rule.ts): "));
  auto javascript = w.zako({"export-builtin", "--javascript", "zako:rule"});
  CHECK_THAT(javascript.out, Contains("export { rule } from \"zako:core/rule\";"));
  auto slip = w.zako({"export-builtin", "zako:rul"});
  CHECK(slip.code == 2);
  CHECK(slip.err == "error: there is no built-in module 'zako:rul'\n"
                    "  help: did you mean 'zako:rule'?\n");
}

} // namespace
