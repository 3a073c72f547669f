// zako repl, from a pipe and on a terminal.
#include <chrono>
#include <thread>

#include "workspace.hpp"

using namespace e2e;
using Catch::Contains;

namespace {

finished typed(const workspace& w, const std::string& input, const std::string& options = "") {
  w.write("input", input);
  return run({"sh", "-c", "exec \"$0\" repl " + options + " < input", zako_program()}, w.root(),
             w.environment);
}

constexpr const char* ctrl_c = "\x03";
constexpr const char* ctrl_d = "\x04";

TEST_CASE("inputs build on each other, and their values are shown") {
  workspace w;
  auto done = typed(w, "const x: number = 20\nx + 1;\nfunction f(a: number) {\n  return a * x;\n}\n"
                       "f(2)\n{ a: [x, new Map([[1, 2]])] }\nenum E { A = 3 }\nE.A\nundefined\n"
                       "`two\nlines`\nawait Promise.resolve(\"text\")");
  CHECK(done.out == "21\n40\n{ a: [ 20, Map(1) { 1 => 2 } ] }\n3\ntwo\nlines\ntext\n");
  CHECK(done.err.empty());
  CHECK(done.code == 0);
}

TEST_CASE("what was printed is shown once, also what comes later") {
  workspace w;
  auto done = typed(w, "console.log(\"a\")\nPromise.resolve().then(() => console.log(\"b\")), 0\n"
                       "console.log(\"c\")\nconsole.warn(\"d\")\n1\n");
  CHECK(done.out == "a\nb\n0\nc\n1\n");
  CHECK(done.err == "d\n");
}

TEST_CASE("an input that fails is dropped, and shown with its place") {
  workspace w;
  auto done =
      typed(w, "const a = 1\nconst b = 2, c = nope\nb\nconst a = 2\na\nf(\n)\n1 +\n)\n.foo\n"
               "import { nothing } from \"zako:console\"\n7\nfunction (");
  CHECK(done.code == 1);
  CHECK(done.out == "1\n7\n");
  CHECK_THAT(done.err, Contains("<repl>:1:18: ReferenceError: nope is not defined\n"
                                "  > 1 | const b = 2, c = nope") &&
                           Contains("<repl>:1:1: ReferenceError: b is not defined") &&
                           Contains("<repl>:1:7: SyntaxError: Identifier 'a' has already") &&
                           Contains("<repl>:1:1: ReferenceError: f is not defined\n  > 1 | f(\n") &&
                           Contains("<repl>:2:1: unexpected ')'") &&
                           Contains("there is no command '.foo'") &&
                           Contains("does not provide an export named 'nothing'") &&
                           Contains("unexpected end of the file"));
}

TEST_CASE("commands, settings and other kinds' modules") {
  workspace w;
  w.write("a.c", "");
  CHECK_THAT(typed(w, ".help\n").out, Contains(".clear"));
  CHECK(typed(w, "1\n.exit\n2\n").out == "1\n");
  CHECK_THAT(typed(w, "const x = 1\n.clear\nx\n").err, Contains("x is not defined"));
  auto glob = std::string("import { glob } from \"zako:build\"\nglob(\"*.c\")\n");
  CHECK_THAT(typed(w, glob).err, Contains("<repl>:1:22: 'zako:build' cannot be imported by a "
                                          "library file"));
  CHECK(typed(w, glob, "--as build").out == "[ \"a.c\" ]\n");
  auto endless = typed(w, "for (;;) ;\n3\n", "--set script.time=200ms");
  CHECK(endless.out == "3\n");
  CHECK_THAT(endless.err, Contains("'<repl>' ran for more than 200ms (script.time)"));
}

TEST_CASE("on a terminal lines are edited, completed and interrupted") {
  workspace w;
  terminal_program t(w.command({"repl"}), w.root(), w.environment);
  t.expect("> ");
  t.type("const value = 4\x7f"
         "1\n");
  t.expect("> ");
  SECTION("a name, a member, a module") {
    t.type("va\t + 1\n");
    t.expect("\r\n2\r\n");
    t.type("Object.fromEn\t([])\n");
    t.expect("\r\n{}\r\n");
    t.type("import { ins\t } from \"zako:console\"");
    t.type("\x01"); // to the begin of the line
    t.type("\x0b"); // and all of it away
    t.type("import * as c from \"zako:cons\t\"\n");
    t.expect("> ");
    t.type("c.insp\t([value])\n");
    t.expect("\r\n[ 1 ]\r\n");
    t.type("value.to\t");
    t.expect("toFixed");
    t.expect("value.to"); // the line is there again
    t.type(ctrl_c);
  }
  SECTION("the history") {
    t.type("value + 6\n");
    t.expect("7\r\n");
    t.type("\x1b[A\n");
    t.expect("7\r\n");
  }
  SECTION("Ctrl-C drops what was typed, and stops what runs") {
    t.type("f(\n");
    t.expect("... ");
    t.type(ctrl_c);
    t.expect("> ");
    t.type("for (;;) ;\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    t.type(ctrl_c);
    t.expect("interrupted");
    t.type("value + 40\n");
    t.expect("41\r\n");
  }
  t.expect("> ");
  t.await_keys();
  t.type(ctrl_d);
  CHECK(t.wait() == 0);
}

} // namespace
