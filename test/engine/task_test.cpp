// Tasks: order, long chains, and computations that are given up at any point.
#include <catch2/catch.hpp>

#include "engine/context.hpp"

using namespace zako;

namespace {

/// Keeps what is awaited; `answer` lets the computation go on.
class paused : public context {
public:
  [[nodiscard]] const key& self() const override { return self_; }
  [[nodiscard]] const std::optional<value>& previous() const override { return previous_; }

  bool answer() {
    if (auto requests = std::exchange(requests_, nullptr)) {
      for (auto& x : requests->answers)
        x = value::of(std::string("answer"));
      requests->waiter.resume();
      return true;
    }
    if (auto job = std::exchange(job_, nullptr)) {
      job->answer = job_answer{std::string("text")};
      job->waiter.resume();
      return true;
    }
    return false;
  }

protected:
  void ask(pending_requests& pending) override { requests_ = &pending; }
  void start(pending_job& pending) override { job_ = &pending; }

private:
  key self_ = key::from_text("self:");
  std::optional<value> previous_;
  pending_requests* requests_ = nullptr;
  pending_job* job_ = nullptr;
};

/// Counts the objects that live in frames.
struct counted {
  static inline int alive = 0;
  std::string text = "long enough to be on the heap, and not in the object itself";
  counted() { ++alive; }
  counted(const counted& x) : text(x.text) { ++alive; }
  ~counted() { --alive; }
};

task<result<std::string>> inner(context& ctx, counted) {
  counted local;
  auto one = co_await ctx.get<std::string>(key("one", "1"));
  if (!one)
    co_return fail(std::move(one.error()));
  read_job read;
  read.path = local.text;
  auto text = co_await ctx.perform(std::move(read));
  co_return text;
}

task<outcome> outer(context& ctx) {
  counted local;
  std::vector<key> keys = {key("a", "1"), key("b", "2")};
  auto both = co_await ctx.request_all(std::move(keys));
  auto none = co_await ctx.request_all(std::vector<key>());
  auto text = co_await inner(ctx, local);
  if (!text)
    co_return fail(std::move(text.error()));
  co_return value::of(std::to_string(both.size() + none.size()) + *text);
}

task<int> ready(int x) {
  co_return x;
}

task<long> sum(int n) {
  long total = 0;
  for (int i = 0; i < n; ++i)
    total += co_await ready(i);
  co_return total;
}

} // namespace

TEST_CASE("a computation runs to its end, one answer at a time") {
  paused ctx;
  auto work = outer(ctx);
  CHECK(counted::alive == 0); // lazy
  work.start();
  int answers = 0;
  while (!work.done()) {
    REQUIRE(ctx.answer());
    ++answers;
  }
  CHECK(answers == 3);
  auto got = work.take();
  REQUIRE(got);
  CHECK(**got->as<std::string>() == "2text");
  work = {};
  CHECK(counted::alive == 0);
}

TEST_CASE("a computation can be given up at every await") {
  for (int answers = 0; answers <= 3; ++answers) {
    paused ctx;
    {
      auto work = outer(ctx);
      work.start();
      for (int i = 0; i < answers; ++i)
        REQUIRE(ctx.answer());
    }
    CHECK(counted::alive == 0);
  }
  paused ctx;
  auto never_started = outer(ctx);
  CHECK_FALSE(never_started.done());
}

TEST_CASE("many awaits that are ready at once take no stack") {
  auto work = sum(200'000);
  work.start();
  REQUIRE(work.done());
  CHECK(work.take() == 199'999L * 100'000L);
}
