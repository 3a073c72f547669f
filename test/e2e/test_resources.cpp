// Resources and settings, as a user meets them: where they come from, and what they do to a build.
#include "workspace.hpp"

#include <algorithm>

using namespace e2e;
using Catch::Contains;

namespace {

/// A workspace with a home folder of its own, and a rule whose actions need something.
struct resource_workspace : workspace {
  resource_workspace() {
    environment["HOME"] = outside().string();
    write("need.rule.ts",
          "import { attr, rule } from \"zako:rule\";\n"
          "export const needs = rule({\n"
          "  attrs: { what: attr.string(), script: attr.string() },\n"
          "  implement({ name, attrs, actions }) {\n"
          "    const out = actions.declareFile(name);\n"
          "    actions.run({ mnemonic: \"Need\", argv: [\"/bin/sh\", \"-c\", attrs.script], "
          "stdout: out,\n"
          "      env: { PATH: \"/usr/bin:/bin\" }, resources: JSON.parse(attrs.what) });\n"
          "    return { files: [out] };\n"
          "  },\n"
          "});\n");
  }
  void targets(int count, const std::string& what, const std::string& script) const {
    std::string text = "import { needs } from \"./need.rule.ts\";\n";
    for (int i = 0; i < count; ++i)
      text += "export const t" + std::to_string(i) + " = needs({ what: '" + what + "', script: '" +
              script + "' });\n";
    write("BUILD.ts", text);
  }
};

/// The words of the line that begins with `key`.
words line_of(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    words out;
    std::istringstream parts(line);
    for (std::string word; parts >> word;)
      out.push_back(word);
    if (!out.empty() && out.front() == key)
      return out;
  }
  FAIL("no line begins with " << key << " in:\n" << text);
  return {};
}

TEST_CASE("info --resources shows every setting and where it is from; later sources win") {
  resource_workspace w;
  auto shown = [&](const words& more = {}) {
    words all{"info", "--resources"};
    all.insert(all.end(), more.begin(), more.end());
    auto done = w.zako(all);
    INFO(done.all());
    REQUIRE(done.code == 0);
    return done.out;
  };
  auto from_machine = shown();
  CHECK_THAT(line_of(from_machine, "resources.cpu").at(2), Contains("machine"));
  CHECK_THAT(from_machine, Contains("limits of memory for programs: "));
  CHECK(line_of(from_machine, "pools.script.max").size() > 3);
  write_file(w.outside() / ".zakorc", "[resources]\ncpu = 7\nlicense = 2\n");
  auto text = shown();
  CHECK(line_of(text, "resources.cpu").at(1) == "7");
  CHECK(line_of(text, "resources.cpu").at(2) == "~/.zakorc:2");
  CHECK(line_of(text, "license") == words{"license", "2", "0", "1"});
  w.write(".zakorc", "resources.cpu = 6\n");
  CHECK(line_of(shown(), "resources.cpu").at(2) == ".zakorc:1");
  w.environment["ZAKO_RESOURCES_CPU"] = "5";
  CHECK(line_of(shown(), "resources.cpu").at(2) == "ZAKO_RESOURCES_CPU");
  CHECK(line_of(shown({"--set", "resources.cpu=4"}), "resources.cpu").at(1) == "4");
}

TEST_CASE("a wrong setting is a wrong command line: named, placed, and nothing is built") {
  resource_workspace w;
  w.targets(1, "{}", "echo x");
  w.write(".zakorc", "[pools.script]\nmaxx = 2\n");
  auto done = w.zako({"build"});
  CHECK(done.code == 2);
  CHECK_THAT(done.err, Contains(".zakorc:2:1") && Contains("pools.script.maxx") &&
                           Contains("did you mean 'pools.script.max'?") && Contains("> 2 |"));
  w.remove(".zakorc");
  for (auto& wrong : std::vector<words>{{"build", "--set", "resources.memory=lots"},
                                        {"build", "--set", "cpu"},
                                        {"test", "--set", "no.such=1"}}) {
    done = w.zako(wrong);
    CHECK(done.code == 2);
    CHECK_FALSE(done.err.empty());
  }
  done = w.zako({"build", "--set", "pools.io.min=3", "--set", "pools.io.max=2"});
  CHECK(done.code == 2);
  CHECK_THAT(done.err, Contains("pools.io.min is 3"));
  w.environment["ZAKO_GC_IDLE"] = "soon";
  CHECK(w.zako({"build"}).code == 2);
  CHECK_FALSE(w.exists("zako-out"));
}

TEST_CASE("actions that need what the machine does not have fail at once, and say what there is") {
  resource_workspace w;
  w.targets(1, "{\"licence\": 1}", "echo x");
  auto text = w.build_fails({"--set", "resources.license=1"});
  CHECK_THAT(text, Contains("there is no resource 'licence'") &&
                       Contains("did you mean 'license'?") && Contains("BUILD.ts:2:"));
  w.targets(1, "{\"license\": 3}", "echo x");
  text = w.build_fails({"--set", "resources.license=2"});
  CHECK_THAT(text, Contains("3 license are needed, and there are 2 license") &&
                       Contains("this machine has"));
  w.build({"--set", "resources.license=3"}); // the failure was not kept
}

TEST_CASE("actions that share one of a kind run one after the other") {
  resource_workspace w;
  // Each holds a folder that only one can have.
  w.targets(6, "{\"license\": 1}",
            "mkdir " + (w.outside() / "held").string() + " && sleep 0.05 && rmdir " +
                (w.outside() / "held").string());
  CHECK_THAT(w.build({"-j", "6", "--set", "resources.license=1", "--trace", "trace.json"}),
             RunsActions(6));
  CHECK_THAT(w.read("trace.json"), Contains("resource license")); // its use, over time
}

TEST_CASE("the memory that an action took is what it asks for the next time") {
  resource_workspace w;
  auto held = (w.outside() / "held").string();
  auto big = "dd if=/dev/zero of=/dev/null bs=150M count=1"; // a buffer of that size
  w.targets(3, "{}", big);
  CHECK_THAT(w.build(), RunsActions(3));
  auto done = w.zako({"dump", "action://:t0"});
  CHECK(done.code == 0);
  CHECK(std::stoull(line_of(done.out, "peak_bytes:").at(1)) > 140'000'000);
  // Now one at a time has room; each holds a folder that only one can have.
  w.targets(3, "{}", "mkdir " + held + " && sleep 0.1 && rmdir " + held);
  CHECK_THAT(w.build({"-j", "3", "--set", "resources.memory=256M", "--set", "overcommit.memory=0"}),
             RunsActions(3));
}

TEST_CASE("an action without a cpu of its own does not wait for one") {
  resource_workspace w;
  auto flag = (w.outside() / "flag").string();
  w.write("BUILD.ts", "import { needs } from \"./need.rule.ts\";\n"
                      "export const a = needs({ what: '{}', script: 'until test -e " +
                          flag +
                          "; do sleep 0.02; done' });\n"
                          "export const b = needs({ what: '{\"cpu\": 0}', script: 'touch " +
                          flag + "' });\n");
  CHECK_THAT(w.build({"-j", "1"}), RunsActions(2));
}

} // namespace
