// Limits by control groups: what the kernel does where it is permitted, and what is said where not.
#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <future>

#include <catch2/catch.hpp>

#include "actors/cgroup.hpp"
#include "actors/workers/child.hpp"
#include "engine_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

constexpr std::uint64_t mib = 1u << 20;

child_end run_in(const cgroup& group, const std::string& script) {
  auto watcher = child_watcher::create();
  REQUIRE(watcher);
  child_options options;
  options.argv = {"/bin/sh", "-c", script};
  options.env = {{"PATH", "/usr/bin:/bin"}};
  options.group_door_fd = group.door_fd();
  std::promise<child_end> end;
  auto child = (*watcher)->start(options, [&end](const child_end& how) { end.set_value(how); });
  REQUIRE(child);
  return end.get_future().get();
}

/// False, and says so, where this machine permits no groups.
bool permitted(cgroups& groups) {
  if (groups.refusal().empty())
    return true;
  WARN("not tested: " << groups.refusal());
  return false;
}

/// A system as a folder: the two files that say where groups are.
void write_system(const temporary_folder& root, const std::string& mounts, const std::string& own) {
  root.write("proc/self/mountinfo", mounts);
  root.write("proc/self/cgroup", own);
}

} // namespace

TEST_CASE("a program that uses more than its group may is killed, and it shows") {
  cgroups groups;
  if (!permitted(groups))
    return;
  auto group = groups.make(32 * mib);
  REQUIRE(group);
  auto end = run_in(*group, "exec dd if=/dev/zero of=/dev/null bs=200M count=1 2>/dev/null");
  CHECK(WIFSIGNALED(end.status));
  CHECK(group->ran_out_of_memory());
  CHECK(group->peak_bytes() > 16 * mib);
  CHECK(group->peak_bytes() <= 32 * mib);
}

TEST_CASE("a program within its limit is told by its peak, small as it is") {
  cgroups groups;
  if (!permitted(groups))
    return;
  auto group = groups.make(512 * mib);
  REQUIRE(group);
  auto end = run_in(*group, "exec dd if=/dev/zero of=/dev/null bs=24M count=1 2>/dev/null");
  CHECK(end.status == 0);
  CHECK_FALSE(group->ran_out_of_memory());
  CHECK(group->peak_bytes() > 24 * mib);
  CHECK(group->peak_bytes() < 64 * mib);
}

TEST_CASE("a group goes with all that still runs in it, and leaves no folder") {
  cgroups groups;
  if (!permitted(groups))
    return;
  temporary_folder folder;
  auto pid_file = folder.path("pid");
  std::string place;
  {
    auto group = groups.make(64 * mib);
    REQUIRE(group);
    run_in(*group, "setsid sh -c 'echo $$ > " + pid_file + "; exec sleep 60' & while ! test -s " +
                       pid_file + "; do sleep 0.01; done");
    place = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(group->door_fd()))
                .parent_path();
    CHECK(std::filesystem::exists(place));
  }
  CHECK_FALSE(std::filesystem::exists(place));
}

TEST_CASE("a system without control groups is told as such") {
  temporary_folder root;
  write_system(root, "22 1 0:5 / /proc rw - proc proc rw\n", "0::/\n");
  cgroups groups{root.path()};
  CHECK_THAT(groups.refusal(), Catch::Contains("no memory controller"));
  CHECK_FALSE(groups.make(64 * mib));
}

TEST_CASE("version 2 without a memory controller to hand on is told as such") {
  temporary_folder root;
  write_system(root, "30 1 0:5 / /cg rw - cgroup2 cgroup2 rw\n", "0::/user/zako.scope\n");
  root.write("cg/user/cgroup.subtree_control", "cpu pids\n");
  cgroups groups{root.path()};
  CHECK_THAT(groups.refusal(), Catch::Contains("no memory controller"));
}

TEST_CASE("groups of processes that live no more are removed, those of others stay") {
  temporary_folder root;
  write_system(root, "30 1 0:5 / /cg rw - cgroup2 cgroup2 rw\n", "0::/user/zako.scope\n");
  root.write("cg/user/cgroup.subtree_control", "cpu memory\n");
  auto add = [&](const std::string& name) {
    std::filesystem::create_directories(root.path("cg/user/" + name));
  };
  add("zako-999999999-1"); // no process has such a number
  add("zako-" + std::to_string(::getpid()) + "-7");
  add("other-1");
  cgroups groups{root.path()};
  CHECK_THAT(groups.refusal(), Catch::Contains("cannot be given a limit")); // a plain folder
  CHECK_FALSE(std::filesystem::exists(root.path("cg/user/zako-999999999-1")));
  CHECK(std::filesystem::exists(root.path("cg/user/zako-" + std::to_string(::getpid()) + "-7")));
  CHECK(std::filesystem::exists(root.path("cg/user/other-1")));
}
