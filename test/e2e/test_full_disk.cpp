// A workspace and its cache on a disk that is too small: builds say so or work, and are right when
// there is room again.
#include "layered.hpp"
#include "skip.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

using namespace e2e;
using Catch::Contains;

namespace {

/// Mounts of this process become its own, with the rights of root or of a user namespace.
bool may_mount() {
  auto user = getuid();
  auto group = getgid();
  if (unshare(CLONE_NEWNS) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
      return false;
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", "0 " + std::to_string(user) + " 1");
    write_file("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
  }
  return mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

/// A file system in memory, at a folder of its own.
class small_disk {
public:
  explicit small_disk(std::uint64_t bytes) { REQUIRE(mount_with(0, bytes)); }
  ~small_disk() { umount2(path().c_str(), MNT_DETACH); }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

  [[nodiscard]] const fs::path& path() const { return folder_.path(); }
  [[nodiscard]] std::uint64_t used() const {
    struct statvfs s;
    REQUIRE(statvfs(path().c_str(), &s) == 0);
    return (s.f_blocks - s.f_bfree) * s.f_frsize;
  }
  void resize(std::uint64_t bytes) const { REQUIRE(mount_with(MS_REMOUNT, bytes)); }

private:
  [[nodiscard]] bool mount_with(unsigned long flags, std::uint64_t bytes) const {
    auto size = "size=" + std::to_string(bytes);
    return mount("none", path().c_str(), "tmpfs", flags, size.c_str()) == 0;
  }
  temporary_folder folder_;
};

constexpr std::uint64_t ample = 64u << 20;

/// A workspace on that disk. What its programs print is kept elsewhere.
struct workspace_on {
  explicit workspace_on(const small_disk& disk) {
    setenv("TMPDIR", disk.path().c_str(), 1);
    w.emplace(3, 5);
    unsetenv("TMPDIR");
  }
  std::optional<layered_workspace> w;
};

TEST_CASE("a build on a full disk says so or works, and the next one is right") {
  if (!may_mount())
    return skip("cannot mount");
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  {
    small_disk disk{ample};
    workspace_on made{disk};
    before = disk.used();
    made.w->build();
    after = disk.used();
  }
  chance random("full disk");
  std::uint64_t failures = 0;
  auto sizes = repeats("ZAKO_DISK_SIZES", 50);
  for (std::uint64_t i = 0; i < sizes; ++i) {
    small_disk disk{ample};
    workspace_on made{disk};
    auto& w = *made.w;
    // The room that is left goes from none to a little more than what a build needs.
    auto size = before + (after - before) * 5 / 4 * i / sizes;
    bool again = random.below(2); // with what an earlier build has left
    if (again) {
      w.build();
      size = disk.used() + (after - before) * i / sizes / 2;
      w.change_all(random);
    }
    disk.resize(size);
    auto done = w.zako({"build"});
    CAPTURE(i, size, before, after, again, done.all());
    if (done.code == 0) {
      REQUIRE(w.wrong_output() == "");
    } else {
      ++failures;
      REQUIRE(done.code == 1);
      // What an action prints may be lost, and LMDB has no other word than EIO for a cut write.
      REQUIRE_THAT(done.all(), Contains("FAILED: GEN") || Contains("No space left") ||
                                   Contains("check the free space"));
    }
    disk.resize(ample);
    done = w.zako({"build"});
    CAPTURE(done.all());
    REQUIRE(done.code == 0);
    REQUIRE(w.wrong_output() == "");
    REQUIRE(w.build() == totals{0, w.actions(), 0});
  }
  CHECK(failures > sizes / 4);
  CHECK(failures < sizes); // the largest is enough
}

} // namespace
