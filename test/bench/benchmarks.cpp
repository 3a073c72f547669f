// The list of benchmarks.
#include <array>

#include "test/bench/benchmark.hpp"

namespace zako::bench {

std::span<const benchmark> benchmarks() {
  static constexpr std::array all = {
      benchmark{"slice",
                "whole builds: hello and Lua, beside ninja (size: clean builds, default 5)", slice},
  };
  return all;
}

} // namespace zako::bench
