// kill -9 at random moments of builds: the next build ends with what a clean one makes, and keeps
// what was finished.
#include "layered.hpp"

#include <signal.h>

#include <chrono>
#include <thread>

using namespace e2e;

namespace {

/// What a build has finished is safe this long after, at most: it is written twice as often.
constexpr std::chrono::milliseconds time_to_disk{1000};

using milliseconds = std::chrono::duration<double, std::milli>;

/// Sends a signal to a build after that time. False when it had ended before.
bool build_stopped_after(const workspace& w, milliseconds time, int signal = SIGKILL) {
  program build{w.command({"build", "-j", "4"}), w.root(), w.environment};
  std::this_thread::sleep_for(time);
  build.send(signal);
  auto done = build.wait();
  INFO(done.all());
  REQUIRE((done.code == 0 || done.code == (signal == SIGINT ? 130 : 128 + SIGKILL)));
  return done.code != 0;
}

TEST_CASE("builds killed at random moments are followed by right ones") {
  chance random("kills");
  layered_workspace w(4, 15);
  w.build();
  milliseconds windows[] = {milliseconds{60}, milliseconds{300}}; // in which builds are killed
  auto kills = repeats("ZAKO_KILLS", 300);
  for (std::uint64_t killed = 0; killed < kills;) {
    bool from_nothing = random.below(8) == 0;
    auto& window = windows[from_nothing];
    if (from_nothing)
      w.forget();
    w.change_all(random);
    if (random.below(4) == 0)
      build_stopped_after(w, window * random.share(), SIGINT);
    // What is left to do may be killed again. The window follows the speed of this machine: three
    // of four builds do not come to their end.
    bool hit = true;
    for (auto crashes = 1 + random.below(3); hit && crashes > 0; --crashes) {
      hit = build_stopped_after(w, window * random.share());
      killed += hit;
      window *= hit ? 1.05 : 0.85;
    }
    auto done = w.zako({"build"});
    CAPTURE(killed, from_nothing, done.all());
    REQUIRE(done.code == 0);
    REQUIRE(w.wrong_output() == "");
    // Whatever the killed builds have left half-done is no reason to run an action twice.
    auto again = w.zako({"build"});
    REQUIRE(totals_of(again) == totals{0, w.actions(), 0});
  }
  layered_workspace other(w);
  other.build();
  CHECK(other.wrong_output() == ""); // what a clean build makes is what this test expects
}

TEST_CASE("long builds killed at random moments are gone on with") {
  chance random("kills of long builds");
  layered_workspace w(6, 8);
  w.build();
  w.delay(100);
  std::uint64_t safe = 0;
  for (auto rounds = repeats("ZAKO_LONG_KILLS", 8); rounds > 0; --rounds) {
    w.change_all(random);
    fs::remove(w.outside() / "ran");
    build_stopped_after(w, milliseconds{400 + 1400 * random.share()});
    auto old = fs::file_time_type::clock::now() - time_to_disk;
    int finished = 0;
    for (auto& output : w.ran())
      finished += fs::last_write_time(w.root() / output) < old;
    auto done = w.zako({"build"});
    CAPTURE(rounds, finished, done.all());
    REQUIRE(done.code == 0);
    REQUIRE(w.wrong_output() == "");
    REQUIRE(totals_of(done).run <= w.actions() - finished);
    safe += static_cast<std::uint64_t>(finished);
  }
  CHECK(safe > 0); // or no build was long enough
}

TEST_CASE("what was finished before a kill is not done again") {
  workspace w;
  auto hold = w.outside() / "hold";
  std::string text = import_generate;
  for (int i = 0; i < 8; ++i) {
    auto n = std::to_string(i);
    text += shell_target("quick" + n, "echo " + n + " > zako-out/quick" + n, {"quick" + n});
  }
  text += shell_target(
      "slow", "while test -e " + hold.string() + "; do sleep 0.02; done; echo > zako-out/slow",
      {"slow"});
  w.write("BUILD.ts", text);
  write_file(hold, "");
  {
    program build{w.command({"build", "-j", "2"}), w.root(), w.environment};
    REQUIRE(eventually([&] {
      for (int i = 0; i < 8; ++i)
        if (w.read("zako-out/quick" + std::to_string(i)).empty())
          return false;
      return true;
    }));
    std::this_thread::sleep_for(time_to_disk);
    build.send(SIGKILL);
    build.wait();
  }
  fs::remove(hold);
  CHECK(w.build() == totals{1, 8, 0}); // only what was under way
}

} // namespace
