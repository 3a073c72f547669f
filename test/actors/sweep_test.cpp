// Protects builds in a workspace against stale answers: random edits of real files under a random
// graph, with failures, cancels, restarts, several roots and two sessions at once; after each step
// the answer equals what the files say, and what did not change is not computed again.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include <catch2/catch.hpp>

#include "engine/keys.hpp"
#include "engine/values.hpp"
#include "engine_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

constexpr unsigned nodes = 24;

std::string source_of(unsigned n) {
  return "src/" + std::to_string(n % 4) + "/f" + std::to_string(n);
}

/// What a content means for node n: whom it asks, in up to two groups, and how it ends. The second
/// group depends on what the first one gave.
struct meaning {
  unsigned bits;

  explicit meaning(const digest& content) : bits(static_cast<unsigned>(content.prefix())) {}

  [[nodiscard]] std::vector<unsigned> group(unsigned n, unsigned i) const {
    std::vector<unsigned> out;
    for (unsigned k = 0; n > 0 && k < (bits >> (3 + 2 * i)) % 4; ++k)
      out.push_back((bits >> (8 + 4 * k + i)) % n);
    return out;
  }
  [[nodiscard]] bool fails() const { return bits % 16 == 3; }
  [[nodiscard]] bool fails_by_chance() const { return bits % 32 == 5; }
};

std::int32_t mixed(std::int32_t a, std::int32_t b) {
  return (a * 31 + b) % 97 / 3; // many inputs give one output: changes are cut off
}

error broken(unsigned n, bool by_chance) {
  return fail(by_chance ? errc::io : errc::invalid_argument, "node " + std::to_string(n) + " fails")
      .value();
}

kind mix_kind(std::shared_ptr<counters> runs) {
  auto compute = [runs](context& ctx) -> task<outcome> {
    runs->count(ctx.self().text());
    auto n = static_cast<unsigned>(std::stoul(std::string(ctx.self().payload())));
    auto file = co_await ctx.get<file_value>(file_key(source_of(n)));
    if (!file)
      co_return tl::unexpected(file.error());
    meaning m{(*file)->content};
    auto sum = static_cast<std::int32_t>(m.bits % 7);
    for (unsigned i = 0; i < 2; ++i) {
      if (i == 1 && sum % 2 == 0)
        break;
      std::vector<key> keys;
      for (auto d : m.group(n, i))
        keys.emplace_back("mix", std::to_string(d));
      auto got = co_await ctx.request_all(std::move(keys));
      for (auto& x : got) {
        if (!x)
          co_return tl::unexpected(x.error());
        sum = mixed(sum, **x->as<std::int32_t>()); // no assertion: this is another thread
      }
    }
    if (m.fails() || m.fails_by_chance())
      co_return tl::unexpected(broken(n, m.fails_by_chance()));
    co_return value::of(sum);
  };
  return {.name = "mix", .version = 1, .compute = compute, .confirm = nullptr, .counted = true};
}

/// The right answer, from the files alone.
result<std::int32_t> naive(const std::map<unsigned, std::string>& contents, unsigned n) {
  auto known = contents.find(n);
  meaning m{known == contents.end() ? digest{} : digest_of(known->second)};
  auto sum = static_cast<std::int32_t>(m.bits % 7);
  for (unsigned i = 0; i < 2; ++i) {
    if (i == 1 && sum % 2 == 0)
      break;
    for (auto d : m.group(n, i)) {
      auto x = naive(contents, d);
      if (!x)
        return x;
      sum = mixed(sum, *x);
    }
  }
  if (m.fails() || m.fails_by_chance())
    return tl::unexpected(broken(n, m.fails_by_chance()));
  return sum;
}

class sequence {
public:
  explicit sequence(unsigned seed) : random_(seed) {
    for (unsigned n = 0; n < nodes; ++n)
      write(n);
    open();
  }

  void step() {
    for (auto i = below(4); i > 0; --i)
      edit();
    auto what = below(10);
    if (what == 0)
      return open();
    if (what == 1)
      return cancel();
    if (what == 2)
      return ask_two();
    auto root = below(nodes);
    check(root, engine_->get(root_key(root), every).root);
    if (what == 3 && naive(contents_, root)) {
      auto before = runs_->total();
      check(root, engine_->get(root_key(root), every).root);
      CHECK(runs_->total() == before); // nothing changed, nothing is computed
    }
  }

private:
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  /// Without it, a session ends with whichever failure comes first.
  static constexpr session_options every{.keep_going = true};

  static key root_key(unsigned n) { return key("mix", std::to_string(n)); }

  void write(unsigned n) {
    contents_[n] = "content " + std::to_string(below(40));
    folder_.write("w/" + source_of(n), contents_[n]);
  }

  void edit() {
    auto n = below(nodes);
    auto path = folder_.path("w/" + source_of(n));
    switch (below(6)) {
    case 0: // touched
      return folder_.write("w/" + source_of(n), contents_.contains(n) ? contents_[n] : "");
    case 1: // replaced by rename
      write(n);
      std::filesystem::rename(path, path + ".new");
      return std::filesystem::rename(path + ".new", path);
    case 2: // removed
      std::filesystem::remove(path);
      contents_.erase(n);
      return;
    default:
      return write(n);
    }
  }

  /// The same content as before may have come back: case 0 of a missing file makes an empty one.
  void read_back() {
    for (unsigned n = 0; n < nodes; ++n)
      if (!contents_.contains(n) && std::filesystem::exists(folder_.path("w/" + source_of(n))))
        contents_[n] = "";
  }

  void open() {
    engine_.reset();
    kind_table kinds;
    kinds.add(mix_kind(runs_));
    engine_ = std::make_unique<engine_fixture>(std::move(kinds), folder_.path("w"),
                                               folder_.path("cache"));
  }

  void cancel() {
    auto session = engine_->open();
    auto& self = engine_->self();
    auto answer = self->request(session, caf::infinite, root_key(below(nodes)));
    std::this_thread::sleep_for(std::chrono::microseconds(below(1500)));
    self->send(session, cancel_session{"test"});
    answer.receive([](const session_report&) {}, [](const caf::error&) { FAIL("cancel"); });
  }

  void ask_two() {
    auto a = below(nodes), b = below(nodes);
    auto one = engine_->open(every), two = engine_->open(every);
    auto& self = engine_->self();
    auto first = self->request(one, caf::infinite, root_key(a));
    auto second = self->request(two, caf::infinite, root_key(b));
    first.receive([&](const session_report& x) { check(a, x.root); },
                  [](const caf::error&) { FAIL("first"); });
    second.receive([&](const session_report& x) { check(b, x.root); },
                   [](const caf::error&) { FAIL("second"); });
  }

  void check(unsigned n, const outcome& got) {
    read_back();
    auto right = naive(contents_, n);
    if (right)
      REQUIRE((got ? number(got) : -1) == *right);
    else
      REQUIRE((got ? "a value" : got.error().message) == right.error().message);
  }

  std::mt19937 random_;
  temporary_folder folder_{memory_folder()};
  std::map<unsigned, std::string> contents_;
  std::shared_ptr<counters> runs_ = std::make_shared<counters>();
  std::unique_ptr<engine_fixture> engine_;
};

} // namespace

TEST_CASE("random edits of files never give a stale answer") {
  auto* text = std::getenv("ZAKO_SEED");
  auto* more = std::getenv("ZAKO_SEQUENCES");
  unsigned first = text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 1;
  unsigned count = more ? static_cast<unsigned>(std::strtoul(more, nullptr, 10)) : text ? 1 : 300;
  for (unsigned seed = first; seed < first + count; ++seed) {
    INFO("ZAKO_SEED=" << seed);
    sequence s{seed};
    for (int i = 0; i < 25; ++i)
      s.step();
  }
}
