// Signals, crashes, and several builds and actions at once.
#include "workspace.hpp"

#include <signal.h>

#include <chrono>
#include <thread>

using namespace e2e;
using Catch::Contains;

namespace {

/// Actions that each write their process id to `pids` outside the workspace and then wait for the
/// file `go`.
struct waiting_workspace : workspace {
  explicit waiting_workspace(int actions) {
    std::string text = import_generate;
    for (int i = 0; i < actions; ++i) {
      auto n = std::to_string(i);
      text += shell_target("wait" + n,
                           "trap '' INT; echo $$ > " + pid_file(i).string() + ".new; mv " +
                               pid_file(i).string() + ".new " + pid_file(i).string() +
                               "; while ! test -e " + (outside() / "go").string() +
                               "; do sleep 0.02; done; echo " + n + " > zako-out/x" + n,
                           {"x" + n});
    }
    write("BUILD.ts", text);
  }
  [[nodiscard]] fs::path pid_file(int i) const { return outside() / ("pid" + std::to_string(i)); }
  /// Waits until the action runs.
  [[nodiscard]] pid_t pid(int i) const {
    wait_for(i);
    return std::stoi(read_file(pid_file(i)));
  }
  void wait_for(int i) const {
    REQUIRE(eventually([&] { return fs::exists(pid_file(i)); }));
  }
  void go() const { write_file(outside() / "go", ""); }
};

TEST_CASE("Ctrl-C stops the children at once, exits with 130, and the next build is good") {
  auto signal = GENERATE(SIGINT, SIGTERM);
  waiting_workspace w{2};
  program build{w.command({"build", "-j", "2"}), w.root(), w.environment};
  pid_t first = w.pid(0), second = w.pid(1);
  auto begin = std::chrono::steady_clock::now();
  build.send(signal);
  auto done = build.wait();
  CHECK(done.code == 130);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
  CHECK_FALSE(is_alive(first));
  CHECK_FALSE(is_alive(second));
  CHECK_THAT(done.err, Contains("interrupted"));
  CHECK_THAT(done.all(), !Contains("FAILED"));
  CHECK_FALSE(w.exists("zako-out/x0"));
  w.go();
  CHECK_THAT(w.build(), RunsActions(2));
  CHECK(w.read("zako-out/x1") == "1\n");
}

TEST_CASE("a second Ctrl-C ends a build and its children, though they do not listen") {
  waiting_workspace w{1};
  w.edit("BUILD.ts", "trap '' INT", "trap '' INT TERM");
  program build{w.command({"build"}), w.root(), w.environment};
  pid_t stubborn = w.pid(0);
  build.send(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  auto begin = std::chrono::steady_clock::now();
  build.send(SIGINT);
  CHECK(build.wait().code == 130);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(500));
  CHECK(eventually([&] { return !is_alive(stubborn); }));
  w.go();
  CHECK_THAT(w.build(), RunsActions(1));
}

TEST_CASE("a killed build leaves a state that the next one goes on from") {
  waiting_workspace w{2};
  w.edit("BUILD.ts", "\n", "\n" + shell_target("quick", "echo quick > zako-out/quick", {"quick"}));
  {
    program build{w.command({"build", "-j", "2"}), w.root(), w.environment};
    pid_t orphans[] = {w.pid(0), w.pid(1)};
    build.send(SIGKILL);
    CHECK(build.wait().code == 128 + SIGKILL);
    for (auto pid : orphans)
      kill(pid, SIGKILL);
  }
  w.go();
  w.build();
  CHECK(w.read("zako-out/x0") == "0\n");
  CHECK(w.read("zako-out/quick") == "quick\n");
  CHECK_THAT(w.build(), RunsActions(0));
}

TEST_CASE("builds killed at many moments never leave a wrong result") {
  hello_workspace w;
  for (int ms = 5; ms <= 200; ms += 15) {
    w.write("greet.h",
            "#define PLANET \"" + std::to_string(ms) + "\"\nvoid greet(const char* whom);\n");
    program build{w.command({"build"}), w.root(), w.environment};
    auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    while (std::chrono::steady_clock::now() < end)
      pause_briefly();
    kill(build.pid(), SIGKILL);
    build.wait();
  }
  w.build();
  CHECK(run({(w.root() / "zako-out/hello").string()}, w.root()).out == "Hello, 200 from 200\n");
}

TEST_CASE("-j bounds the actions that run at once") {
  // Each action takes a lock that only one can hold, and says so when it cannot.
  workspace w;
  std::string text = import_generate;
  auto lock = (w.outside() / "lock").string();
  for (int i = 0; i < 4; ++i) {
    auto n = std::to_string(i);
    text += shell_target("t" + n,
                         "mkdir " + lock + " || : > " + w.outside().string() +
                             "/met; sleep 0.1; rmdir " + lock + "; echo > zako-out/x" + n,
                         {"x" + n});
  }
  w.write("BUILD.ts", text);
  w.build({"-j", "1"});
  CHECK_FALSE(fs::exists(w.outside() / "met"));
  w.zako({"clean"});
  fs::remove_all(w.outside() / "cache");
  w.zako({"build", "-j", "4", "-k"});
  CHECK(fs::exists(w.outside() / "met")); // so the check above can fail
}

TEST_CASE("a second build of a workspace waits for the first, and says for whom") {
  waiting_workspace w{1};
  program first{w.command({"build"}), w.root(), w.environment};
  w.wait_for(0);
  program second{w.command({"build"}), w.root(), w.environment};
  auto holder = std::to_string(first.pid());
  CHECK(eventually([&] { return second.err_so_far().find(holder) != std::string::npos; }));
  CHECK_THAT(second.err_so_far(), Contains("waiting: ") && Contains("zako build //..."));
  w.go();
  auto done = first.wait();
  CHECK(done.code == 0);
  CHECK_THAT(totals_of(done), RunsActions(1));
  done = second.wait();
  CHECK(done.code == 0);
  CHECK_THAT(totals_of(done), RunsActions(0));
}

TEST_CASE("Ctrl-C ends a build that waits for another") {
  waiting_workspace w{1};
  program first{w.command({"build"}), w.root(), w.environment};
  w.wait_for(0);
  program second{w.command({"build"}), w.root(), w.environment};
  CHECK(eventually([&] { return !second.err_so_far().empty(); }));
  second.send(SIGINT);
  CHECK(second.wait().code == 130);
  w.go();
  CHECK(first.wait().code == 0);
}

TEST_CASE("builds of two workspaces share the cache") {
  hello_workspace a, b;
  b.environment["ZAKO_CACHE"] = a.environment["ZAKO_CACHE"];
  program first{a.command({"build"}), a.root(), a.environment};
  program second{b.command({"build"}), b.root(), b.environment};
  CHECK(first.wait().code == 0);
  CHECK(second.wait().code == 0);
  CHECK(a.read("zako-out/hello") == b.read("zako-out/hello"));
}

/// One action with these options beside its command, whose output is zako-out/x.
void write_action(const workspace& w, const std::string& options, const std::string& script) {
  w.write("one.rule.ts",
          "import { attr, rule } from \"zako:rule\";\n"
          "export const one = rule({\n"
          "  attrs: { script: attr.string() },\n"
          "  implement({ attrs, actions }) {\n"
          "    const out = actions.declareFile(\"x\");\n"
          "    actions.run({ mnemonic: \"One\", argv: [\"/bin/sh\", \"-c\", attrs.script], stdout: "
          "out,\n"
          "      env: { PATH: \"/usr/bin:/bin\" }, " +
              options +
              " });\n"
              "    return { files: [out] };\n"
              "  },\n"
              "});\n");
  w.write("BUILD.ts", "import { one } from \"./one.rule.ts\";\n"
                      "export const x = one({ script: '" +
                          script + "' });\n");
}

TEST_CASE("an action that uses more memory than it declares fails, and is told so") {
  workspace w;
  auto info = w.zako({"info", "--resources"}).out;
  if (info.find("limits of memory for programs: permitted") == std::string::npos) {
    WARN("not tested: this system permits no control groups");
    return;
  }
  auto script = [](const std::string& size) {
    return "dd if=/dev/zero of=/dev/null bs=" + size + " count=1 2>/dev/null";
  };
  write_action(w, "resources: { memory: \"48M\" }", script("200M"));
  auto text = w.build_fails();
  CHECK_THAT(text, Contains("used more than its 48 MiB of memory") && Contains("BUILD.ts:2:"));
  write_action(w, "resources: { memory: \"48M\" }", script("8M"));
  CHECK_THAT(w.build(), RunsActions(1));
}

TEST_CASE("an action that speaks make's jobserver is offered one, unless that is switched off") {
  workspace w;
  write_action(w, "jobserver: true", "echo flags: $MAKEFLAGS");
  w.build();
  CHECK_THAT(w.read("zako-out/x"), Contains("-j --jobserver-auth="));
  w.zako({"clean"});
  fs::remove_all(w.outside() / "cache");
  w.build({"--set", "jobserver=false"});
  CHECK(w.read("zako-out/x") == "flags:\n");
  write_action(w, "jobserver: false", "echo flags: $MAKEFLAGS");
  w.build();
  CHECK(w.read("zako-out/x") == "flags:\n");
}

} // namespace
