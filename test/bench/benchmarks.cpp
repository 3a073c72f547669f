// The list of benchmarks.
#include <array>

#include "test/bench/benchmark.hpp"

namespace zako::bench {

std::span<const benchmark> benchmarks() {
  static constexpr std::array all = {
      benchmark{"slice",
                "whole builds: hello and Lua, beside ninja (size: clean builds, default 5)", slice},
      benchmark{"null", "builds with little to do, beside ninja (size: actions, default 100,000)",
                null},
      benchmark{"graph", "the graph alone: layers, a chain, a fan (size: nodes, default 1,000,000)",
                graph},
      benchmark{"pool",
                "jobs through a worker pool, an idle engine (size: jobs, default 1,000,000)", pool},
      benchmark{"resources",
                "leases of one unit, taken and given back (size: pairs, default 1,000,000)",
                resources},
      benchmark{"intern", "keys' texts to ids and back (size: texts, default 220,000)", intern},
      benchmark{"store",
                "stored records, taking files in (size: MiB of the large file, default 4096)",
                store},
      benchmark{
          "transpile",
          "TypeScript to JavaScript, beside oxc, swc, esbuild, sucrase, ts-blank-space and tsc "
          "(size: rounds, default 5)",
          transpile},
      benchmark{"script",
                "build files: start-up, many packages, targets, beside node and turbo (size: "
                "packages, default 1,000)",
                script},
      benchmark{"spawn", "starting programs, beside make (size: programs, default 10,000)", spawn},
  };
  return all;
}

} // namespace zako::bench
