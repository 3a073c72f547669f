// zako transpile, as a user meets it.
#include "workspace.hpp"

using namespace e2e;
using Catch::Contains;

namespace {

/// Runs `zako transpile` in a folder that is no workspace, without the plugin that V8 lives in.
struct plain_folder {
  temporary_folder folder;

  [[nodiscard]] fs::path path() const { return folder.path(); }
  void write(const std::string& file, const std::string& text) const {
    write_file(path() / file, text);
  }
  [[nodiscard]] finished zako(words arguments) const {
    arguments.insert(arguments.begin(), {zako_program(), "transpile"});
    return run(arguments, path(), {{"ZAKO_V8_PLUGIN", "/nowhere"}});
  }
  /// The same with something on standard input.
  [[nodiscard]] finished zako_reads(const std::string& input, const std::string& arguments) const {
    write("input", input);
    return run({"sh", "-c", "exec \"$0\" transpile " + arguments + " < input", zako_program()},
               path());
  }
};

TEST_CASE("a file is transpiled to standard output, without a workspace and without V8") {
  plain_folder f;
  f.write("a.ts", "const a: number = 1 satisfies number;\n");
  auto done = f.zako({"a.ts"});
  CHECK(done.code == 0);
  CHECK(done.out == "const a         = 1                 ;\n");
  CHECK(done.err.empty());
  CHECK(std::distance(fs::directory_iterator(f.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("standard input is read when it is named, as TSX when that is said") {
  plain_folder f;
  CHECK(f.zako_reads("let a: T;", "-").out == "let a   ;");
  CHECK(f.zako_reads("let a = <b c={d as E} />;", "--tsx --jsx preserve -").out ==
        "let a = <b c={d     } />;");
  auto done = f.zako_reads("let a: A = ;\n", "-");
  CHECK(done.code == 1);
  CHECK_THAT(done.err, Contains("error: <stdin>:1:") && Contains("> 1 | let a: A = ;"));
  CHECK(done.out.empty());
}

TEST_CASE("several files go to a folder, each under its own path and kind") {
  plain_folder f;
  f.write("src/a.ts", "let a: 1;");
  f.write("src/deep/b.mts", "let b: 1;");
  f.write("c.cts", "let c: 1;");
  f.write("d.tsx", "let d: 1 = <i />;");
  auto done = f.zako({"-o", "out", "src/a.ts", "./src/deep/b.mts", (f.path() / "c.cts").string(),
                      "d.tsx", "--jsx=preserve"});
  INFO(done.all());
  CHECK(done.code == 0);
  CHECK(done.all().empty());
  CHECK(read_file(f.path() / "out/src/a.js") == "let a   ;");
  CHECK(read_file(f.path() / "out/src/deep/b.mjs") == "let b   ;");
  CHECK(read_file(f.path() / "out/c.cjs") == "let c   ;");
  CHECK(read_file(f.path() / "out/d.jsx") == "let d    = <i />;");
}

TEST_CASE("maps lie beside the files and lead back to the sources, moved or not") {
  plain_folder f;
  f.write("src/a.ts", "enum E { A }\nlet b = E.A;\n");
  f.write("src/b.ts", "let b: 1;\n");
  CHECK(f.zako({"--map", "--out-dir", "out/js", "src/a.ts", "src/b.ts"}).code == 0);
  for (auto* name : {"a", "b"}) {
    INFO(name);
    auto javascript = read_file(f.path() / "out/js/src" / (std::string(name) + ".js"));
    CHECK_THAT(javascript,
               Catch::EndsWith(std::string("\n//# sourceMappingURL=") + name + ".js.map\n"));
    auto map = read_file(f.path() / "out/js/src" / (std::string(name) + ".js.map"));
    CHECK_THAT(map, Contains(std::string(R"("sources":["../../../src/)") + name + ".ts\"]") &&
                        Contains(std::string(R"("file":")") + name + ".js\"") &&
                        Contains("\"mappings\":\"AAAA,"));
  }
  CHECK_THAT(f.zako({"--map", "src/b.ts"}).out,
             Catch::StartsWith("let b   ;\n") &&
                 Contains("\n//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjoz"));
}

TEST_CASE("all errors of all files are shown with their places, and the other files are written") {
  plain_folder f;
  f.write("a.ts", "let a = ;\nfunction f( {\n}\nlet d = );\n");
  f.write("b.ts", "let b: 1;");
  f.write("c.ts", "export = 1;\n");
  auto done = f.zako({"-o", "out", "a.ts", "b.ts", "c.ts", "missing.ts", "."});
  CHECK(done.code == 1);
  CHECK(done.out.empty());
  CHECK_THAT(done.err, Contains("error: a.ts:1:") && Contains("> 1 | let a = ;") &&
                           Contains("error: a.ts:4:") && Contains("error: c.ts:1:1: ") &&
                           Contains("error: cannot read 'missing.ts': No such file") &&
                           Contains("error: '.' is a folder"));
  CHECK(fs::exists(f.path() / "out/b.js"));
  CHECK_FALSE(fs::exists(f.path() / "out/a.js"));
}

TEST_CASE("--check writes nothing but errors") {
  plain_folder f;
  f.write("a.ts", "let a: 1;");
  f.write("b.ts", "let b = ;");
  auto done = f.zako({"--check", "a.ts"});
  CHECK(done.code == 0);
  CHECK(done.all().empty());
  done = f.zako({"--check", "a.ts", "b.ts"});
  CHECK(done.code == 1);
  CHECK(done.out.empty());
  CHECK_THAT(done.err, Contains("error: b.ts:1:"));
}

TEST_CASE("the options reach the transpiler") {
  plain_folder f;
  f.write("a.ts", "import { A } from 'x';\nclass B { @A b; }\nlet c: 1;\n");
  CHECK_THAT(f.zako({"a.ts"}).out, Contains("import { A } from 'x';"));
  CHECK(f.zako({"--target", "engine", "a.ts"}).code == 1);
  f.write("a.ts", "import { A } from 'x';\nlet c: A;\n");
  CHECK_THAT(f.zako({"a.ts"}).out, !Contains("import"));
  CHECK_THAT(f.zako({"--verbatim-module-syntax", "a.ts"}).out, Contains("import { A } from 'x';"));
}

TEST_CASE("no file is written over a source or over another output") {
  plain_folder f;
  f.write("a.js", "let a;");
  auto done = f.zako({"-o", ".", "a.js"});
  CHECK(done.code == 1);
  CHECK_THAT(done.err, Contains("'a.js' would be written over './a.js'"));
  f.write("x/a.ts", "let x;");
  f.write("y/a.ts", "let y;");
  done = f.zako({"-o", "out", (f.path() / "x/a.ts").string(), (f.path() / "y/a.ts").string()});
  CHECK(done.code == 1);
  CHECK_THAT(done.err, Contains("y/a.ts' would be written over 'out/a.js'"));
  CHECK(read_file(f.path() / "out/a.js") == "let x;");
}

TEST_CASE("a wrong command line of transpile says what to write") {
  plain_folder f;
  for (auto& [wrong, hint] : std::vector<std::pair<words, const char*>>{
           {{"a.ts", "b.ts"}, "add '--out-dir DIR'"},
           {{"-", "-", "--check"}, "name '-' once"},
           {{}, "zako transpile --help"},
           {{"--jsx", "classic", "a.ts"}, "zako transpile --help"},
           {{"--target", "es5", "a.ts"}, "zako transpile --help"}}) {
    auto done = f.zako(wrong);
    INFO(done.all());
    CHECK(done.code == 2);
    CHECK_THAT(done.err, Contains(hint));
  }
}

} // namespace
