// A workspace in a temporary folder, with a cache of its own, and zako run in it.
#pragma once

#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "program.hpp"

namespace e2e {

/// The program under test: $ZAKO_PROGRAM.
std::string zako_program();

/// What the summary line says.
struct totals {
  int run = -1, reused = -1, failed = -1;
  bool operator==(const totals&) const = default;
};
totals totals_of(const finished& x);

class workspace {
public:
  /// With a manifest and nothing else.
  workspace();

  void write(const std::string& path, const std::string& text) const {
    write_file(root() / path, text);
  }
  [[nodiscard]] std::string read(const std::string& path) const { return read_file(root() / path); }
  [[nodiscard]] bool exists(const std::string& path) const { return fs::exists(root() / path); }
  void remove(const std::string& path) const { fs::remove_all(root() / path); }
  /// Replaces the first `from` in a file, which must be there.
  void edit(const std::string& path, const std::string& from, const std::string& to) const;

  [[nodiscard]] fs::path root() const { return folder_.path() / "w"; }
  /// Beside the workspace: for what no build may see.
  [[nodiscard]] fs::path outside() const { return folder_.path(); }

  /// For every run from now on.
  std::map<std::string, std::string> environment;

  [[nodiscard]] words command(words arguments) const;
  finished zako(words arguments) const {
    return run(command(std::move(arguments)), root(), environment);
  }
  /// Builds, which must succeed, and gives the totals.
  totals build(words arguments = {}) const;
  /// Builds, which must fail with exit code 1 as an error of the user's; gives everything printed.
  std::string build_fails(words arguments = {}) const;

private:
  temporary_folder folder_;
};

/// A program `hello` of main.c with a library `greet`: 4 actions (CC greet.c, AR, CC main.c, LINK).
struct hello_workspace : workspace {
  hello_workspace();
};

/// The text of a BUILD.ts with one generate target `name` that runs a shell script.
std::string shell_target(const std::string& name, const std::string& script, const words& outs);
extern const std::string import_generate;

/// The actions that a build ran, and nothing failed; whatever it reused.
struct RunsActions : Catch::MatcherBase<totals> {
  int count;
  explicit RunsActions(int n) : count(n) {}
  bool match(const totals& x) const override { return x.run == count && x.failed == 0; }
  std::string describe() const override { return "runs " + std::to_string(count) + " actions"; }
};

} // namespace e2e

template <>
struct Catch::StringMaker<e2e::totals> {
  static std::string convert(const e2e::totals& x) {
    return std::to_string(x.run) + " run, " + std::to_string(x.reused) + " reused, " +
           std::to_string(x.failed) + " failed";
  }
};
