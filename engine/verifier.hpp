// Decides from stored records alone what of a graph still holds after a look at its leaves.
//
// A stored record holds when every output that it saw is still the output of that dependency, and,
// for a leaf (a node that looks at the outside world), when the world is as it was. Woken nodes
// find that out by asking each other; a verifier does the same over all records at once, in packed
// tables, and wakes a node only when it must be computed:
//
//   1. add      every record, once
//   2. reach    from the root; `leaves` says which nodes look at the world
//   3. changed  for each leaf whose world is not as it was
//   4. holding_outputs   of all but the suspects, which lean, directly or through others, on
//               something that differs
//   5. begin, answered   walk the suspects from the root, in recorded order and groups, and never
//               ask for a node that the computations would not ask for. A suspect whose
//               dependencies all settle as they were is cleared; one that sees another output is
//               asked for (it computes, and its answer goes on from there): early cut-off.
//
// Costs: a few operations per reached record and edge; no record is decoded. Not thread-safe.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/key_id.hpp"

namespace zako {

/// A stored node, without what verification does not need.
struct record_row {
  key_id node;
  std::uint32_t edge_count = 0;    // of the edges that follow those of the rows before
  std::uint64_t output_prefix = 0; // digest::prefix() of its output
  bool leaf = false;               // its kind confirms: it looks at the world
  bool counted = false;            // its kind is counted
};

struct record_edge {
  std::uint64_t prefix = 0; // of the output that was seen
  key_id target;
  bool ends_group = false; // the last of its parallel group
};

/// A leaf with the output of its record.
struct leaf_output {
  key_id leaf;
  std::uint64_t prefix = 0;
};

class verifier {
public:
  /// For ids up to `last_id`.
  explicit verifier(std::uint32_t last_id);

  /// Each node at most once; edges of all rows in the rows' order. Nodes that are never added have
  /// no usable record.
  void add(const std::vector<record_row>& rows, std::vector<record_edge> edges);

  /// Chooses what is verified: everything below `root`, or everything when `root` has no record.
  void reach(key_id root);
  /// The leaves that were reached, by id.
  [[nodiscard]] std::vector<leaf_output> leaves() const;
  /// The world of this leaf does not give its record's output any more, or nobody can tell.
  void changed(key_id leaf);

  /// By id: the output of each record that holds as it is. 0: suspects, what was not reached, and
  /// what has no record.
  std::vector<std::uint64_t> holding_outputs();
  struct counts {
    std::uint64_t nodes = 0;
    std::uint64_t steps = 0; // the counted ones among them
  };
  /// How many reached nodes hold, as far as is known by now.
  [[nodiscard]] counts holding() const { return holding_; }

  struct step {
    std::vector<key_id> ask; // compute these; give their output to `answered`
    std::vector<std::pair<key_id, std::uint64_t>> cleared; // suspects that hold after all, and
                                                           // their outputs
    bool done = false; // nothing is left but the root, which holds or must be asked for itself
  };
  /// After `holding_outputs`.
  step begin();
  /// `node` was asked for; `output_prefix` of its value or error.
  step answered(key_id node, std::uint64_t output_prefix);

private:
  enum class state : std::uint8_t {
    unknown,  // not reached, or without a record
    holds,    // as stored
    suspect,  // leans on something that differs
    checking, // a suspect whose dependencies are being settled
    asked,    // must be computed
    settled,  // computed or cleared: `prefix` is its present output
  };
  struct node {
    std::uint64_t prefix = 0;
    const record_edge* edges = nullptr;
    std::uint32_t edge_count = 0;
    state now = state::unknown;
    bool stored = false;
    bool leaf = false;
    bool counted = false;
    bool changed = false;
  };
  /// A node's place in its own check.
  struct check {
    std::uint32_t group = 0;   // first edge of the group under way
    std::uint32_t next = 0;    // first edge of the group after it
    std::uint32_t pending = 0; // dependencies of the group that are not settled
    std::uint32_t waiters = 0; // head of the list of those who wait for this node; 0: nobody
  };
  struct waiter {
    std::uint32_t who = 0;
    std::uint32_t next = 0;
  };

  [[nodiscard]] bool differs(const node& x, const check& c) const;
  void resume(std::uint32_t number, step& out);
  void ask_for(std::uint32_t number, step& out);
  void settle(std::uint32_t number, step& out);
  void run(step& out);

  std::vector<node> nodes_;
  std::vector<std::vector<record_edge>> edges_; // as they were added: nodes point into them
  std::vector<std::uint32_t> order_;            // reached, dependencies before dependents
  std::uint32_t root_ = 0;
  counts holding_;
  std::vector<check> checks_;
  std::vector<waiter> waiters_;
  std::vector<std::uint32_t> work_; // to be resumed
  std::uint64_t outstanding_ = 0;   // asked and not answered
  bool root_decided_ = false;
};

} // namespace zako
