// Finding rings in a wait graph.
#include <catch2/catch.hpp>

#include "actors/graph/ring.hpp"

using namespace zako;

namespace {

using edges = std::unordered_map<key_id, std::vector<key_id>>;

key_id id(std::uint32_t n) {
  return key_id{n};
}

} // namespace

TEST_CASE("a graph without a ring has none") {
  CHECK(find_ring({}).empty());
  CHECK(find_ring(edges{{id(1), {id(2), id(3)}}, {id(2), {id(3)}}}).empty());
}

TEST_CASE("a ring is given in the order of waiting, without what leads to it") {
  auto ring = find_ring(
      edges{{id(1), {id(2)}}, {id(2), {id(4), id(3)}}, {id(3), {id(5)}}, {id(5), {id(2)}}});
  CHECK(ring == std::vector<key_id>{id(2), id(3), id(5)});
}

TEST_CASE("a chain of a million needs no deep stack") {
  edges chain;
  for (std::uint32_t i = 1; i < 1'000'000; ++i)
    chain[id(i)] = {id(i + 1)};
  CHECK(find_ring(chain).empty());
  chain[id(1'000'000)] = {id(1)};
  CHECK(find_ring(chain).size() == 1'000'000);
}

TEST_CASE("the error shows the path from its smallest key around to it again") {
  auto e = cycle_error({key("n", "c"), key("n", "a"), key("n", "b")});
  CHECK(e.message == "a cycle of dependencies: a -> b -> c -> a");
}
