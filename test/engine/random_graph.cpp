// Random programs, computed by coroutines and naively.
#include "test/engine/random_graph.hpp"

namespace zako::test {

namespace {

int below(std::mt19937& random, int n) {
  return static_cast<int>(random() % static_cast<unsigned>(n));
}

constexpr int other_failure = 1'000'000; // cancelled and the like

outcome failure_of(int node, bool leaf) {
  return fail(leaf ? errc::io : errc::invalid_argument, "node " + std::to_string(node));
}

} // namespace

random_graph::random_graph(std::mt19937& random) {
  world_.resize(static_cast<std::size_t>(2 + below(random, 4)));
  for (auto& x : world_)
    x = below(random, 4);
  auto count = 2 + below(random, 8);
  for (int i = 0; i < count; ++i) {
    mid m;
    auto some = [&](int most) {
      std::vector<int> out(static_cast<std::size_t>(below(random, most + 1)));
      for (auto& x : out)
        x = below(random, leaves() + i);
      return out;
    };
    m.first = some(3);
    m.even = some(2);
    m.odd = some(2);
    m.modulus = 2 + below(random, 3);
    m.fails_at = below(random, 20);
    m.forgiving = below(random, 3) == 0;
    m.acts = below(random, 4) == 0;
    mids_.push_back(std::move(m));
  }
  for (int i = 0; i < size(); ++i)
    texts_.push_back((is_leaf(i) ? "leaf:" : "mid:") + std::to_string(i));
}

int random_graph::node_of(const key& k) {
  return std::stoi(std::string(k.payload()));
}

void random_graph::edit(std::mt19937& random) {
  auto& leaf = world_[static_cast<std::size_t>(below(random, leaves()))];
  leaf = below(random, 8) == 0 ? -1 : below(random, 4);
}

std::optional<std::string> random_graph::look(int leaf) const {
  auto x = world_[static_cast<std::size_t>(leaf)];
  return x < 0 ? std::nullopt : std::optional(std::to_string(x));
}

ending random_graph::naive(int node) const {
  std::vector<std::optional<ending>> known(static_cast<std::size_t>(size()));
  return naive(node, known);
}

ending random_graph::naive(int node, std::vector<std::optional<ending>>& known) const {
  auto& mine = known[static_cast<std::size_t>(node)];
  if (mine)
    return *mine;
  if (is_leaf(node)) {
    auto x = world_[static_cast<std::size_t>(node)];
    mine = x < 0 ? ending{0, node} : ending{x, -1};
    return *mine;
  }
  auto& m = mid_at(node);
  int sum = 0;
  for (int round = 0; round < 2; ++round)
    for (auto x : round == 0 ? m.first : sum % 2 == 0 ? m.even : m.odd) {
      auto got = naive(x, known);
      if (got.failed >= 0 && !m.forgiving)
        return *(mine = got);
      sum += got.failed >= 0 ? 5 : got.number;
    }
  mine = sum % 7 == m.fails_at ? ending{0, node} : ending{sum % m.modulus, -1};
  return *mine;
}

ending random_graph::ending_of(const outcome& x) {
  if (x)
    return {**x->as<std::int32_t>(), -1};
  auto& text = x.error().message;
  return {0, text.starts_with("node ") ? std::stoi(text.substr(5)) : other_failure};
}

task<outcome> random_graph::compute_leaf(context& ctx, watcher& who) const {
  auto node = node_of(ctx.self());
  who.began(node);
  environment_job look;
  look.name = ctx.self().payload();
  auto seen = co_await ctx.perform(std::move(look));
  if (!seen)
    co_return tl::unexpected(std::move(seen.error()));
  who.ended(node, seen->has_value());
  if (!*seen)
    co_return failure_of(node, true);
  co_return value::of<std::int32_t>(std::stoi(**seen));
}

task<outcome> random_graph::compute_mid(context& ctx, watcher& who) const {
  auto node = node_of(ctx.self());
  auto& m = mid_at(node);
  who.began(node);
  int sum = 0;
  for (int round = 0; round < 2; ++round) {
    auto& group = round == 0 ? m.first : sum % 2 == 0 ? m.even : m.odd;
    std::vector<key> keys;
    for (auto x : group)
      keys.push_back(key::from_text(text(x)));
    auto got = co_await ctx.request_all(std::move(keys));
    for (std::size_t i = 0; i < got.size(); ++i)
      who.saw(node, group[i], ending_of(got[i]));
    for (auto& x : got) {
      if (!x && !m.forgiving) {
        who.ended(node, x.error().deterministic());
        co_return tl::unexpected(x.error());
      }
      sum += x ? ending_of(x).number : 5;
    }
  }
  if (m.acts) {
    command_job run;
    run.title = "RUN";
    auto done = co_await ctx.perform(std::move(run));
    if (!done)
      co_return tl::unexpected(std::move(done.error()));
  }
  who.ended(node, true);
  if (sum % 7 == m.fails_at)
    co_return failure_of(node, false);
  co_return value::of<std::int32_t>(sum % m.modulus);
}

kind_table random_graph::kinds(watcher& who) const {
  kind_table table;
  table.add({.name = "leaf",
             .version = 1,
             .compute = [this, &who](context& ctx) { return compute_leaf(ctx, who); },
             .confirm = [](context& ctx, value previous) -> task<std::optional<value>> {
               environment_job look;
               look.name = ctx.self().payload();
               auto seen = co_await ctx.perform(std::move(look));
               auto before = previous.as<std::int32_t>();
               if (seen && *seen && std::stoi(**seen) == **before)
                 co_return previous;
               co_return std::nullopt;
             },
             .counted = false});
  table.add({.name = "mid",
             .version = 1,
             .compute = [this, &who](context& ctx) { return compute_mid(ctx, who); },
             .confirm = nullptr,
             .counted = false});
  return table;
}

} // namespace zako::test
