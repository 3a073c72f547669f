// Each call by which a build changes files is where it is killed, or where the disk fails it: the
// next build is right. fault.c makes it so.
#include "layered.hpp"

#include <signal.h>

#include <cerrno>

using namespace e2e;
using Catch::Contains;

namespace {

struct faulty_build {
  finished done;
  std::uint64_t calls = 0; // that change files, until the build's end
};

/// A build with ZAKO_FAULT=`fault`.
faulty_build build_with(const workspace& w, const std::string& fault) {
  auto count = w.outside() / "count";
  write_file(count, std::string(8, '\0'));
  auto environment = w.environment;
  auto* object = std::getenv("ZAKO_FAULT_OBJECT");
  REQUIRE(object);
  environment["LD_PRELOAD"] = object;
  environment["ZAKO_FAULT"] = fault;
  environment["ZAKO_FAULT_COUNT"] = count.string();
  faulty_build out;
  out.done = run(w.command({"build", "-j", "3"}), w.root(), environment);
  read_file(count).copy(reinterpret_cast<char*>(&out.calls), sizeof out.calls);
  return out;
}

/// The build after a fault is right, and leaves nothing to do.
void check_recovered(const layered_workspace& w) {
  auto done = w.zako({"build"});
  CAPTURE(done.all());
  REQUIRE(done.code == 0);
  REQUIRE(w.wrong_output() == "");
  auto again = w.zako({"build"});
  REQUIRE(totals_of(again) == totals{0, w.actions(), 0});
}

/// Does `one(n)` for each call n of a build, or every `stride`-th, until a build has no call n any
/// more.
template <class F>
std::uint64_t for_each_call(chance& random, std::uint64_t stride, F one) {
  auto n = 1 + random.below(stride);
  while (one(n))
    n += stride;
  return n;
}

TEST_CASE("a build that is killed at any of its writes is followed by a right one") {
  chance random("killed writes");
  // A build of everything again has no script to run and is quick: each call of it. One from
  // nothing has the calls that make the databases, too: every third, or as the variable says.
  bool from_nothing = GENERATE(false, true);
  layered_workspace w(3, 5);
  w.build();
  auto calls =
      for_each_call(random, from_nothing ? repeats("ZAKO_FAULT_STRIDE", 3) : 1, [&](auto n) {
        if (from_nothing)
          w.forget();
        w.change_all(random);
        auto killed = build_with(w, "kill:" + std::to_string(n));
        CAPTURE(from_nothing, n, killed.done.all());
        bool ended = killed.calls < n;
        REQUIRE(killed.done.code == (ended ? 0 : 128 + SIGKILL));
        check_recovered(w);
        return !ended;
      });
  CHECK(calls > 50); // or they are not counted
}

TEST_CASE("a build whose disk fails it once says so or works, and the next one is right") {
  chance random("failing writes");
  bool from_nothing = GENERATE(false, true);
  layered_workspace w(3, 5);
  w.build();
  std::uint64_t failures = 0;
  for_each_call(random, from_nothing ? repeats("ZAKO_FAULT_STRIDE", 3) : 1, [&](auto n) {
    if (from_nothing)
      w.forget();
    w.change_all(random);
    auto code = random.below(2) ? ENOSPC : EIO;
    auto hit = build_with(w, std::to_string(code) + ":" + std::to_string(n));
    CAPTURE(from_nothing, n, code, hit.done.all());
    if (hit.done.code == 0) {
      REQUIRE(w.wrong_output() == "");
    } else {
      ++failures;
      REQUIRE(hit.done.code == 1);
      REQUIRE_THAT(hit.done.err, Contains("error: ") && (Contains(code == EIO ? "Input/output error"
                                                                              : "No space left")));
    }
    check_recovered(w);
    return hit.calls >= n;
  });
  CHECK(failures > 0); // or nothing was hit
}

TEST_CASE("a clock that was set back makes nothing look fresh or old") {
  auto* object = std::getenv("ZAKO_FAULT_OBJECT");
  REQUIRE(object);
  layered_workspace w(2, 4);
  w.build();
  // Now all stamps are from the future, or older than they are.
  for (auto* hours : {"-3600", "3600"}) {
    w.environment["LD_PRELOAD"] = object;
    w.environment["ZAKO_FAULT_CLOCK"] = hours;
    INFO(hours);
    CHECK(w.build() == totals{0, w.actions(), 0});
    for (int i = 0; i < 5; ++i) {
      w.set_source(0, std::string(hours) + std::to_string(i));
      CHECK(w.build().run > 0);
      CHECK(w.wrong_output() == "");
      CHECK(w.build() == totals{0, w.actions(), 0});
    }
    w.environment.erase("LD_PRELOAD");
    CHECK(w.build() == totals{0, w.actions(), 0});
  }
}

} // namespace
