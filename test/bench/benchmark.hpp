// What a benchmark is: a name, a line about it, a function. Knows nothing of any one of them.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "test/bench/report.hpp"

namespace zako::bench {

/// What the command line says.
struct settings {
  std::string zako;   // absolute path of the program under test
  std::string source; // absolute path of Zako's source tree, for examples and projects
  unsigned size = 0;  // how often or how much, in the benchmark's own unit; 0: its default
};

/// A benchmark that cannot go on throws this; what it has measured is not printed.
struct failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct benchmark {
  std::string_view name;
  std::string_view about; // one line, with what --size means
  void (*run)(const settings&, report&);
};

/// All of them, in the order of `zako-bench list`.
std::span<const benchmark> benchmarks();

void intern(const settings&, report&);
void store(const settings&, report&);
void slice(const settings&, report&);
void null(const settings&, report&);
void graph(const settings&, report&);
void pool(const settings&, report&);
void spawn(const settings&, report&);
void resources(const settings&, report&);
void transpile(const settings&, report&);
void script(const settings&, report&);

} // namespace zako::bench
