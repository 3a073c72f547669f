// Protects verification over stored records: what it lets stand equals what computing everything
// again would give, it asks for nothing that no computation asks for, and early cut-off works.
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include <catch2/catch.hpp>

#include "engine/verifier.hpp"

using namespace zako;

namespace {

/// A graph whose nodes add up what they ask, with groups that depend on values: node n asks its
/// first group, and its second one only while the sum of the first is even.
struct world {
  struct row {
    std::vector<std::uint32_t> first, second;
    std::uint64_t constant = 0; // of a leaf: its content
    bool low = false;           // gives its sum without the lowest two bits: changes may be cut off
  };
  std::map<std::uint32_t, row> rows;

  struct record {
    std::uint64_t output = 0;
    std::vector<std::vector<std::pair<std::uint32_t, std::uint64_t>>> groups;
  };

  [[nodiscard]] bool is_leaf(std::uint32_t n) const { return rows.at(n).first.empty(); }

  /// Computes `n` from scratch; `asked` gets what was asked on the way.
  record compute(std::uint32_t n, std::map<std::uint32_t, record>& done) const {
    auto& r = rows.at(n);
    record out;
    out.output = r.constant;
    auto ask = [&](const std::vector<std::uint32_t>& group) {
      auto& g = out.groups.emplace_back();
      for (auto d : group) {
        if (!done.contains(d))
          done[d] = compute(d, done);
        g.emplace_back(d, done[d].output);
        out.output += done[d].output;
      }
    };
    if (!r.first.empty())
      ask(r.first);
    if (!r.second.empty() && out.output % 2 == 0)
      ask(r.second);
    if (r.low)
      out.output &= ~std::uint64_t{3};
    return out;
  }
};

verifier over(const std::map<std::uint32_t, world::record>& records, const world& w,
              std::uint32_t last) {
  verifier v(last);
  std::vector<record_row> rows;
  std::vector<record_edge> edges;
  for (auto& [n, r] : records) {
    record_row row{key_id{n}, 0, r.output, w.is_leaf(n), true};
    for (auto& group : r.groups)
      for (std::size_t i = 0; i < group.size(); ++i, ++row.edge_count)
        edges.push_back({group[i].second, key_id{group[i].first}, i + 1 == group.size()});
    rows.push_back(row);
  }
  v.add(rows, std::move(edges));
  return v;
}

} // namespace

TEST_CASE("verifying stored records equals computing everything again") {
  auto* text = std::getenv("ZAKO_SEED");
  unsigned from = text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 1;
  unsigned count = text ? 1 : 3000;
  for (unsigned seed = from; seed < from + count; ++seed) {
    INFO("ZAKO_SEED=" << seed);
    std::mt19937 random(seed);
    auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    world w;
    auto last = 4 + below(30);
    auto leaves = 2 + below(last / 2);
    for (std::uint32_t n = 1; n <= last; ++n) {
      auto& r = w.rows[n];
      r.constant = below(8);
      if (n <= leaves)
        continue;
      for (auto i = 1 + below(3); i > 0; --i)
        r.first.push_back(1 + below(n - 1));
      for (auto i = below(3); i > 0; --i)
        r.second.push_back(1 + below(n - 1));
      r.low = below(2) == 0;
    }
    std::map<std::uint32_t, world::record> stored;
    stored[last] = w.compute(last, stored);
    for (int round = 0; round < 4; ++round) {
      // What an earlier build left: some records may be lost.
      if (below(3) == 0)
        stored.erase(1 + below(last));
      std::set<std::uint32_t> touched;
      for (auto i = below(3); i > 0; --i)
        touched.insert(1 + below(leaves));
      for (auto n : touched)
        w.rows[n].constant = below(8);

      std::map<std::uint32_t, world::record> right;
      right[last] = w.compute(last, right);
      auto v = over(stored, w, last);
      v.reach(key_id{last});
      for (auto leaf : v.leaves())
        if (leaf.prefix != w.compute(leaf.leaf.number(), right).output)
          v.changed(leaf.leaf);
      auto holding = v.holding_outputs();
      for (std::uint32_t n = 1; n <= last; ++n)
        if (holding[n] != 0 && right.contains(n))
          REQUIRE(stored.at(n).output == right.at(n).output);

      auto kept = stored;
      std::set<std::uint32_t> cleared, asked;
      auto step = v.begin();
      std::vector<key_id> open;
      for (;;) {
        for (auto& [x, output] : step.cleared) {
          cleared.insert(x.number());
          REQUIRE(right.contains(x.number()));
          REQUIRE(output == right.at(x.number()).output);
          REQUIRE(output == kept.at(x.number()).output);
        }
        for (auto x : step.ask) {
          REQUIRE(right.contains(x.number())); // computing from scratch asks for it too
          REQUIRE(asked.insert(x.number()).second);
          // Only what sees something else is computed.
          if (kept.contains(x.number()))
            REQUIRE((kept.at(x.number()).output != right.at(x.number()).output ||
                     kept.at(x.number()).groups != right.at(x.number()).groups));
          open.push_back(x);
        }
        if (step.done)
          break;
        REQUIRE(!open.empty());
        std::swap(open[below(static_cast<std::uint32_t>(open.size()))], open.back());
        auto x = open.back();
        open.pop_back();
        stored[x.number()] = right.at(x.number());
        step = v.answered(x, right.at(x.number()).output);
      }
      if (holding[last] == 0 && !cleared.contains(last)) {
        // The root itself is left; by then everything it asks for by its record is settled.
        stored[last] = right.at(last);
      }
      REQUIRE(stored.at(last).output == right.at(last).output);
      for (auto& [n, r] : right)
        if (!stored.contains(n) || asked.contains(n))
          stored[n] = r;
      // What the walk did not reach stays as it was; a computed root has its dependencies computed.
      if (holding[last] == 0 && !cleared.contains(last))
        for (auto& [n, r] : right)
          stored[n] = r;
    }
  }
}

TEST_CASE("a ring of records is left to computing") {
  verifier v(3);
  v.add({{key_id{1}, 1, 10, false, false}, {key_id{2}, 1, 20, false, false}},
        {{20, key_id{2}, true}, {10, key_id{1}, true}});
  v.reach(key_id{1});
  auto holding = v.holding_outputs();
  CHECK((holding[1] == 0 && holding[2] == 0));
  auto step = v.begin();
  CHECK((step.done && step.ask.empty() && step.cleared.empty()));
}

TEST_CASE("without a record of the root every record is verified") {
  verifier v(4);
  v.add({{key_id{1}, 0, 10, true, false}, {key_id{2}, 1, 20, false, true}},
        {{10, key_id{1}, true}});
  v.reach(key_id{4});
  REQUIRE(v.leaves().size() == 1);
  CHECK((v.leaves()[0].leaf == key_id{1} && v.leaves()[0].prefix == 10));
  auto holding = v.holding_outputs();
  CHECK(holding == std::vector<std::uint64_t>{0, 10, 20, 0, 0});
  CHECK((v.holding().nodes == 2 && v.holding().steps == 1));
  CHECK(v.begin().done);
}
