// Traces: recording, checking, and what a check never asks.
#include <catch2/catch.hpp>

#include "engine/codec.hpp"
#include "engine/trace.hpp"

using namespace zako;
using verdict = trace_checker::verdict;

namespace {

constexpr auto self = "sum:1";
const std::vector<key_id> first = {key_id{1}, key_id{2}};
const std::vector<key_id> second = {key_id{3}};

digest d(std::string_view text) {
  return digest_of(text);
}

node_record record() {
  trace_recorder recorder("sum", 3, self);
  std::vector<digest> outputs = {d("1"), d("2")};
  recorder.answered(first, outputs);
  recorder.answered({}, {});
  outputs = {d("3")};
  recorder.answered(second, outputs);
  node_record out;
  recorder.finish(out);
  return out;
}

} // namespace

TEST_CASE("a trace keeps order and groups, and gives its record back") {
  auto stored = record();
  CHECK(stored.group_sizes == std::vector<std::uint32_t>{2, 1});
  CHECK(stored.dependencies[1].output_prefix == d("2").prefix());
  trace t(stored, true);
  CHECK(std::vector(t.keys().begin(), t.keys().end()) ==
        std::vector{first[0], first[1], second[0]});
  node_record again;
  t.to(again);
  CHECK(again == stored);
  CHECK(t == trace(stored, false));
}

TEST_CASE("a single group is checked without its prefixes") {
  trace_recorder recorder("sum", 3, self);
  recorder.answered(first, std::vector{d("1"), d("2")});
  node_record stored;
  recorder.finish(stored);
  trace t(stored, false);
  CHECK(t.prefixes().empty());
  trace_checker same("sum", 3, self, t), other("sum", 3, self, t);
  CHECK(same.answered(std::vector{d("1"), d("2")}) == verdict::same);
  CHECK(other.answered(std::vector{d("1"), d("x")}) == verdict::changed);
}

TEST_CASE("equal digests verify a trace, group by group") {
  trace t(record(), false);
  trace_checker checker("sum", 3, self, t);
  REQUIRE(checker.begin() == verdict::next);
  CHECK(checker.next_group()[0] == first[0]);
  REQUIRE(checker.answered(std::vector{d("1"), d("2")}) == verdict::next);
  CHECK(checker.next_group()[0] == second[0]);
  CHECK(checker.answered(std::vector{d("3")}) == verdict::same);
}

TEST_CASE("a difference ends the check before the next group") {
  trace t(record(), false);
  trace_checker checker("sum", 3, self, t);
  CHECK(checker.answered(std::vector{d("1"), d("x")}) == verdict::changed);
}

TEST_CASE("a difference behind an equal prefix is found by the input digest") {
  trace t(record(), false);
  trace_checker checker("sum", 3, self, t);
  auto near = d("2");
  near.bytes[31] ^= 1;
  REQUIRE(checker.answered(std::vector{d("1"), near}) == verdict::next);
  CHECK(checker.answered(std::vector{d("3")}) == verdict::changed);
}

TEST_CASE("another kind version, key or order is another input") {
  trace t(record(), false);
  trace_checker version("sum", 4, self, t);
  REQUIRE(version.answered(std::vector{d("1"), d("2")}) == verdict::next);
  CHECK(version.answered(std::vector{d("3")}) == verdict::changed);
  input_digest ab("k", 1, "k:x"), ba("k", 1, "k:x"), split("k", 1, "k:x");
  ab.add(std::vector{d("a"), d("b")});
  ba.add(std::vector{d("b"), d("a")});
  split.add(std::vector{d("a")});
  split.add(std::vector{d("b")});
  CHECK(ab.get() != ba.get());
  CHECK(ab.get() != split.get());
}

TEST_CASE("a trace without dependencies is decided at once") {
  trace_recorder recorder("sum", 1, self);
  node_record empty;
  recorder.finish(empty);
  trace t(empty, false);
  CHECK(trace_checker("sum", 1, self, t).begin() == verdict::same);
  CHECK(trace_checker("sum", 2, self, t).begin() == verdict::changed);
}
