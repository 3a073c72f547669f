// A random graph with dynamic dependencies over leaves that a test edits, and the naive answer to
// any of its nodes: everything computed again.
//
// leaf:N looks at the world: a number, or broken. mid:N adds up a first group of nodes below it,
// then a second one that depends on the sum, and gives the sum by a small modulus (so that other
// inputs often give the same output) or a failure that is its own; it passes on the failures of
// others, or counts them as a number.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "engine/kind.hpp"

namespace zako::test {

/// What a node ends in: two are equal when their output digests are.
struct ending {
  int number = 0;
  int failed = -1; // the node whose own failure it is; -1: none
  bool operator==(const ending&) const = default;
};

class random_graph {
public:
  explicit random_graph(std::mt19937& random);

  [[nodiscard]] int leaves() const { return static_cast<int>(world_.size()); }
  [[nodiscard]] int size() const { return leaves() + static_cast<int>(mids_.size()); }
  [[nodiscard]] bool is_leaf(int node) const { return node < leaves(); }
  /// Nodes count from 0, leaves first; ids from 1.
  [[nodiscard]] const std::string& text(int node) const {
    return texts_[static_cast<std::size_t>(node)];
  }
  [[nodiscard]] static int node_of(const key& k);

  void edit(std::mt19937& random);
  /// What the world says of a leaf; nothing when it is broken.
  [[nodiscard]] std::optional<std::string> look(int leaf) const;
  /// Computes the node and everything below it from nothing.
  [[nodiscard]] ending naive(int node) const;
  static ending ending_of(const outcome& x);

  /// One step of a computation, as somebody who watches computations sees it.
  struct watcher {
    virtual ~watcher() = default;
    virtual void began(int node) = 0;
    virtual void saw(int node, int dependency, const ending& what) = 0;
    /// `kept`: the node remembers this.
    virtual void ended(int node, bool kept) = 0;
  };
  [[nodiscard]] kind_table kinds(watcher& who) const;

private:
  struct mid {
    std::vector<int> first, even, odd; // what it asks for
    int modulus = 2;
    int fails_at = -1; // fails when the sum has this remainder by 7
    bool forgiving = false;
    bool acts = false; // runs a program in the end
  };
  task<outcome> compute_leaf(context& ctx, watcher& who) const;
  task<outcome> compute_mid(context& ctx, watcher& who) const;
  [[nodiscard]] const mid& mid_at(int node) const {
    return mids_[static_cast<std::size_t>(node - leaves())];
  }
  ending naive(int node, std::vector<std::optional<ending>>& known) const;

  std::vector<int> world_; // by leaf; below 0: broken
  std::vector<mid> mids_;
  std::vector<std::string> texts_;
};

} // namespace zako::test
