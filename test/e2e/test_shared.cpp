// Several builds at once: of one workspace, where one works and the others wait, and of several
// with one cache. Some are killed.
#include "layered.hpp"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <regex>
#include <thread>

using namespace e2e;

namespace {

struct running {
  std::list<program> all;
  std::vector<const program*> killed;

  [[nodiscard]] const program* find(pid_t pid) const {
    for (auto& x : all)
      if (x.pid() == pid)
        return &x;
    return nullptr;
  }
};

/// Who holds the workspace, as its lock tells; 0 when nobody has yet.
pid_t holder(const workspace& w) {
  static const std::regex form(R"(^pid (\d+): zako build )");
  auto text = w.read(".zako/lock");
  std::smatch found;
  return std::regex_search(text, found, form) ? std::stoi(found[1]) : 0;
}

void pause_for(std::uint64_t milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

TEST_CASE("builds of one workspace wait for each other, also when the one at work is killed") {
  auto builds = GENERATE(2, 8);
  chance random("builds of one workspace");
  layered_workspace w(3, 6);
  w.delay(10);
  std::uint64_t waited = 0, killed_holders = 0;
  auto rounds = repeats("ZAKO_SHARED_ROUNDS", 12);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    w.change_all(random);
    if (round % 4 == 0)
      w.forget();
    running now;
    for (int i = 0; i < builds; ++i)
      now.all.emplace_back(w.command({"build", "-j", "4"}), w.root(), w.environment);
    for (auto kills = random.below(static_cast<std::uint64_t>(builds)); kills > 0; --kills) {
      pause_for(random.below(80));
      if (auto* victim = now.find(holder(w));
          victim && is_alive(victim->pid()) &&
          std::find(now.killed.begin(), now.killed.end(), victim) == now.killed.end()) {
        victim->send(SIGKILL);
        now.killed.push_back(victim);
      }
    }
    std::string pids;
    for (auto& build : now.all)
      pids += (pids.empty() ? "" : "|") + std::to_string(build.pid());
    // Between a holder's death and the next one's first word the text is that of the dead, or none.
    std::regex waiting("waiting: the workspace is held by (pid (" + pids +
                       "): zako build //\\.\\.\\. \\(since [-0-9]+ [:0-9]+\\)|another process)\n");
    int worked = 0;
    for (auto& build : now.all) {
      bool killed = std::find(now.killed.begin(), now.killed.end(), &build) != now.killed.end();
      auto done = build.wait();
      CAPTURE(round, builds, killed, done.all());
      if (killed && done.code != 0) {
        REQUIRE(done.code == 128 + SIGKILL);
        ++killed_holders;
        continue;
      }
      REQUIRE(done.code == 0);
      worked += totals_of(done).run > 0;
      if (!done.err.empty()) {
        REQUIRE(std::regex_match(done.err, waiting));
        ++waited;
      }
    }
    CAPTURE(round, builds);
    REQUIRE(worked <= 1); // whoever comes after a build that has ended has nothing to do
    REQUIRE(w.wrong_output() == "");
    REQUIRE(w.build() == totals{0, w.actions(), 0});
  }
  CHECK(waited >= rounds / 2);
  CHECK(killed_holders > 0);
}

TEST_CASE(
    "workspaces that share a cache build at once, while it is collected, some are killed, and "
    "all are right") {
  chance random("one cache");
  layered_workspace collector(1, 4);
  std::list<layered_workspace> all;
  for (int i = 0; i < 4; ++i) {
    all.emplace_back(3, 6);
    all.back().environment["ZAKO_CACHE"] = all.front().environment["ZAKO_CACHE"];
  }
  collector.environment["ZAKO_CACHE"] = all.front().environment["ZAKO_CACHE"];
  auto rounds = repeats("ZAKO_SHARED_ROUNDS", 12);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    auto lost = random.below(4);
    if (lost == 0)
      fs::remove_all(all.front().environment["ZAKO_CACHE"]);
    auto same = std::to_string(random.below(1u << 30));
    std::list<program> builds;
    for (auto& w : all) {
      // The same blobs are made by several.
      for (std::uint64_t i = 0; i < 6; ++i)
        w.set_source(i, same + (i == 0 ? w.root().string() : ""));
      if (random.below(3) == 0)
        w.remove("zako-out");
      builds.emplace_back(w.command({"build", "-j", "2"}), w.root(), w.environment);
    }
    // At times blobs go that a build has just made or is about to want.
    program collecting{
        collector.command(random.below(2) ? words{"gc", "--max-size", "0K"} : words{"gc"}),
        collector.root(), collector.environment};
    for (auto& build : builds) {
      pause_for(random.below(20));
      if (random.below(2))
        build.send(SIGKILL);
    }
    for (auto& build : builds) {
      auto done = build.wait();
      CAPTURE(round, done.all());
      REQUIRE((done.code == 0 || done.code == 128 + SIGKILL));
    }
    for (auto& w : all)
      builds.emplace_back(w.command({"build"}), w.root(), w.environment);
    auto collected = collecting.wait();
    INFO(collected.all());
    REQUIRE(collected.code == 0);
    for (auto build = std::next(builds.begin(), 4); build != builds.end(); ++build) {
      auto done = build->wait();
      CAPTURE(round, done.all());
      REQUIRE(done.code == 0);
    }
    for (auto& w : all)
      REQUIRE(w.wrong_output() == "");
  }
}

} // namespace
