// Protects the workspace from two writers, and the second one from waiting for it knows not whom.
#include "storage/workspace_lock.hpp"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "scratch.hpp"

using namespace zako;
using namespace zako::test;

TEST_CASE("a held lock names its holder, a released one is free") {
  scratch folder;
  auto inner = folder / ".zako";
  {
    auto first = workspace_lock::try_lock(inner, "zako build //app:hello");
    REQUIRE(first);
    auto second = workspace_lock::try_lock(inner, "zako test");
    REQUIRE_FALSE(second);
    CHECK(second.error().code == errc::locked);
    auto expected = "pid " + std::to_string(::getpid()) + ": zako build //app:hello (since ";
    CHECK(second.error().message.find(expected) != std::string::npos);
    auto moved = std::move(*first);
    CHECK_FALSE(workspace_lock::try_lock(inner, "zako test"));
  }
  CHECK(workspace_lock::try_lock(inner, "zako test"));
}

TEST_CASE("the lock of a process that was killed is free") {
  scratch folder;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto lock = workspace_lock::try_lock(folder.str(), "zako build");
    [[maybe_unused]] auto told = ::write(ready[1], lock ? "y" : "n", 1);
    for (;;)
      ::pause();
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  auto refused = workspace_lock::try_lock(folder.str(), "zako test");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("pid " + std::to_string(child)) != std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(workspace_lock::try_lock(folder.str(), "zako test"));
  ::close(ready[0]);
  ::close(ready[1]);
}
