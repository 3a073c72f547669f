// The workspaces that are built, each in a folder and with a cache of its own.
#pragma once

#include <string>
#include <vector>

#include "test/bench/benchmark.hpp"
#include "test/bench/process.hpp"

namespace zako::bench {

class workspace {
public:
  /// A copy of an example (apps/examples/NAME), or a project with its fetched sources
  /// (test/projects/NAME).
  static workspace example(const settings& given, const std::string& name,
                           const std::string& folder);
  static workspace project(const settings& given, const std::string& name,
                           const std::string& folder);

  /// A folder that is there already.
  static workspace made(const settings& given, const std::string& folder);

  /// zako with these arguments, in the workspace. Throws `failure` unless it ends well.
  outcome run(const std::vector<std::string>& arguments, bool keep_output = false) const;

  /// Removes outputs, state and cache: the next build starts from nothing.
  void make_cold() const;

  /// For every later run.
  void set_variable(const std::string& name_and_value) { environment_.push_back(name_and_value); }

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::string operator/(const std::string& path) const {
    return folder_ + '/' + path;
  }
  [[nodiscard]] const std::vector<std::string>& environment() const { return environment_; }

private:
  workspace(const settings& given, std::string folder);

  std::string zako_, folder_, cache_;
  std::vector<std::string> environment_;
};

/// The variables that make two build tools run a compiler alike: no compiler cache, no translated
/// messages.
std::vector<std::string> fair_environment();

} // namespace zako::bench
