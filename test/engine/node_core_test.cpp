// One node alone: its questions are bounded, and its states are what its asker sees.
#include <catch2/catch.hpp>

#include "engine/node_core.hpp"

using namespace zako;

namespace {

/// Writes down what the node wants. Keys are "one:N", with N as their id.
struct port {
  using asker = int;
  using worker = int;

  std::string_view text(key_id id) {
    name = "one:" + std::to_string(id.number());
    return name;
  }
  key_id id_of(const std::string& text) {
    return key_id(static_cast<std::uint32_t>(std::stoul(text.substr(4))));
  }
  const kind* find_kind(std::string_view what) { return kinds.find(what); }
  bool stores() { return false; }
  void ask(key_id target, const question_to_node& what) { asked.emplace_back(target, what.slot); }
  void drop(key_id, std::uint32_t, bool) { ++dropped; }
  void answer(int, std::uint32_t, const shared_outcome& what, bool) { answers.push_back(what); }
  void offer(std::uint32_t, const job&, const job_context&) {}
  void start(std::uint32_t, job&&, const job_context&) {}
  void resume(int, std::uint32_t, resume_job&&) {}
  void cancel(std::uint32_t, const job&, const char*, bool) {}
  void release(std::uint32_t, const char*) {}
  void save(key_id, const node_record&) {}
  void began() {}
  void wanted() {}
  void done(bool, bool) {}
  void step_done(bool, const shared_outcome&, const job_origin&) {}

  std::string name;
  kind_table kinds;
  std::vector<std::pair<key_id, std::uint32_t>> asked;
  int dropped = 0;
  std::vector<shared_outcome> answers;
};

/// Adds up what `count` other nodes say; `resumed` counts how often it went on.
void add_sum(port& out, std::uint32_t count, int& resumed) {
  out.kinds.add({.name = "one",
                 .version = 1,
                 .compute = [count, &resumed](context& ctx) -> task<outcome> {
                   std::vector<key> below;
                   for (std::uint32_t i = 0; i < count; ++i)
                     below.emplace_back("one", std::to_string(i + 2));
                   auto got = co_await ctx.request_all(std::move(below));
                   ++resumed;
                   std::int32_t sum = 0;
                   for (auto& x : got) {
                     if (!x)
                       co_return tl::unexpected(x.error());
                     sum += **x->as<std::int32_t>();
                   }
                   co_return value::of(sum);
                 },
                 .confirm = nullptr,
                 .counted = false});
}

std::size_t waits(const node_core<port>& node) {
  std::size_t n = 0;
  node.for_each_wait([&](key_id) { ++n; });
  return n;
}

} // namespace

TEST_CASE("a node with many dependencies asks a bounded number at once, and goes on once") {
  port out;
  int resumed = 0;
  constexpr std::uint32_t count = 3 * max_open_questions + 5;
  add_sum(out, count, resumed);
  node_core<port> node(key_id{1});
  CHECK(node.state_at(1) == node_state::unreachable);
  node.on_question(out, 0, {.slot = 9, .revision = 1});
  CHECK(node.state_at(1) == node_state::computing);
  CHECK(out.asked.size() == max_open_questions);
  CHECK(waits(node) == count);
  auto one = value::of<std::int32_t>(1);
  for (std::size_t i = 0; i < out.asked.size(); ++i) {
    CHECK(resumed == 0);
    REQUIRE(out.asked.size() <= i + max_open_questions);
    node.on_reply(out, out.asked[i].second, one.output(), one);
  }
  CHECK(out.asked.size() == count);
  CHECK(resumed == 1);
  REQUIRE(out.answers.size() == 1);
  CHECK(**out.answers[0].get()->as<std::int32_t>() == static_cast<std::int32_t>(count));
  CHECK(node.state_at(1) == node_state::verified);
  CHECK(node.state_at(2) == node_state::dirty);
}

TEST_CASE("a node that is dropped takes back only what it has asked") {
  port out;
  int resumed = 0;
  add_sum(out, 2 * max_open_questions, resumed);
  node_core<port> node(key_id{1});
  node.on_question(out, 0, {.slot = 9, .revision = 1});
  node.on_drop(out, 0, 9, false);
  CHECK(out.dropped == max_open_questions);
  CHECK(node.state_at(1) == node_state::unreachable);
  CHECK(resumed == 0);
}

TEST_CASE("a failure of its own makes a node failed, and a cycle leaves nothing to remember") {
  port out;
  int resumed = 0;
  add_sum(out, 1, resumed);
  node_core<port> node(key_id{1});
  node.on_question(out, 0, {.slot = 1, .revision = 1});
  node.on_cycle(out, fail(errc::cycle, "a ring").value());
  REQUIRE(out.answers.size() == 1);
  CHECK(out.answers[0].why().code == errc::cycle);
  CHECK(node.state_at(1) == node_state::failed);
  node.on_question(out, 0, {.slot = 2, .revision = 2});
  CHECK(out.asked.size() == 2);
  shared_outcome broken = fail(errc::not_found, "it is gone");
  node.on_reply(out, out.asked[1].second, broken.output(), broken);
  CHECK(node.state_at(2) == node_state::failed);
  CHECK(out.answers[1].why().message == "it is gone");
}

TEST_CASE("a failure that is asked again and given up does not uncover the value before it") {
  port out;
  int resumed = 0;
  add_sum(out, 1, resumed);
  node_core<port> node(key_id{1});
  auto answer = [&](const shared_outcome& what) {
    node.on_reply(out, out.asked.back().second, what.output(), what);
  };
  node.on_question(out, 0, {.slot = 1, .revision = 1});
  answer(shared_outcome(value::of<std::int32_t>(1)));
  CHECK(node.state_at(1) == node_state::verified);
  shared_outcome refused = fail(errc::io, "not today");
  node.on_question(out, 0, {.slot = 2, .revision = 2});
  answer(refused); // to the check of its trace
  answer(refused); // to the computation
  CHECK(node.state_at(2) == node_state::failed);
  node.on_question(out, 0, {.slot = 3, .revision = 3});
  node.on_drop(out, 0, 3, false);
  CHECK(node.state_at(2) != node_state::verified);
}
