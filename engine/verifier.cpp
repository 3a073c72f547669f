// Verification over packed tables.
#include "engine/verifier.hpp"

#include <cassert>

namespace zako {

verifier::verifier(std::uint32_t last_id) : nodes_(std::size_t{last_id} + 1) {}

void verifier::add(const std::vector<record_row>& rows, std::vector<record_edge> edges) {
  edges_.push_back(std::move(edges));
  auto* next = edges_.back().data();
  for (auto& edge : edges_.back())
    assert(edge.target.number() < nodes_.size());
  for (auto& row : rows) {
    auto& x = nodes_[row.node.number()];
    x.prefix = row.output_prefix;
    x.edges = next;
    x.edge_count = row.edge_count;
    x.stored = true;
    x.leaf = row.leaf;
    x.counted = row.counted;
    next += row.edge_count;
  }
  assert(next == edges_.back().data() + edges_.back().size());
}

void verifier::reach(key_id root) {
  struct frame {
    std::uint32_t node;
    std::uint32_t edge;
  };
  std::vector<frame> path;
  auto enter = [&](std::uint32_t number) {
    auto& x = nodes_[number];
    if (!x.stored || x.now != state::unknown)
      return;
    x.now = state::suspect; // until `holding_outputs` knows better; and it is not entered twice
    path.push_back({number, 0});
  };
  auto walk = [&] {
    while (!path.empty()) {
      auto& top = path.back();
      auto& x = nodes_[top.node];
      if (top.edge < x.edge_count) {
        enter(x.edges[top.edge++].target.number());
      } else {
        order_.push_back(top.node);
        path.pop_back();
      }
    }
  };
  root_ = root.number();
  if (root_ < nodes_.size() && nodes_[root_].stored) {
    enter(root_);
    walk();
    return;
  }
  root_ = 0;
  for (std::uint32_t number = 1; number < nodes_.size(); ++number) {
    enter(number);
    walk();
  }
}

std::vector<leaf_output> verifier::leaves() const {
  std::vector<leaf_output> out;
  for (std::uint32_t number = 1; number < nodes_.size(); ++number)
    if (auto& x = nodes_[number]; x.leaf && x.now != state::unknown)
      out.push_back({key_id{number}, x.prefix});
  return out;
}

void verifier::changed(key_id leaf) {
  nodes_[leaf.number()].changed = true;
}

std::vector<std::uint64_t> verifier::holding_outputs() {
  std::vector<std::uint64_t> out(nodes_.size());
  // In this order a node comes after its dependencies; on a ring of records (of several builds, for
  // no build completes a ring) one is met too early, and is still a suspect then.
  for (auto number : order_) {
    auto& x = nodes_[number];
    auto good = !x.changed;
    for (std::uint32_t i = 0; good && i < x.edge_count; ++i) {
      auto& target = nodes_[x.edges[i].target.number()];
      good = target.now == state::holds && target.prefix == x.edges[i].prefix;
    }
    if (!good)
      continue;
    x.now = state::holds;
    out[number] = x.prefix;
    ++holding_.nodes;
    holding_.steps += x.counted ? 1 : 0;
  }
  return out;
}

/// Whether a dependency of the group that was just settled has another output.
bool verifier::differs(const node& x, const check& c) const {
  for (auto i = c.group; i < c.next; ++i)
    if (nodes_[x.edges[i].target.number()].prefix != x.edges[i].prefix)
      return true;
  return false;
}

void verifier::ask_for(std::uint32_t number, step& out) {
  if (number == root_) {
    root_decided_ = true;
    return;
  }
  nodes_[number].now = state::asked;
  ++outstanding_;
  out.ask.push_back(key_id{number});
}

/// `prefix` is right now: whoever waits for the last of its group goes on.
void verifier::settle(std::uint32_t number, step& out) {
  nodes_[number].now = state::settled;
  if (number == root_)
    root_decided_ = true;
  for (auto i = checks_[number].waiters; i != 0; i = waiters_[i].next) {
    auto who = waiters_[i].who;
    auto& c = checks_[who];
    if (--c.pending > 0)
      continue;
    if (differs(nodes_[who], c)) {
      ask_for(who, out);
    } else {
      c.group = c.next;
      work_.push_back(who);
    }
  }
  checks_[number].waiters = 0;
}

/// Settles the dependencies of a node's groups, one group after another.
void verifier::resume(std::uint32_t number, step& out) {
  auto& x = nodes_[number];
  auto& c = checks_[number];
  while (c.group < x.edge_count) {
    c.next = c.group;
    c.pending = 0;
    do {
      auto target = x.edges[c.next].target.number();
      auto& t = nodes_[target];
      if (t.now == state::unknown)
        ask_for(target, out);
      if (t.now == state::suspect) {
        t.now = state::checking;
        work_.push_back(target);
      }
      if (t.now == state::checking || t.now == state::asked) {
        waiters_.push_back({number, checks_[target].waiters});
        checks_[target].waiters = static_cast<std::uint32_t>(waiters_.size() - 1);
        ++c.pending;
      }
    } while (!x.edges[c.next++].ends_group);
    if (c.pending > 0)
      return;
    if (differs(x, c))
      return ask_for(number, out);
    c.group = c.next;
  }
  if (x.changed)
    return ask_for(number, out);
  out.cleared.emplace_back(key_id{number}, x.prefix);
  ++holding_.nodes;
  holding_.steps += x.counted ? 1 : 0;
  settle(number, out);
}

void verifier::run(step& out) {
  while (!work_.empty()) {
    auto number = work_.back();
    work_.pop_back();
    resume(number, out);
  }
  // Nothing asked and nothing decided: a ring of records. Only computing can tell.
  out.done = root_decided_ || outstanding_ == 0;
}

verifier::step verifier::begin() {
  step out;
  if (root_ == 0 || nodes_[root_].now == state::holds) {
    out.done = true;
    return out;
  }
  checks_.resize(nodes_.size());
  waiters_.emplace_back(); // index 0 stands for "nobody"
  nodes_[root_].now = state::checking;
  work_.push_back(root_);
  run(out);
  return out;
}

verifier::step verifier::answered(key_id id, std::uint64_t output_prefix) {
  step out;
  auto& x = nodes_[id.number()];
  assert(x.now == state::asked);
  x.prefix = output_prefix;
  --outstanding_;
  settle(id.number(), out);
  run(out);
  return out;
}

} // namespace zako
