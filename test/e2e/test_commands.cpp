// The commands and their exit codes, as a user meets them.
#include "workspace.hpp"

#include <algorithm>
#include <cstdlib>

using namespace e2e;
using Catch::Contains;

namespace {

TEST_CASE("every command explains itself") {
  workspace w;
  for (auto* name : {"build", "make", "run", "test", "clean", "info", "gc", "verify", "dump",
                     "types", "transpile"}) {
    auto done = w.zako({name, "--help"});
    CHECK(done.code == 0);
    CHECK_THAT(done.out, Contains("Examples:"));
    CHECK(done.err.empty());
  }
  auto done = w.zako({"--help"});
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Contains("Exit codes:"));
  CHECK_FALSE(w.exists(".zako")); // asking leaves no trace
}

TEST_CASE("wrong command lines exit with 2 and touch nothing") {
  workspace w;
  for (auto& wrong : std::vector<words>{{},
                                        {"biuld"},
                                        {"build", "--no-such"},
                                        {"build", "a b"},
                                        {"run"},
                                        {"-C", "missing", "build"},
                                        {"build", "-j", "-1"}}) {
    auto done = w.zako(wrong);
    CHECK(done.code == 2);
    CHECK_FALSE(done.err.empty());
    CHECK(done.out.empty());
  }
  CHECK_FALSE(w.exists(".zako"));
}

TEST_CASE("-C and the folder decide what patterns mean") {
  hello_workspace w;
  w.write("sub/BUILD.ts", "import { ccBinary } from \"zako:rules/cc\";\n"
                          "export const tool = ccBinary({ srcs: [\"tool.c\"] });\n");
  w.write("sub/tool.c", "int main(void) { return 0; }\n");
  auto done = run({zako_program(), "-C", (w.root() / "sub").string(), "build"}, "/", w.environment);
  INFO(done.all());
  CHECK(done.code == 0);
  CHECK(w.exists("zako-out/sub/tool"));
  CHECK_FALSE(w.exists("zako-out/hello"));
  CHECK(run({zako_program(), "make", "//:hello"}, w.root() / "sub", w.environment).code == 0);
  CHECK(w.exists("zako-out/hello"));
}

TEST_CASE("quiet success says nothing, verbose shows the commands") {
  hello_workspace w;
  auto done = w.zako({"build", "-v"});
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Contains("CC greet.c") && Contains(" -c greet.c "));
  w.edit("greet.c", "Hello", "Hallo");
  done = w.zako({"build", "-q"});
  CHECK(done.code == 0);
  CHECK(done.all().empty());
}

TEST_CASE("without a terminal there are no escape sequences") {
  hello_workspace w;
  w.edit("main.c", "return", "retrun");
  w.environment["TERM"] = "xterm-256color";
  CHECK_THAT(w.zako({"build"}).all(), !Contains("\x1b"));
}

TEST_CASE("a terminal has one live line that goes away, and NO_COLOR is respected") {
  hello_workspace w;
  w.environment["TERM"] = "xterm-256color";
  w.environment["NO_COLOR"] = "";
  w.write("BUILD.ts",
          import_generate + shell_target("slow", "sleep 0.5; echo > zako-out/x", {"x"}));
  auto done = run_on_terminal(w.command({"build"}), w.root(), 40, w.environment);
  CAPTURE(done.out);
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Contains("\r\x1b[K[0/1] ") && Contains("GEN x") &&
                           Contains("\r\x1b[K\x1b[32mbuilt\x1b[0m 1 target: 1 action run, "));
  CHECK(std::count(done.out.begin(), done.out.end(), '\n') == 1);
  w.edit("BUILD.ts", "sleep 0.5", "sleep 0.4; exit 3");
  w.environment["NO_COLOR"] = "1";
  done = run_on_terminal(w.command({"build"}), w.root(), 40, w.environment);
  CHECK(done.code == 1);
  CHECK_THAT(done.out, Contains("\r\x1b[KFAILED: GEN x (exit code 3)\r\n") && !Contains("\x1b[3"));
  done = run_on_terminal(w.command({"build", "-q"}), w.root(), 40, w.environment);
  CHECK_THAT(done.out, !Contains("\x1b["));
}

TEST_CASE("run starts the program where the user is, with its arguments and its exit code") {
  hello_workspace w;
  auto done = w.zako({"run", "hello", "--", "-you"});
  CHECK(done.code == 1); // argc - 1
  CHECK(done.out == "Hello, -you from World\n");
  w.write("BUILD.ts", "import { ccBinary } from \"zako:rules/cc\";\n"
                      "export const here = ccBinary({ srcs: [\"here.c\"] });\n");
  w.write("here.c", "#include <stdio.h>\n#include <unistd.h>\n"
                    "int main(void) { char b[999]; puts(getcwd(b, sizeof b)); return 0; }\n");
  w.write("sub/x", "");
  done = run({zako_program(), "run", "-q", "//:here"}, w.root() / "sub", w.environment);
  CHECK(done.code == 0);
  CHECK(done.out == (w.root() / "sub").string() + "\n");
  done = run({zako_program(), "-C", "sub", "run", "-q", "//:here"}, w.root(), w.environment);
  CHECK(done.out == (w.root() / "sub").string() + "\n");
}

TEST_CASE("run refuses what is no program") {
  hello_workspace w;
  auto done = w.zako({"run", "greet"});
  CHECK(done.code == 1);
  CHECK_THAT(done.err, Contains("'//:greet' is not a program") && Contains("help: "));
  done = w.zako({"run", "//..."});
  CHECK(done.code == 1);
  CHECK_THAT(done.err, Contains("2 targets"));
}

TEST_CASE(
    "test runs tests, tells which failed with their output, and runs again only what it must") {
  workspace w;
  w.write("BUILD.ts", "import { ccTest } from \"zako:rules/cc\";\n"
                      "export const good = ccTest({ srcs: [\"good.c\"] });\n"
                      "export const bad = ccTest({ srcs: [\"bad.c\"] });\n");
  w.write("good.c", "#include <stdio.h>\nint main(void) { puts(\"noise\"); return 0; }\n");
  w.write("bad.c", "#include <stdio.h>\nint main(void) { puts(\"one is not two\"); return 1; }\n");
  auto done = w.zako({"test"});
  INFO(done.all());
  CHECK(done.code == 1);
  CHECK_THAT(done.out, Contains("PASS //:good (") && Contains("FAIL //:bad (") &&
                           Contains("one is not two") && !Contains("noise") &&
                           Contains("1 passed, 1 failed: "));
  w.edit("bad.c", "return 1", "return 0");
  done = w.zako({"test", "//..."});
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Contains("2 passed, 0 failed: "));
  done = w.zako({"test"});
  CHECK(done.code == 0);
  CHECK(totals_of(done).run == 0);
  done = w.zako({"test", "-v", "good"});
  CHECK_THAT(done.out, Contains("noise") && Contains("1 passed, 0 failed: "));
}

TEST_CASE("a pattern without tests says so") {
  hello_workspace w;
  auto done = w.zako({"test"});
  CHECK(done.code == 1);
  CHECK_THAT(done.err, Contains("test"));
}

TEST_CASE("clean removes what builds have made, and nothing else") {
  hello_workspace w;
  w.build();
  auto done = w.zako({"clean"});
  INFO(done.all());
  CHECK(done.code == 0);
  CHECK_FALSE(w.exists("zako-out"));
  CHECK(w.exists("main.c"));
  CHECK(w.exists("zako.toml"));
  w.build();
  CHECK(w.exists("zako-out/hello"));
  CHECK(w.zako({"clean"}).code == 0);
  CHECK(w.zako({"clean"}).code == 0);
}

TEST_CASE("info names folders and versions") {
  hello_workspace w;
  w.build();
  auto done = w.zako({"info"});
  INFO(done.all());
  CHECK(done.code == 0);
  for (auto& part :
       {w.root().string(), w.environment.at("ZAKO_CACHE"), std::string("CAF        0.18.7"),
        std::string("zako       "), std::string("V8         ")})
    CHECK_THAT(done.out, Contains(part));
}

TEST_CASE("the embedding example computes and ends") {
  temporary_folder folder;
  auto* program = std::getenv("ZAKO_EMBED_EXAMPLE");
  REQUIRE(program);
  auto done = run({program, "90"}, folder.path());
  INFO(done.all());
  CHECK(done.code == 0);
  CHECK(done.out == "fibonacci(90) = 2880067194370816120, 91 nodes computed\n");
  done = run({program, "many"}, folder.path());
  CHECK(done.code == 1);
  CHECK_THAT(done.err, Contains("'many' is not a number"));
  CHECK(fs::is_empty(folder.path())); // no trace
}

TEST_CASE("the example of an own pool does its jobs and ends") {
  temporary_folder folder;
  auto* program = std::getenv("ZAKO_OWN_POOL_EXAMPLE");
  REQUIRE(program);
  std::vector<std::string> call{program};
  for (int i = 0; i < 30; ++i) { // more than the pool holds
    write_file(folder.path() / ("f" + std::to_string(i)),
               std::string(static_cast<std::size_t>(i), '\n'));
    call.push_back("f" + std::to_string(i));
  }
  auto done = run(call, folder.path());
  INFO(done.all());
  CHECK(done.code == 0);
  for (int i = 0; i < 30; ++i)
    CHECK_THAT(done.out, Contains(std::to_string(i) + " f" + std::to_string(i) + "\n"));
  done = run({program, "f3", "missing"}, folder.path());
  CHECK(done.code == 1);
  CHECK(done.out == "3 f3\n");
  CHECK_THAT(done.err, Contains("cannot read 'missing'"));
}

} // namespace
