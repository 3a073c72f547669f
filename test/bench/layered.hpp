// The layered graph of the benchmarks, written as a Zako workspace and for ninja.
//
// 10 layers of small actions. Action i of a layer reads outputs i, i+1 and i+2 of the layer below
// (the lowest layer: sources), and its program mixes the first 64 bytes of each into 17. At the end
// of a layer the window stands still, so that output 0 has one reader: a changed source 0 reaches
// exactly one action of each layer, if it changes anything.
//
// A layer is cut into packages of 1,000 actions, each one target; a package above the lowest layer
// depends on the two packages below it that its actions read. Paths are the same for both tools.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace zako::bench {

struct layered_graph {
  static constexpr unsigned layers = 10;
  static constexpr unsigned package_size = 1000;

  unsigned width = 0;               // actions of one layer, and sources
  std::vector<std::string> sources; // paths from the workspace's root
  std::vector<std::string> outputs; // layer by layer
  std::string program;              // absolute path of the actions' program

  /// The command of the action that makes outputs[i].
  [[nodiscard]] std::vector<std::string> command(std::size_t i) const;
  /// What that action reads.
  [[nodiscard]] std::vector<std::string> inputs(std::size_t i) const;
};

/// `actions` is rounded to whole layers, at least 3 actions each. Compiles the program to `program`
/// (an absolute path).
layered_graph make_layered_graph(unsigned actions, const std::string& program);

/// Sources with contents of their own: 256 bytes, of which an action reads 64.
void write_sources(const layered_graph& graph, const std::string& folder);
/// zako.toml, a rule, and the packages' BUILD.ts.
void write_zako_files(const layered_graph& graph, const std::string& folder);
/// build.ninja.
void write_ninja_file(const layered_graph& graph, const std::string& folder);

} // namespace zako::bench
