// A thousand small packages, written for Zako, for node and for turbo.
//
// Package i is a folder with one BUILD.ts, which imports three of 30 libraries, works out settings
// with them, and declares one target. The libraries are shared by all packages, as a workspace's
// own helpers are.
#pragma once

#include <string>

namespace zako::bench {

struct package_tree {
  static constexpr unsigned libraries = 30;
  static constexpr unsigned imports = 3; // of each package

  unsigned count = 0;
  std::string folder; // absolute; exists

  /// The file of package `i`, below the folder.
  [[nodiscard]] std::string build_file(unsigned i) const;
};

/// zako.toml, the libraries, and the packages' BUILD.ts.
void write_zako_packages(const package_tree& tree);
/// The text of a package's BUILD.ts; `edition` is a number in it that its target depends on.
std::string package_text(unsigned i, unsigned edition);

/// The same modules as JavaScript, transpiled by us, with the built-in modules beside them; gives
/// the file to start node with. It evaluates every package, and ends with another exit code than 0
/// unless each has declared its target. `zako` is the tree that `write_zako_packages` has filled.
std::string write_node_packages(const package_tree& zako, const std::string& folder);

/// package.json files and a turbo.json: a task for each package, which depends on those of three
/// others.
void write_turbo_packages(const package_tree& tree);

} // namespace zako::bench
