// Traces: recording, checking, and what a check never asks.
#include <catch2/catch.hpp>

#include "engine/codec.hpp"
#include "engine/trace.hpp"

using namespace zako;
using verdict = trace_checker::verdict;

namespace {

const key self = key::from_text("sum:1");
const std::vector<key> first = {key::from_text("file:a"), key::from_text("file:b")};
const std::vector<key> second = {key::from_text("file:c")};

digest d(std::string_view text) {
  return digest_of(text);
}

trace record() {
  trace_recorder recorder(self, 3);
  std::vector<digest> outputs = {d("1"), d("2")};
  recorder.answered(first, outputs);
  recorder.answered({}, {});
  outputs = {d("3")};
  recorder.answered(second, outputs);
  return recorder.finish();
}

} // namespace

TEST_CASE("a trace keeps order and groups, and survives its bytes") {
  auto t = record();
  REQUIRE(t.groups.size() == 2);
  CHECK(t.groups[0][1].what == first[1]);
  CHECK(t.groups[0][1].prefix == d("2").prefix());
  CHECK(t.groups[1].size() == 1);
  CHECK(decode<trace>(encode(t)) == t);
}

TEST_CASE("equal digests verify a trace, group by group") {
  auto t = record();
  trace_checker checker(self, 3, t);
  REQUIRE(checker.begin() == verdict::next);
  CHECK(checker.next_group()[0].what == first[0]);
  REQUIRE(checker.answered(std::vector{d("1"), d("2")}) == verdict::next);
  CHECK(checker.next_group()[0].what == second[0]);
  CHECK(checker.answered(std::vector{d("3")}) == verdict::same);
}

TEST_CASE("a difference ends the check before the next group") {
  auto t = record();
  trace_checker checker(self, 3, t);
  CHECK(checker.answered(std::vector{d("1"), d("x")}) == verdict::changed);
}

TEST_CASE("a difference behind an equal prefix is found by the input digest") {
  auto t = record();
  trace_checker checker(self, 3, t);
  auto near = d("2");
  near.bytes[31] ^= 1;
  REQUIRE(checker.answered(std::vector{d("1"), near}) == verdict::next);
  CHECK(checker.answered(std::vector{d("3")}) == verdict::changed);
}

TEST_CASE("another kind version, key or order is another input") {
  auto t = record();
  trace_checker version(self, 4, t);
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
  trace_recorder recorder(self, 1);
  auto t = recorder.finish();
  CHECK(trace_checker(self, 1, t).begin() == verdict::same);
  CHECK(trace_checker(self, 2, t).begin() == verdict::changed);
}
