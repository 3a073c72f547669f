// Files that nobody named: those that globs find and headers that the compiler finds. Their coming
// and going is seen.
#include "stamps.hpp"

#include <chrono>
#include <thread>

using namespace e2e;
using Catch::Contains;

namespace {

/// `list` has the names of all that the glob finds.
struct glob_workspace : workspace {
  glob_workspace() {
    write("BUILD.ts",
          "import { glob } from \"zako:build\";\n"
          "import { generate, location } from \"zako:rules/gen\";\n"
          "export const list = generate({ tool: [\"sh\", \"-c\", `echo $* > zako-out/list`, "
          "\"sh\"],\n"
          "  args: glob(\"src/**/*.txt\").map((x) => location(x)), outs: [\"list\"] });\n");
    write("src/a.txt", "");
    write("src/deep/b.txt", "");
  }
  void is(const std::string& names, int actions) const {
    CHECK_THAT(build(), RunsActions(actions));
    CHECK(read("zako-out/list") == names + "\n");
  }
};

TEST_CASE("a glob notices every file that comes and goes") {
  glob_workspace w;
  bool settled = GENERATE(true, false); // false: in the same tick of the clock as the build
  auto settle = [&] {
    if (settled) {
      std::this_thread::sleep_for(std::chrono::milliseconds(40));
      w.build();
    }
  };
  w.is("src/a.txt src/deep/b.txt", 1);
  settle();
  w.write("src/c.txt", "");
  w.is("src/a.txt src/c.txt src/deep/b.txt", 1);
  settle();
  w.remove("src/c.txt");
  w.is("src/a.txt src/deep/b.txt", 1);
  settle();
  w.write("src/deep/deeper/d.txt", "");
  w.is("src/a.txt src/deep/b.txt src/deep/deeper/d.txt", 1);
  settle();
  auto then = stat_of(w.root() / "src");
  fs::rename(w.root() / "src/a.txt", w.root() / "src/e.txt");
  set_mtime(w.root() / "src", then);
  w.is("src/deep/b.txt src/deep/deeper/d.txt src/e.txt", 1);
  settle();
  fs::rename(w.root() / "src/deep", w.outside() / "kept");
  w.is("src/e.txt", 1);
  settle();
  fs::rename(w.outside() / "kept", w.root() / "src/f");
  w.is("src/e.txt src/f/b.txt src/f/deeper/d.txt", 1);
  settle();
  w.remove("src/e.txt");
  w.write("src/e.txt/in.txt", "");
  w.is("src/e.txt/in.txt src/f/b.txt src/f/deeper/d.txt", 1);
  CHECK(unlike_clean(w) == "");
}

TEST_CASE("a glob through a symlinked folder sees what is there now") {
  glob_workspace w;
  w.write("one/x.txt", "");
  w.write("two/y.txt", "");
  fs::create_symlink("../one", w.root() / "src/link");
  auto with_link = [&](const char* name, int actions) {
    w.is(std::string("src/a.txt src/deep/b.txt") + name, actions);
  };
  w.build();
  // Whether a glob goes through it is the glob's matter; a clean build and this one agree.
  CHECK(unlike_clean(w) == "");
  w.remove("src/link");
  fs::create_symlink("../two", w.root() / "src/link");
  w.build();
  CHECK(unlike_clean(w) == "");
  w.write("two/z.txt", "");
  w.build();
  CHECK(unlike_clean(w) == "");
  w.remove("src/link");
  w.build();
  with_link("", 0);
}

TEST_CASE("files that no pattern finds, and touched folders, run nothing") {
  glob_workspace w;
  w.build();
  w.write("src/readme", "");
  w.write("other/a.txt", "");
  CHECK_THAT(w.build(), RunsActions(0));
  shift_mtime(w.root() / "src", 3600);
  shift_mtime(w.root() / "src/deep", -3600);
  CHECK_THAT(w.build(), RunsActions(0));
}

TEST_CASE("a package that comes and goes is part of everything, or no more") {
  glob_workspace w;
  w.build();
  w.write("more/BUILD.ts", import_generate + shell_target("x", "echo x > zako-out/more/x", {"x"}));
  w.build();
  CHECK(w.read("zako-out/more/x") == "x\n");
  w.write("src/deep/BUILD.ts", ""); // ends the glob
  w.is("src/a.txt", 1);
  w.remove("src/deep/BUILD.ts");
  w.is("src/a.txt src/deep/b.txt", 1);
  w.remove("more");
  CHECK(w.build() == totals{0, 1, 0});
}

/// `program` says what the headers it includes say.
struct header_workspace : workspace {
  header_workspace() {
    write("BUILD.ts", "import { ccBinary } from \"zako:rules/cc\";\n"
                      "export const program = ccBinary({ srcs: [\"main.c\"], copts: [\"-Ifirst\", "
                      "\"-Isecond\"] });\n");
    write(
        "main.c",
        "#include <stdio.h>\n"
        "#include \"word.h\"\n"
        "#if __has_include(\"extra.h\")\n#include \"extra.h\"\n#else\n#define EXTRA \"\"\n#endif\n"
        "int main(void) { puts(WORD EXTRA); return 0; }\n");
    write("first/none", "");
    write("second/word.h", "#define WORD \"second\"\n");
  }
  void says(const std::string& text) const {
    build();
    CHECK(run({(root() / "zako-out/program").string()}, root()).out == text + "\n");
  }
};

TEST_CASE("a header that changes, moves or goes is seen") {
  header_workspace w;
  w.says("second");
  auto then = stat_of(w.root() / "second/word.h");
  w.write("second/word.h", "#define WORD \"SECOND\"\n");
  set_mtime(w.root() / "second/word.h", then);
  w.says("SECOND");
  CHECK_THAT(w.build(), RunsActions(0));
  fs::rename(w.root() / "second/word.h", w.root() / "first/word.h");
  w.says("SECOND");
  w.remove("first/word.h");
  CHECK_THAT(w.build_fails(), Contains("word.h"));
  w.write("first/word.h", "#define WORD \"first\"\n");
  w.says("first");
  w.write("second/word.h", "#define WORD \"second\"\n");
  CHECK_THAT(w.build(), RunsActions(0));
  w.remove("first/word.h");
  w.says("second");
  CHECK(unlike_clean(w) == "");
}

} // namespace
