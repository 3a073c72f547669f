// Files that change while a build runs: what an action made of them is not taken for the result of
// what is there now.
#include "stamps.hpp"

#include <signal.h>

#include <functional>

using namespace e2e;
using Catch::Contains;

namespace {

/// An action that reads its source a.txt late: it comes between `reading` and `done`, which are
/// files beside the workspace, as `hold` is, for which it waits before and after.
struct slow_workspace : workspace {
  slow_workspace() {
    auto file = [this](const char* name) { return (outside() / name).string(); };
    auto wait = [&](const char* name) {
      return "while test -e " + file(name) + "; do sleep 0.01; done; ";
    };
    write("BUILD.ts",
          "import { generate } from \"zako:rules/gen\";\n"
          "export const made = generate({ tool: [\"sh\", \"-c\", `cat a.txt > zako-out/made`],\n"
          "  srcs: [\"a.txt\"], outs: [\"made\"] });\n"
          "export const late = generate({ tool: [\"sh\", \"-c\", `: > " +
              file("started") + "; " + wait("hold") +
              "cat a.txt zako-out/made b.txt > zako-out/late; : > " + file("written") + "; " +
              wait("keep") + "`],\n  srcs: [\"a.txt\", \"b.txt\", made], outs: [\"late\"] });\n");
    write("a.txt", "one\n");
    write("b.txt", "b\n");
    block();
  }
  /// The next action waits before it reads, and after it has written.
  void block() const {
    for (auto* name : {"started", "written"})
      fs::remove(outside() / name);
    for (auto* name : {"hold", "keep"})
      write_file(outside() / name, "");
  }
  void wait_until(const char* name) const {
    REQUIRE(eventually([&] { return fs::exists(outside() / name); }));
  }
  void release(const char* name) const { fs::remove(outside() / name); }
};

struct meanwhile {
  const char* what;
  std::function<void(const slow_workspace&)> before; // when the action runs, and has read nothing
  std::function<void(const slow_workspace&)> after;  // when it has written its output
  const char* changed;                               // the file that is named
};

void nothing(const slow_workspace&) {}

const meanwhile changes[] = {
    {"a source changes before it is read", [](auto& w) { w.write("a.txt", "two\n"); }, nothing,
     "a.txt"},
    {"a source changes after it was read", nothing, [](auto& w) { w.write("a.txt", "two\n"); },
     "a.txt"},
    {"a source is replaced, with the old mtime",
     [](auto& w) {
       write_file(w.outside() / "new", "two\n");
       set_mtime(w.outside() / "new", stat_of(w.root() / "a.txt"));
       fs::rename(w.outside() / "new", w.root() / "a.txt");
     },
     nothing, "a.txt"},
    {"a source is something else only while it is read", [](auto& w) { w.write("a.txt", "two\n"); },
     [](auto& w) { w.write("a.txt", "one\n"); }, "a.txt"},
    {"an input that another action made changes",
     [](auto& w) { w.write("zako-out/made", "two\n"); }, nothing, "made"},
    {"an input that another action made is something else only while it is read",
     [](auto& w) { w.write("zako-out/made", "two\n"); },
     [](auto& w) { w.write("zako-out/made", "one\n"); }, "made"},
};

TEST_CASE("what changed while an action ran is not published for what it was") {
  for (auto& [what, before, after, changed] : changes) {
    INFO(what);
    slow_workspace w;
    {
      program build{w.command({"build"}), w.root(), w.environment};
      w.wait_until("started");
      before(w);
      w.release("hold");
      w.wait_until("written");
      after(w);
      w.release("keep");
      auto done = build.wait();
      CAPTURE(done.all());
      // Either the action ran again, or the build says what changed.
      if (done.code == 0) {
        CHECK(unlike_clean(w) == "");
      } else {
        CHECK(done.code == 1);
        CHECK_THAT(done.all(), Contains(changed) && Contains("changed while"));
      }
    }
    w.build();
    CHECK(unlike_clean(w) == "");
    CHECK_THAT(w.build(), RunsActions(0));
  }
}

TEST_CASE("a header that changed while it was compiled is not taken for what was read") {
  bool known = GENERATE(true, false); // from an earlier build
  bool before = GENERATE(true, false);
  bool back = GENERATE(false, true);
  if (!before && back)
    return;
  hello_workspace w;
  auto file = [&](const char* name) { return w.outside() / name; };
  auto wait = [&](const char* name) {
    return "while test -e " + file(name).string() + "; do sleep 0.01; done\n";
  };
  // The compiler, when it compiles main.c, waits before and after.
  write_file(file("slow-cc"),
             "#!/bin/sh\ncase \"$*\" in *' -c main.c'*) ;; *) exec cc \"$@\";; esac\n: > " +
                 file("started").string() + "\n" + wait("hold") + "cc \"$@\" || exit\n: > " +
                 file("written").string() + "\n" + wait("keep"));
  fs::permissions(file("slow-cc"), fs::perms::owner_all);
  w.environment["CC"] = file("slow-cc").string();
  if (known) {
    w.build();
    w.edit("main.c", "argc - 1", "argc - 1 + 0");
    fs::remove(file("started"));
    fs::remove(file("written"));
  }
  write_file(file("hold"), "");
  write_file(file("keep"), "");
  {
    program build{w.command({"build", "//:hello"}), w.root(), w.environment};
    REQUIRE(eventually([&] { return fs::exists(file("started")); }));
    if (before)
      w.edit("greet.h", "World", "Venus");
    fs::remove(file("hold"));
    REQUIRE(eventually([&] { return fs::exists(file("written")); }));
    if (!before)
      w.edit("greet.h", "World", "Venus");
    if (back)
      w.edit("greet.h", "Venus", "World");
    fs::remove(file("keep"));
    auto done = build.wait();
    CAPTURE(known, before, back, done.all());
    if (done.code == 0) {
      CHECK(unlike_clean(w) == "");
    } else {
      CHECK(done.code == 1);
      CHECK_THAT(done.all(), Contains("greet.h' changed while"));
    }
  }
  w.build();
  CHECK(unlike_clean(w) == "");
  CHECK_THAT(w.build(), RunsActions(0));
}

TEST_CASE("an action that changes its own source fails by name each time") {
  workspace w;
  w.write("BUILD.ts", "import { generate } from \"zako:rules/gen\";\n"
                      "export const x = generate({ tool: [\"sh\", \"-c\", `cat a.txt > zako-out/x; "
                      "echo more >> a.txt`],\n"
                      "  srcs: [\"a.txt\"], outs: [\"x\"] });\n");
  w.write("a.txt", "one\n");
  for (int i = 0; i < 2; ++i)
    CHECK_THAT(w.build_fails(), Contains("a.txt") && Contains("changed while GEN x ran"));
  w.edit("BUILD.ts", "echo more >> a.txt", "true");
  w.build();
  CHECK(w.read("zako-out/x") == "one\nmore\nmore\n");
}

TEST_CASE("a build that was stopped between two edits leaves nothing of the first") {
  auto signal = GENERATE(SIGINT, SIGKILL);
  bool taken_back = GENERATE(false, true);
  slow_workspace w;
  w.release("hold");
  w.release("keep");
  w.build();
  w.block();
  w.write("a.txt", "two\n");
  {
    program build{w.command({"build"}), w.root(), w.environment};
    w.wait_until("started");
    if (GENERATE(false, true)) {
      w.release("hold");
      w.wait_until("written");
    }
    build.send(signal);
    CHECK(build.wait().code == (signal == SIGINT ? 130 : 128 + SIGKILL));
  }
  w.write("a.txt", taken_back ? "one\n" : "six\n");
  w.release("hold");
  w.release("keep");
  w.build();
  CHECK(unlike_clean(w) == "");
  CHECK_THAT(w.build(), RunsActions(0));
}

TEST_CASE("the actions of a killed build do not write into the next one's outputs") {
  // `late` of the killed build still runs, and will write what it read before the edit.
  workspace w;
  auto file = [&](const char* name) { return (w.outside() / name).string(); };
  w.write("BUILD.ts",
          "import { generate } from \"zako:rules/gen\";\n"
          "export const x = generate({ tool: [\"sh\", \"-c\", `text=$(cat a.txt); : > " +
              file("read-") + "$text; while test -e " + file("hold-") +
              "$text; do sleep 0.01; done; echo $text > zako-out/x; : > " + file("written-") +
              "$text; while test -e " + file("keep-") +
              "$text; do sleep 0.01; done`],\n  srcs: [\"a.txt\"], outs: [\"x\"] });\n");
  w.write("a.txt", "one");
  write_file(file("hold-one"), "");
  write_file(file("keep-two"), "");
  {
    program first{w.command({"build"}), w.root(), w.environment};
    REQUIRE(eventually([&] { return fs::exists(file("read-one")); }));
    first.send(SIGKILL);
    first.wait();
  }
  w.write("a.txt", "two");
  program second{w.command({"build"}), w.root(), w.environment};
  // A build that waits for the old action's end is right, too.
  eventually([&] { return fs::exists(file("written-two")) || !second.err_so_far().empty(); });
  fs::remove(file("hold-one"));
  auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  while (!fs::exists(file("written-one")) && std::chrono::steady_clock::now() < end)
    pause_briefly();
  fs::remove(file("keep-two"));
  CHECK(second.wait().code == 0);
  CHECK(w.read("zako-out/x") == "two\n");
  w.build();
  CHECK(w.read("zako-out/x") == "two\n");
}

} // namespace
