// A workspace of many quick actions in layers, whose right outputs the test knows without building:
// each action hashes three files of the layer below. Also what the random tests share: seeds and
// counts.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "workspace.hpp"

namespace e2e {

/// Makes a test's random choices, and prints on construction how to replay them: `ZAKO_SEED=…`.
class chance {
public:
  explicit chance(const std::string& what);
  /// From 0 to `n` - 1.
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  /// From 0 to 1.
  double share() { return static_cast<double>(below(1u << 20)) / (1u << 20); }

private:
  std::mt19937_64 random_;
};

/// How often a test repeats itself: the variable's value, or `in_ci` without one.
std::uint64_t repeats(const char* variable, std::uint64_t in_ci);

class layered_workspace : public workspace {
public:
  /// `width` sources, and as many actions in each layer; at least 4.
  layered_workspace(int layers, int width);
  /// The same sources as `other` has now, with nothing built and a cache of its own.
  layered_workspace(const layered_workspace& other);
  layered_workspace& operator=(const layered_workspace&) = delete;

  [[nodiscard]] int actions() const { return layers_ * static_cast<int>(sources_.size()); }
  /// Rewrites source `i`.
  void set_source(std::uint64_t i, const std::string& text);
  /// Source `i` says that now, whoever wrote it.
  void took_place(std::uint64_t i, const std::string& text) { sources_[i] = text; }
  /// New texts for some sources, one at least.
  void change(chance& random);
  void change_all(chance& random);
  /// From now on each action takes that long.
  void delay(int milliseconds) const {
    write_file(outside() / "delay", std::to_string(milliseconds));
  }
  /// Forgets all that was ever built.
  void forget() const;

  [[nodiscard]] std::string output(int layer, std::uint64_t i) const;
  using contents = std::vector<std::vector<std::string>>;
  /// The sources, and what each layer makes of them.
  [[nodiscard]] contents right() const;
  /// How many actions have an input that was another one then.
  [[nodiscard]] int affected_since(const contents& then) const;
  /// The first output that is not what the sources say, with what it is; empty when all are right.
  [[nodiscard]] std::string wrong_output() const;
  /// The outputs that actions have written since the list beside the workspace, `ran`, was removed.
  [[nodiscard]] words ran() const;

private:
  void write_all();

  int layers_;
  std::vector<std::string> sources_;
};

} // namespace e2e
