// Whatever happened to sources and outputs between two builds, the second one is right; and what
// did not change what a file says runs nothing.
#include "stamps.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

using namespace e2e;
using Catch::Contains;

namespace {

/// a.txt -> middle -> top; and `other`, which reads b.txt. Sizes stay when letters are exchanged.
struct chain_workspace : workspace {
  chain_workspace() {
    write("BUILD.ts",
          "import { generate } from \"zako:rules/gen\";\n"
          "export const middle = generate({ tool: [\"sh\", \"-c\", `sed s/^/m/ a.txt > "
          "zako-out/middle`],\n"
          "  srcs: [\"a.txt\"], outs: [\"middle\"] });\n"
          "export const top = generate({ tool: [\"sh\", \"-c\", `sed s/^/t/ zako-out/middle > "
          "zako-out/top`],\n"
          "  srcs: [middle], outs: [\"top\"] });\n"
          "export const other = generate({ tool: [\"sh\", \"-c\", `cat b.txt > zako-out/other`],\n"
          "  srcs: [\"b.txt\"], outs: [\"other\"] });\n");
    write("a.txt", "one\n");
    write("b.txt", "bbb\n");
  }
  [[nodiscard]] fs::path source() const { return root() / "a.txt"; }
  /// Old enough that nothing of it is of the same tick of the clock as what comes now.
  void settle() const {
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    build();
  }
};

struct way {
  const char* name;
  std::function<void(const chain_workspace&, const std::string&)> write;
};

/// Ways to make a.txt say something else of the same size.
const way ways[] = {
    {"rewritten", [](auto& w, auto& text) { w.write("a.txt", text); }},
    {"rewritten with an older mtime",
     [](auto& w, auto& text) {
       w.write("a.txt", text);
       shift_mtime(w.source(), -3600);
     }},
    {"rewritten with an mtime to come",
     [](auto& w, auto& text) {
       w.write("a.txt", text);
       shift_mtime(w.source(), 3600);
     }},
    {"rewritten with the same mtime",
     [](auto& w, auto& text) {
       auto then = stat_of(w.source());
       w.write("a.txt", text);
       set_mtime(w.source(), then);
     }},
    {"changed through a mapping",
     [](auto& w, auto& text) {
       int fd = open(w.source().c_str(), O_RDWR | O_CLOEXEC);
       auto* at = mmap(nullptr, text.size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
       REQUIRE(at != MAP_FAILED);
       text.copy(static_cast<char*>(at), text.size());
       munmap(at, text.size());
       close(fd);
     }},
    {"changed through another name",
     [](auto& w, auto& text) {
       fs::create_hard_link(w.source(), w.outside() / "link");
       auto then = stat_of(w.source());
       write_file(w.outside() / "link", text);
       set_mtime(w.source(), then);
       fs::remove(w.outside() / "link");
     }},
    {"replaced by rename",
     [](auto& w, auto& text) {
       write_file(w.outside() / "new", text);
       set_mtime(w.outside() / "new", stat_of(w.source()));
       fs::rename(w.outside() / "new", w.source());
     }},
    {"replaced by a symlink",
     [](auto& w, auto& text) {
       write_file(w.outside() / "target", text);
       set_mtime(w.outside() / "target", stat_of(w.source()));
       fs::remove(w.source());
       fs::create_symlink(w.outside() / "target", w.source());
     }},
};

TEST_CASE("a change of a source is seen whatever its stamps say") {
  chain_workspace w;
  w.build();
  bool settled = GENERATE(true, false); // false: in the same tick of the clock as the build
  for (auto& [name, rewrite] : ways) {
    INFO(name << (settled ? "" : ", at once"));
    if (settled)
      w.settle();
    rewrite(w, "two\n");
    CHECK(w.build() == totals{2, 1, 0});
    CHECK(w.read("zako-out/top") == "tmtwo\n");
    if (settled)
      w.settle();
    rewrite(w, "one\n");
    CHECK(w.build() == totals{2, 1, 0});
    CHECK(w.read("zako-out/top") == "tmone\n");
    CHECK(w.build() == totals{0, 3, 0});
    fs::remove(w.source()); // the next way starts with a plain file
    w.write("a.txt", "one\n");
  }
  CHECK(unlike_clean(w) == "");
}

TEST_CASE("a source that says the same as before runs nothing, whatever its stamps say") {
  chain_workspace w;
  w.build();
  bool settled = GENERATE(true, false);
  for (auto& [name, rewrite] : ways) {
    INFO(name << (settled ? "" : ", at once"));
    if (settled)
      w.settle();
    rewrite(w, "one\n");
    CHECK(w.build() == totals{0, 3, 0});
  }
}

TEST_CASE("a touch of everything runs nothing") {
  hello_workspace w;
  w.build();
  for (long shift : {-86400, 0, 86400}) {
    for (auto& entry : fs::recursive_directory_iterator(w.root()))
      if (entry.path().string().find("/.zako") == std::string::npos)
        shift_mtime(entry.path(), shift);
    shift_mtime(w.root(), shift);
    CHECK(w.build() == totals{0, 4, 0});
  }
}

TEST_CASE("a command that changed is run, whatever the build file's stamps say") {
  chain_workspace w;
  w.build();
  for (auto* letter : {"n", "o"}) {
    auto then = stat_of(w.root() / "BUILD.ts");
    auto from = std::string("s/^/") + (*letter == 'n' ? "m" : "n") + "/";
    w.edit("BUILD.ts", from, std::string("s/^/") + letter + "/");
    set_mtime(w.root() / "BUILD.ts", then);
    CHECK(w.build() == totals{2, 1, 0});
    CHECK(w.read("zako-out/top") == std::string("t") + letter + "one\n");
  }
  CHECK(unlike_clean(w) == "");
}

TEST_CASE("a program that changed runs what it makes, also when another one is found first") {
  workspace w;
  auto install = [&](const char* folder, const char* says) {
    auto path = w.outside() / folder / "xxd";
    write_file(path, std::string("#!/bin/sh\necho ") + says + "\n");
    fs::permissions(path, fs::perms::owner_all);
  };
  install("second", "two");
  fs::create_directories(w.outside() / "first");
  w.environment["PATH"] =
      (w.outside() / "first").string() + ":" + (w.outside() / "second").string() + ":/usr/bin:/bin";
  w.write("BUILD.ts",
          import_generate + "export const x = generate({ tool: \"xxd\", stdout: \"x\" });\n");
  w.build();
  CHECK(w.read("zako-out/x") == "two\n");
  install("second", "TWO");
  CHECK(w.build() == totals{1, 0, 0});
  CHECK(w.read("zako-out/x") == "TWO\n");
  install("first", "one");
  CHECK(w.build() == totals{1, 0, 0});
  CHECK(w.read("zako-out/x") == "one\n");
  fs::remove(w.outside() / "first/xxd");
  w.build();
  CHECK(w.read("zako-out/x") == "TWO\n");
  CHECK_THAT(w.build(), RunsActions(0));
}

TEST_CASE("outputs that somebody changed or removed are put right, and nothing runs") {
  chain_workspace w;
  w.build();
  auto right = tree_of(w.root() / "zako-out");
  auto name = GENERATE("middle", "top");
  auto output = w.root() / "zako-out" / name;
  const std::pair<const char*, std::function<void()>> harms[] = {
      {"removed", [&] { fs::remove(output); }},
      {"of the same size and mtime",
       [&] {
         auto then = stat_of(output);
         auto text = read_file(output);
         text[0] = 'X';
         write_file(output, text);
         set_mtime(output, then);
       }},
      {"replaced by rename, of the same size and mtime",
       [&] {
         auto text = read_file(output);
         text[0] = 'X';
         write_file(w.outside() / "new", text);
         set_mtime(w.outside() / "new", stat_of(output));
         fs::rename(w.outside() / "new", output);
       }},
      {"emptied", [&] { write_file(output, ""); }},
      {"longer", [&] { write_file(output, "much longer than it was\n"); }},
      {"made executable", [&] { fs::permissions(output, fs::perms::owner_all); }},
      {"a folder",
       [&] {
         fs::remove(output);
         write_file(output / "inner", "x");
       }},
      {"a symlink to nowhere",
       [&] {
         fs::remove(output);
         fs::create_symlink("nowhere", output);
       }},
      {"gone with all of zako-out", [&] { w.remove("zako-out"); }},
  };
  bool settled = GENERATE(true, false);
  for (auto& [what, harm] : harms) {
    INFO(name << " " << what << (settled ? "" : ", at once"));
    if (settled)
      w.settle();
    harm();
    CHECK(w.build() == totals{0, 3, 0});
    CHECK(tree_of(w.root() / "zako-out") == right);
  }
  for (auto& [what, harm] : harms) {
    INFO(name << " " << what << ", and the store is lost");
    harm();
    fs::remove_all(w.environment["ZAKO_CACHE"]);
    w.build();
    CHECK(tree_of(w.root() / "zako-out") == right);
    CHECK(w.build() == totals{0, 3, 0});
  }
}

TEST_CASE("a source that became a folder is an error, and back again all is as before") {
  chain_workspace w;
  w.build();
  w.remove("a.txt");
  w.write("a.txt/inner", "x");
  CHECK_THAT(w.build_fails(), Contains("a.txt") && Contains("folder"));
  w.remove("a.txt");
  CHECK_THAT(w.build_fails(), Contains("a.txt") && Contains("does not exist"));
  w.write("a.txt", "one\n");
  CHECK(w.build() == totals{0, 3, 0});
  w.remove("a.txt");
  w.write("a.txt/inner", "x");
  w.build_fails();
  w.remove("a.txt");
  w.write("a.txt", "two\n");
  w.build();
  CHECK(unlike_clean(w) == "");
}

TEST_CASE("a symlink that leads elsewhere is another file") {
  chain_workspace w;
  w.write("first", "one\n");
  w.write("second", "two\n");
  set_mtime(w.root() / "second", stat_of(w.root() / "first"));
  w.remove("a.txt");
  fs::create_symlink("first", w.source());
  w.build();
  bool settled = GENERATE(true, false);
  if (settled)
    w.settle();
  w.remove("a.txt");
  fs::create_symlink("second", w.source());
  CHECK(w.build() == totals{2, 1, 0});
  CHECK(w.read("zako-out/top") == "tmtwo\n");
  w.write("second", "2nd\n");
  CHECK(w.build() == totals{2, 1, 0});
  CHECK(w.read("zako-out/top") == "tm2nd\n");
  w.remove("second");
  CHECK_THAT(w.build_fails(), Contains("a.txt"));
  w.write("second", "2nd\n");
  CHECK(w.build() == totals{0, 3, 0});
}

TEST_CASE("roots that are built in turns are each right") {
  chain_workspace w;
  auto is = [&](const char* a, const char* b) {
    w.write("a.txt", a);
    w.write("b.txt", b);
  };
  w.build({"//:top"});
  w.build({"//:other"});
  is("two\n", "ccc\n");
  CHECK_THAT(w.build({"//:other"}), RunsActions(1));
  CHECK(w.read("zako-out/other") == "ccc\n");
  CHECK(w.read("zako-out/top") == "tmone\n");
  CHECK_THAT(w.build({"//:middle"}), RunsActions(1));
  CHECK_THAT(w.build({"//:top"}), RunsActions(1));
  CHECK(w.read("zako-out/top") == "tmtwo\n");
  is("one\n", "bbb\n");
  CHECK_THAT(w.build({"//:middle"}), RunsActions(1));
  is("two\n", "bbb\n");
  w.build({"//:top"});
  CHECK(w.read("zako-out/top") == "tmtwo\n");
  CHECK(w.read("zako-out/other") == "ccc\n");
  w.build();
  CHECK(unlike_clean(w) == "");
  CHECK(w.build({"//:top"}) == totals{0, 2, 0});
  CHECK(w.build({"//:other"}) == totals{0, 1, 0});
}

TEST_CASE("after a failure the next build is right, whether it is fixed or taken back") {
  chain_workspace w;
  w.edit("BUILD.ts", "sed s/^/m/", "grep -v bad a.txt > /dev/null && sed s/^/m/");
  w.build();
  bool settled = GENERATE(true, false);
  for (auto* after : {"one\n", "two\n", "two\n", "one\n"}) {
    INFO(after);
    if (settled)
      w.settle();
    auto then = stat_of(w.source());
    w.write("a.txt", "bad\n");
    w.build_fails();
    w.build_fails({"//:top"});
    w.write("a.txt", after);
    set_mtime(w.source(), then);
    w.build();
    CHECK(w.read("zako-out/top") == std::string("tm") + after);
    CHECK(w.build() == totals{0, 3, 0});
  }
  CHECK(unlike_clean(w) == "");
}

TEST_CASE("tests run again when what they read changed, and only then") {
  workspace w;
  w.write("BUILD.ts", "import { ccLibrary, ccTest } from \"zako:rules/cc\";\n"
                      "const lib = ccLibrary({ name: \"lib\", srcs: [\"lib.c\"] });\n"
                      "export const t = ccTest({ srcs: [\"t.c\"], deps: [lib] });\n");
  w.write("lib.c", "int answer(void) { return 42; }\n");
  w.write("t.c", "int answer(void);\nint main(void) { return answer() != 42; }\n");
  auto test = [&] { return w.zako({"test"}); };
  CHECK(test().code == 0);
  CHECK(totals_of(test()).run == 0);
  auto then = stat_of(w.root() / "lib.c");
  w.edit("lib.c", "42", "43");
  set_mtime(w.root() / "lib.c", then);
  CHECK(test().code == 1);
  CHECK(test().code == 1);
  w.build();
  CHECK(test().code == 1);
  w.edit("lib.c", "43", "42");
  CHECK(test().code == 0);
  shift_mtime(w.root() / "lib.c", 100);
  CHECK(totals_of(test()).run == 0);
}

} // namespace
