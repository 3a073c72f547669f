// Random changes, losses and interruptions between builds, against the right answer: outputs and
// the number of actions that had to run.
#include "layered.hpp"
#include "stamps.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

using namespace e2e;

namespace {

class battered_workspace : public layered_workspace {
public:
  explicit battered_workspace(chance& random) : layered_workspace(4, 6), random_(random) {}

  /// One random event. Gives its name.
  std::string happen() {
    struct event {
      const char* name;
      void (battered_workspace::*happen)();
    };
    static constexpr event events[] = {
        {"edit", &battered_workspace::edit_source},
        {"hidden edit", &battered_workspace::edit_hidden},
        {"exchange", &battered_workspace::exchange},
        {"same again", &battered_workspace::rewrite},
        {"touch", &battered_workspace::touch},
        {"output gone", &battered_workspace::lose_output},
        {"output tampered", &battered_workspace::tamper},
        {"outputs gone", &battered_workspace::lose_outputs},
        {"comment", &battered_workspace::comment},
        {"part", &battered_workspace::build_part},
        {"stopped", &battered_workspace::stop_build},
        {"failed", &battered_workspace::fail_build},
        {"cache gone", &battered_workspace::lose_cache},
        {"state gone", &battered_workspace::lose_state},
        {"gc", &battered_workspace::collect},
        {"gc of all blobs", &battered_workspace::collect_blobs},
        {"verify", &battered_workspace::verify},
    };
    auto& chosen = events[random_.below(std::size(events))];
    (this->*chosen.happen)();
    return chosen.name;
  }

  void lose_outputs() { remove("zako-out"); }

  /// Whether the number of actions of the next build is known exactly: nothing was lost, and
  /// nothing built in between.
  bool exact = true;
  /// What stands in the workspace may not be in the cache.
  bool blobs_lost = false;

private:
  std::uint64_t any_source() { return random_.below(6); }
  fs::path source(std::uint64_t i) const { return root() / ("s" + std::to_string(i)); }
  fs::path any_output() {
    return root() / output(static_cast<int>(random_.below(4)), any_source());
  }
  /// Always of the same length, so that only the content tells.
  std::string any_text() { return std::to_string(1'000'000 + random_.below(9'000'000)) + "\n"; }

  void edit_source() { set_source(any_source(), any_text()); }
  void edit_hidden() {
    auto i = any_source();
    auto then = stat_of(source(i));
    set_source(i, any_text());
    set_mtime(source(i), then);
  }
  void exchange() {
    auto a = any_source(), b = any_source();
    auto first = read_file(source(a)), second = read_file(source(b));
    fs::rename(source(a), outside() / "exchanged");
    if (a != b)
      fs::rename(source(b), source(a));
    fs::rename(outside() / "exchanged", source(b));
    took_place(a, second);
    took_place(b, first);
  }
  void rewrite() {
    auto i = any_source();
    set_source(i, read_file(source(i)));
  }
  void touch() { shift_mtime(source(any_source()), static_cast<long>(random_.below(7200)) - 3600); }
  void lose_output() { fs::remove(any_output()); }
  void tamper() {
    auto path = any_output();
    if (!fs::exists(path))
      return;
    auto then = stat_of(path);
    auto text = read_file(path);
    text[random_.below(text.size())] ^= 1;
    write_file(path, text);
    set_mtime(path, then);
  }
  void comment() { edit("BUILD.ts", "export default", "// once more\nexport default"); }
  void build_part() {
    exact = false;
    build({"//:n" + std::to_string(random_.below(4)) + "_" + std::to_string(any_source())});
  }
  void stop_build() {
    exact = false;
    program started{command({"build"}), root(), environment};
    std::this_thread::sleep_for(std::chrono::microseconds(random_.below(40'000)));
    started.send(random_.below(2) ? SIGINT : SIGKILL);
    started.wait();
    // A program that it was just starting may have its lock open for another moment.
    int lock = open((root() / ".zako/lock").c_str(), O_RDWR | O_CLOEXEC);
    CHECK(eventually([&] { return lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0; }));
    close(lock);
  }
  void fail_build() {
    exact = false;
    auto path = source(any_source());
    fs::rename(path, outside() / "hidden");
    build_fails();
    fs::rename(outside() / "hidden", path);
  }
  void lose_cache() {
    exact = false;
    blobs_lost = true;
    fs::remove_all(environment.at("ZAKO_CACHE"));
  }
  void collect() { succeeds({"gc"}); }
  void collect_blobs() {
    exact = false;
    blobs_lost = true;
    succeeds({"gc", "--max-size", "0K"});
  }
  void verify() { succeeds({"verify"}); }
  void succeeds(const words& arguments) {
    auto done = zako(arguments);
    INFO(done.all());
    REQUIRE(done.code == 0);
  }
  void lose_state() {
    exact = false;
    remove(".zako");
  }

  chance& random_;
};

TEST_CASE("after any mishaps a build is right, and runs no action that it need not") {
  chance random("mishaps");
  battered_workspace w(random);
  w.build();
  for (auto rounds = repeats("ZAKO_ROUNDS", 300); rounds > 0; --rounds) {
    auto before = w.right();
    w.exact = true;
    w.blobs_lost = false;
    std::string story;
    for (auto n = 1 + random.below(4); n > 0; --n)
      story += w.happen() + ", ";
    CAPTURE(rounds, story);
    if (w.blobs_lost) // all of it is in the cache again for the next round
      w.lose_outputs();
    auto expected = totals{w.affected_since(before), w.actions() - w.affected_since(before), 0};
    auto done = w.build();
    REQUIRE(w.wrong_output() == "");
    if (w.exact)
      REQUIRE(done == expected);
    REQUIRE(w.build() == totals{0, w.actions(), 0});
  }
}

} // namespace
