// Protects the stores on a disk that fills up: errors say so, and whatever was flushed or committed
// is there when there is room again.
#include <cerrno>
#include <cstring>

#include <sys/mount.h>

#include <catch2/catch.hpp>

#include "scratch.hpp"
#include "storage/content_store.hpp"
#include "storage/node_database.hpp"

using namespace zako;
using namespace zako::test;

namespace {

class small_disk {
public:
  explicit small_disk(std::uint64_t bytes) { mounted = mount(bytes, 0); }
  ~small_disk() {
    if (mounted)
      ::umount2(folder.str().c_str(), MNT_DETACH);
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

  void resize(std::uint64_t bytes) const { REQUIRE(mount(bytes, MS_REMOUNT)); }

  scratch folder;
  bool mounted = false;

private:
  [[nodiscard]] bool mount(std::uint64_t bytes, unsigned long flags) const {
    auto size = "size=" + std::to_string(bytes);
    return ::mount("none", folder.str().c_str(), "tmpfs", flags, size.c_str()) == 0;
  }
};

std::string bytes_of(int n) {
  return random_bytes(n % 10 == 0 ? 20'000 : 300, static_cast<std::uint64_t>(n));
}

/// What a build does with its results, until the disk is full: how many batches were committed.
int write_until_full(const std::string& folder, int batches) {
  auto store = content_store::open(folder + "/store");
  key_interner names;
  auto records = node_database::open(folder + "/state", names);
  auto full = [](const error& e) {
    INFO(to_text(e));
    CHECK(e.code == errc::io);
    return true;
  };
  if (!store && full(store.error()))
    return 0;
  if (!records && full(records.error()))
    return 0;
  for (int batch = 0; batch < batches; ++batch) {
    write_batch out;
    for (int n = batch * 20; n < batch * 20 + 20; ++n) {
      auto content = store->put(bytes_of(n));
      if (!content && full(content.error()))
        return batch;
      node_record r;
      r.output = *content;
      r.value_bytes = std::string(400, static_cast<char>(n));
      out.records.emplace_back(names.find_or_add("node:" + std::to_string(n)), r);
    }
    if (auto flushed = store->flush(); !flushed && full(flushed.error()))
      return batch;
    if (auto done = records->commit(out); !done && full(done.error()))
      return batch;
  }
  return batches;
}

} // namespace

TEST_CASE("disks of fifty sizes fill up, and keep what was committed") {
  constexpr int sizes = 50;
  constexpr int batches = 20;
  constexpr std::uint64_t ample = 16 << 20;
  int filled = 0;
  for (int i = 1; i <= sizes; ++i) {
    small_disk disk{static_cast<std::uint64_t>(i) * 48 * 1024};
    if (!disk.mounted) {
      WARN("skipped: this user cannot mount a small disk: " << std::strerror(errno));
      return;
    }
    INFO("size " << i * 48 << " KiB");
    auto committed = write_until_full(disk.folder.str(), batches);
    filled += committed < batches;
    disk.resize(ample);
    {
      auto store = content_store::open(disk.folder / "store");
      key_interner names;
      auto records = node_database::open(disk.folder / "state", names);
      REQUIRE(store);
      REQUIRE(records);
      CHECK_FALSE(store->notice());
      CHECK_FALSE(records->notice());
      for (int n = 0; n < committed * 20; ++n) {
        auto id = names.find("node:" + std::to_string(n));
        REQUIRE(id);
        auto r = records->load(*id);
        REQUIRE(r);
        REQUIRE(store->read(r->output) == bytes_of(n));
      }
    }
    REQUIRE(write_until_full(disk.folder.str(), batches) == batches);
  }
  CHECK(filled > sizes / 4);
  CHECK(filled < sizes);
}
