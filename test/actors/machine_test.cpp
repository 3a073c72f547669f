// What is found on machines and in containers of several kinds, made of files.
#include <catch2/catch.hpp>

#include "actors/machine.hpp"
#include "engine_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

constexpr std::uint64_t gib = 1ull << 30;

/// A machine with four cores, two of them this process's, and 8 GiB.
class fake_machine : public temporary_folder {
public:
  fake_machine() {
    write("proc/self/status", "Name:\tzako\nCpus_allowed:\td\nCpus_allowed_list:\t0,2-3\n");
    write("proc/meminfo", "MemTotal:        8388608 kB\nMemFree:  10 kB\n");
  }
  [[nodiscard]] machine_facts look() const { return look_at_machine(path()); }
};

} // namespace

TEST_CASE("a bare machine gives the cores of the process's affinity and all memory") {
  fake_machine m;
  auto x = m.look();
  CHECK(x.cores == 3);
  CHECK(x.memory_bytes == 8 * gib);
  CHECK(x.gpus == 0);
}

TEST_CASE("control groups of version 2 limit, at any level") {
  fake_machine m;
  m.write("proc/self/cgroup", "0::/a/b\n");
  m.write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  m.write("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  m.write("sys/fs/cgroup/a/b/memory.max", "2147483648\n");
  m.write("sys/fs/cgroup/a/memory.max", "max\n");
  auto x = m.look();
  CHECK(x.cores == 2);
  CHECK(x.cores_from == "cgroup quota");
  CHECK(x.memory_bytes == 2 * gib);
  CHECK(x.memory_from == "cgroup limit");
}

TEST_CASE("control groups of version 1 limit, and a container sees its own as the root") {
  fake_machine m;
  m.write("proc/self/cgroup", "4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n0::/\n");
  m.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n");
  m.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  m.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n");
  auto x = m.look();
  CHECK(x.cores == 1);
  CHECK(x.memory_bytes == gib);
}

TEST_CASE("groups without a limit change nothing") {
  fake_machine m;
  m.write("proc/self/cgroup", "4:memory:/\n3:cpu,cpuacct:/\n");
  m.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  m.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  m.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  auto x = m.look();
  CHECK(x.cores == 3);
  CHECK(x.memory_bytes == 8 * gib);
}

TEST_CASE("graphics cards are counted once each") {
  fake_machine m;
  for (auto* name :
       {"dev/nvidia0", "dev/nvidia1", "dev/nvidiactl", "dev/dri/renderD128", "dev/dri/card0"})
    m.write(name, "");
  CHECK(m.look().gpus == 2);
}

TEST_CASE("nothing to read is a machine of some cores and unknown memory") {
  temporary_folder empty;
  auto x = look_at_machine(empty.path());
  CHECK(x.cores >= 1);
  engine_settings s;
  set_machine_defaults(s, x);
  CHECK(s.at("resources.memory") > 1000 * gib);
}

TEST_CASE("every setting gets a default that fits the machine and what was set") {
  machine_facts big;
  big.cores = 16;
  big.memory_bytes = 100 * gib;
  big.gpus = 2;
  engine_settings s;
  set_machine_defaults(s, big);
  for (auto& row : setting_rows())
    CHECK(s.find(row.key));
  CHECK(s.at("resources.cpu") == 16);
  CHECK(s.at("resources.memory") == 90 * gib);
  CHECK(s.at("resources.gpu") == 2);
  CHECK(s.at("pools.script.max") == 8);
  CHECK(s.at("cache.memory") == 4 * gib);

  machine_facts small;
  small.cores = 1;
  small.memory_bytes = 32u << 20;
  engine_settings t;
  REQUIRE(t.set("pools.io.max", "1", "test"));
  REQUIRE(t.set("pools.script.min", "3", "test"));
  set_machine_defaults(t, small);
  CHECK(t.at("resources.memory") == 16u << 20);
  CHECK(t.at("pools.transpile.max") == 1);
  CHECK(t.at("cache.memory") == 4u << 20);
  CHECK(t.at("pools.io.max") == 1);
  CHECK(t.at("pools.script.max") == 3);
  CHECK(t.check());
}
