// The same inputs give the same results, whatever the time zone, the language, the time of day, the
// order in which folders list their files, the number of workers, and the folder of the workspace.
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <sstream>

#include "layered.hpp"
#include "workspace.hpp"

using namespace e2e;

namespace {

std::string source_root() {
  auto* root = std::getenv("ZAKO_SOURCE_ROOT");
  REQUIRE(root);
  return root;
}

/// What differs between two machines: an environment and settings.
struct machine {
  std::string name;
  std::map<std::string, std::string> environment;
  int workers = 2;
};

machine operator+(machine a, const machine& b) {
  a.name += ", " + b.name;
  a.environment.insert(b.environment.begin(), b.environment.end());
  a.workers = b.workers;
  return a;
}

machine with(const std::string& variable, const std::string& value) {
  machine out{.name = variable + "=" + value, .environment = {{variable, value}}};
  if (variable.starts_with("ZAKO_FAULT"))
    out.environment["LD_PRELOAD"] = std::getenv("ZAKO_FAULT_OBJECT");
  return out;
}

machine workers(int n) {
  return {.name = std::to_string(n) + " workers", .environment = {}, .workers = n};
}

using axis = std::vector<machine>;

const std::vector<axis>& axes() {
  static const std::vector<axis> all{
      {with("TZ", "UTC"), with("TZ", "Pacific/Kiritimati"), with("TZ", "America/St_Johns")},
      {with("LC_ALL", "C"), with("LC_ALL", "tr_TR.UTF-8"), with("LC_ALL", "sv_SE.UTF-8")},
      {with("ZAKO_FAULT_CLOCK", "0"), with("ZAKO_FAULT_CLOCK", "123456789")},
      {with("ZAKO_FAULT_SHUFFLE", "1"), with("ZAKO_FAULT_SHUFFLE", "2")},
      {workers(1), workers(2), workers(4), workers(8)},
  };
  return all;
}

/// Each axis alone, and some combinations.
std::vector<machine> machines(chance& random) {
  std::vector<machine> out;
  for (auto& axis : axes())
    out.insert(out.end(), axis.begin(), axis.end());
  for (int i = 0; i < 4; ++i) {
    machine all{.name = "all", .environment = {}};
    for (auto& axis : axes())
      all = all + axis[random.below(axis.size())];
    out.push_back(std::move(all));
  }
  return out;
}

/// A record of `zako dump`: its key, and "good" or "failed" with the digest of its output.
std::map<std::string, std::string> results_of(const workspace& w) {
  auto dumped = w.zako({"dump"});
  REQUIRE(dumped.code == 0);
  std::map<std::string, std::string> out;
  std::istringstream lines(dumped.out);
  std::string key, state;
  bool in_key = false;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  ")) { // a key may have several lines
      key = in_key ? key + "\n" + line : line;
      in_key = true;
      continue;
    }
    in_key = false;
    if (line.starts_with("  state "))
      state = line;
    else if (line.starts_with("  output "))
      out[key] = state + line;
  }
  return out;
}

using results = std::map<std::string, std::string>;

/// Builds copies of `made` on every machine; each gives what the first one gave.
void compare(const std::function<void(const workspace&)>& made, const words& what, int code) {
  chance random("hermetic");
  results first;
  for (auto& m : machines(random)) {
    INFO(m.name);
    workspace w;
    made(w);
    for (auto& [variable, value] : m.environment)
      w.environment[variable] = value;
    words command{"build", "--set", "pools.script.max=" + std::to_string(m.workers)};
    command.insert(command.end(), what.begin(), what.end());
    auto done = w.zako(command);
    INFO(done.all());
    REQUIRE(done.code == code);
    auto found = results_of(w);
    if (first.empty())
      first = found;
    REQUIRE(found.size() > 20);
    for (auto& [key, output] : first)
      CHECK(key + found[key] == key + output);
    CHECK(found.size() == first.size());
  }
}

void copy(const std::string& from, const workspace& w) {
  fs::copy(source_root() + "/" + from, w.root(),
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

} // namespace

TEST_CASE("the example is the same on every machine") {
  compare([](const workspace& w) { copy("apps/examples/hello", w); }, {}, 0);
}

// Their sources are not here: all targets are, and their actions fail.
TEST_CASE("real projects' build files are the same on every machine") {
  auto project = GENERATE("lua", "fmt");
  compare(
      [&](const workspace& w) {
        copy(std::string("test/projects/") + project, w);
        for (auto* name : {"lapi.c", "lvm.c", "lzio.c", "Lua.c", "lua.c"})
          w.write(std::string("src/") + name, "#error\n");
      },
      {"-k"}, 1);
}

TEST_CASE("scripts that sort, match and count are the same on every machine") {
  compare(
      [](const workspace& w) {
        w.write("zako.ts",
                "import { definePackage } from 'zako:package';\n"
                "export default definePackage(({ manifest }) => ({ manifest, n: 3 }));\n");
        w.write("data.json", R"({"ä": [1, 2], "Z": {"a": "\u212b"}})");
        w.write("facts.ts", R"(import data from './data.json';
const words = Array.from({ length: 3000 }, (_, i) => 'ıIiİäÄåzZöß'[i % 11]! + ((i * 7919) % 1009) + 'éE'[i % 2]!);
const groups = new Map<string, number>();
for (const word of words) groups.set(word[0]!, (groups.get(word[0]!) ?? 0) + 1);
export const facts = {
  sorted: [...words].sort(), upper: words.map((x) => x.toUpperCase()).join('').length,
  folded: words.filter((x) => /^\p{Lu}/u.test(x)).length, insensitive: words.filter((x) => /^[iå]/iu.test(x)).length,
  groups: [...groups], normal: words.map((x) => x.normalize('NFD')).join('').length,
  numbers: [0.1 + 0.2, 1e21, -0, 2 ** 0.5, Math.sin(1), Math.exp(1), (25).toString(36), (1.005).toFixed(2)],
  data, stack: new Error('x').stack, source: String((x: number) => x + 1), keys: Object.keys({ b: 1, a: 1, 2: 1, 1: 1 }),
};
export const { more } = await import('./more.ts');
)");
        w.write("more.ts", "export const more = import.meta.url + import.meta.dirname;\n");
        w.write("BUILD.ts", R"(import { glob, packageSettings } from 'zako:build';
import { fileGroup } from 'zako:rules/files';
import { generate } from 'zako:rules/gen';
import { facts, more } from './facts.ts';
console.log(facts.groups, new Map([[1, new Set(['a'])]]), facts.stack);
export const files = fileGroup({ srcs: glob('**/*.txt') });
const told = JSON.stringify([facts, more, packageSettings()]);
export const table = generate({ tool: ['sh', '-c', 'printf %s "$1"', 'sh', told], srcs: [files], stdout: 'table' });
)");
        for (int i = 0; i < 40; ++i)
          w.write("d" + std::to_string(i % 7) + "/" + std::to_string(i * 7919 % 1009) + ".txt",
                  "x");
        for (int i = 0; i < 12; ++i)
          w.write(
              "p" + std::to_string(i) + "/BUILD.ts",
              "import { fileGroup } from 'zako:rules/files';\n"
              "import { facts } from '../facts.ts';\n"
              "export const x = fileGroup({ srcs: ['BUILD.ts'], name: 'x' + facts.folded });\n");
      },
      {}, 0);
}

TEST_CASE("folders are listed in the order that was asked for, or the above proves little") {
  workspace w;
  for (int i = 0; i < 30; ++i)
    w.write(std::to_string(i), "");
  auto listed = [&](const std::string& seed) {
    return run({"ls", "-U"}, w.root(), with("ZAKO_FAULT_SHUFFLE", seed).environment).out;
  };
  CHECK(listed("1") != listed("2"));
  CHECK(listed("1") == listed("1"));
}
