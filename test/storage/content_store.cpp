// Protects the content store: a blob is there with exactly its bytes, or missing; damage never
// passes for content.
#include "storage/content_store.hpp"

#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include <sys/mount.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>

#include "scratch.hpp"

using namespace zako;
using namespace zako::test;

namespace {

content_store open_store(const std::string& folder) {
  auto store = content_store::open(folder);
  if (!store)
    throw std::runtime_error(to_text(store.error()));
  return std::move(*store);
}

std::string blob_path(const scratch& folder, const digest& d) {
  return folder / ("content-2/blobs/" + d.hex().substr(0, 2) + "/" + d.hex().substr(2));
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

TEST_CASE("blobs of every size come back, also after a restart") {
  scratch folder;
  std::vector<std::pair<std::string, digest>> blobs;
  {
    auto store = open_store(folder.str());
    for (std::size_t size : {0, 1, 17, 4095, 4096, 4097, 65536, 1'000'001}) {
      auto bytes = random_bytes(size, size);
      auto content = store.put(bytes);
      REQUIRE(content);
      CHECK(*content == digest_of(bytes));
      CHECK(store.put(bytes).value() == *content);
      CHECK(store.read(*content).value() == bytes);
      blobs.emplace_back(bytes, *content);
    }
    REQUIRE(store.flush());
  }
  auto store = open_store(folder.str());
  for (auto& [bytes, content] : blobs) {
    CHECK(store.contains(content));
    CHECK(store.length(content).value() == bytes.size());
    CHECK(store.read(content).value() == bytes);
    CHECK(store.read_range(content, 10, 20).value() ==
          (bytes.size() > 10 ? bytes.substr(10, 20) : ""));
    CHECK(store.read_range(content, bytes.size(), 5).value().empty());
    if (!bytes.empty()) {
      CHECK(store.read(content, bytes.size() - 1).error().code == errc::limit);
    }
  }
  CHECK(files_in(folder / "content-2/tmp") == 0);
}

TEST_CASE("a missing blob is not_found everywhere") {
  scratch folder;
  auto store = open_store(folder.str());
  auto nothing = digest_of("never stored");
  CHECK_FALSE(store.contains(nothing));
  CHECK(store.length(nothing).error().code == errc::not_found);
  CHECK(store.read(nothing).error().code == errc::not_found);
  CHECK(store.read_range(nothing, 0, 1).error().code == errc::not_found);
  CHECK(store.materialise(nothing, folder / "out", false).error().code == errc::not_found);
  CHECK(store.put_file(folder / "nowhere").error().code == errc::not_found);
  CHECK_FALSE(fs::exists(folder / "out"));
}

TEST_CASE("files go in and out with their bytes, mode and independence") {
  scratch folder;
  auto store = open_store(folder / "store");
  for (std::size_t size : {0, 100, 4096, 4097, 3'000'000}) {
    auto bytes = random_bytes(size, size + 1);
    write_file(folder / "in", bytes);
    auto stored = store.put_file(folder / "in");
    REQUIRE(stored);
    CHECK(stored->content == digest_of(bytes));
    CHECK(stored->size == size);
    auto out = folder / "a/b/out";
    REQUIRE(store.materialise(stored->content, out, size % 2 == 0));
    CHECK(read_file(out) == bytes);
    CHECK((fs::status(out).permissions() & fs::perms::owner_write) != fs::perms::none);
    auto executable = fs::status(out).permissions() & fs::perms::owner_exec;
    CHECK((executable != fs::perms::none) == (size % 2 == 0));
    append_to(out, "changed");
    CHECK(store.read(stored->content).value() == bytes);
    CHECK(files_in(folder / "a/b") == 1);
  }
}

TEST_CASE("a damaged large blob is quarantined, missing, and can be stored again") {
  scratch folder;
  auto store = open_store(folder.str());
  auto bytes = random_bytes(50'000, 3);
  auto content = store.put(bytes).value();
  auto path = blob_path(folder, content);
  auto damage = [&](int how) {
    fs::permissions(path, fs::perms::owner_all);
    if (how == 0)
      flip_bit(path, 123'456);
    else if (how == 1)
      fs::resize_file(path, 10'000);
    else
      append_to(path, "more");
  };
  for (int how = 0; how < 3; ++how) {
    for (int reader = 0; reader < 3; ++reader) {
      REQUIRE(store.read_range(content, 0, 4).value() == bytes.substr(0, 4));
      damage(how);
      auto failed = [&]() -> error {
        if (reader == 0)
          return store.read(content).error();
        if (reader == 1)
          return store.read_range(content, 49'000, 10).error();
        return store.materialise(content, folder / "out", false).error();
      }();
      CHECK(failed.code == errc::corrupt);
      CHECK(failed.message.find(content.hex()) != std::string::npos);
      CHECK_FALSE(fs::exists(folder / "out"));
      CHECK_FALSE(store.contains(content));
      CHECK(fs::exists(folder / ("content-2/quarantine/" + content.hex())));
      REQUIRE(store.put(bytes));
      CHECK(store.read(content).value() == bytes);
    }
  }
}

TEST_CASE("a blob that was cut off is replaced by the next put") {
  scratch folder;
  auto store = open_store(folder.str());
  auto bytes = random_bytes(50'000, 4);
  auto content = store.put(bytes).value();
  fs::permissions(blob_path(folder, content), fs::perms::owner_all);
  fs::resize_file(blob_path(folder, content), 0);
  write_file(folder / "in", bytes);
  REQUIRE(store.put_file(folder / "in"));
  CHECK(store.read(content).value() == bytes);
}

TEST_CASE("a damaged small blob is quarantined, missing, and can be stored again") {
  scratch folder;
  auto bytes = std::string(3000, 'q');
  auto content = digest_of(bytes);
  {
    auto store = open_store(folder.str());
    REQUIRE(store.put(bytes));
    REQUIRE(store.flush());
  }
  auto file = folder / "content-2/small.mdb";
  auto at = read_file(file).find(bytes);
  REQUIRE(at != std::string::npos);
  flip_bit(file, (at + 1000) * 8);
  auto store = open_store(folder.str());
  CHECK(store.read(content).error().code == errc::corrupt);
  CHECK_FALSE(store.contains(content));
  CHECK(read_file(folder / ("content-2/quarantine/" + content.hex())).size() == 3000);
  REQUIRE(store.put(bytes));
  CHECK(store.read(content).value() == bytes);
}

TEST_CASE("a file of small blobs that was cut off is moved aside") {
  scratch folder;
  {
    auto store = open_store(folder.str());
    for (int i = 0; i < 1000; ++i)
      REQUIRE(store.put("small blob " + std::to_string(i)));
    REQUIRE(store.flush());
  }
  fs::resize_file(folder / "content-2/small.mdb", 20'000);
  auto store = open_store(folder.str());
  CHECK_FALSE(store.contains(digest_of("small blob 1")));
  REQUIRE(store.notice());
  CHECK(store.notice()->code == errc::corrupt);
  CHECK(files_in(folder / "content-2/quarantine") == 1);
  REQUIRE(store.put("small blob 1"));
  REQUIRE(store.flush());
}

TEST_CASE("threads put the same and different blobs at once") {
  scratch folder;
  auto store = open_store(folder.str());
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 150; ++i) {
        auto bytes = random_bytes(i % 3 == 0 ? 6000 : 200, static_cast<std::uint64_t>(i));
        auto own = std::to_string(t) + " " + std::to_string(i);
        auto a = store.put(bytes);
        auto b = store.put(own);
        wrong += !a || !b || store.read(*a) != bytes || store.read(*b) != own;
        if (i % 50 == t)
          wrong += !store.flush();
      }
    });
  for (auto& t : threads)
    t.join();
  CHECK(wrong == 0);
  CHECK(files_in(folder / "content-2/tmp") == 0);
}

TEST_CASE("several processes use one store at once") {
  scratch folder;
  std::vector<pid_t> children;
  for (int p = 0; p < 4; ++p) {
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto store = content_store::open(folder.str());
      bool good = store.has_value();
      for (int i = 0; good && i < 60; ++i) {
        auto shared = random_bytes(i % 2 ? 300 : 9000, static_cast<std::uint64_t>(i));
        auto own = std::to_string(p) + ":" + std::to_string(i);
        good = store->put(shared) && store->put(own) && (i % 20 != p || store->flush()) &&
               store->read(digest_of(shared)) == shared;
      }
      ::_exit(good && store->flush() ? 0 : 1);
    }
    children.push_back(child);
  }
  for (auto child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  auto store = open_store(folder.str());
  for (int p = 0; p < 4; ++p)
    for (int i = 0; i < 60; ++i) {
      REQUIRE(store.contains(digest_of(std::to_string(p) + ":" + std::to_string(i))));
      REQUIRE(
          store.read(digest_of(random_bytes(i % 2 ? 300 : 9000, static_cast<std::uint64_t>(i)))));
    }
}

TEST_CASE("two objects of one folder share what they hold") {
  scratch folder;
  auto a = open_store(folder.str());
  auto content = a.put("not flushed").value();
  auto b = open_store(folder.str() + "/.");
  CHECK(b.read(content).value() == "not flushed");
}

TEST_CASE("a full disk is a clear error and leaves nothing behind") {
  scratch folder;
  auto disk = folder / "disk";
  fs::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=3m") != 0) {
    WARN("skipped: this user cannot mount a small disk");
    return;
  }
  {
    auto store = open_store(disk);
    REQUIRE(store.put("kept"));
    REQUIRE(store.flush());
    auto large = random_bytes(8 << 20, 1);
    auto put = store.put(large);
    REQUIRE_FALSE(put);
    CHECK(put.error().code == errc::io);
    CHECK(put.error().message.find("No space left") != std::string::npos);
    CHECK_FALSE(put.error().remedy.empty());
    write_file(folder / "in", large);
    CHECK(store.put_file(folder / "in").error().code == errc::io);
    CHECK(files_in(disk + "/content-2/tmp") == 0);
    // Small blobs fail when they are committed, and stay in memory.
    for (int i = 0; i < 2000; ++i)
      REQUIRE(store.put(random_bytes(2500, static_cast<std::uint64_t>(i))));
    auto flushed = store.flush();
    REQUIRE_FALSE(flushed);
    CHECK(flushed.error().code == errc::io);
    CHECK(store.read(digest_of(random_bytes(2500, 7))).value() == random_bytes(2500, 7));
    CHECK(store.read(digest_of("kept")).value() == "kept");
  }
  {
    auto store = open_store(disk);
    CHECK(store.read(digest_of("kept")).value() == "kept");
  }
  ::umount(disk.c_str());
}

TEST_CASE("the default folder follows the environment") {
  ::setenv("ZAKO_CACHE", "/a", 1);
  ::setenv("XDG_CACHE_HOME", "/b", 1);
  CHECK(default_store_folder().value() == "/a");
  ::unsetenv("ZAKO_CACHE");
  CHECK(default_store_folder().value() == "/b/zako");
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  ::setenv("HOME", "/home/somebody", 1);
  CHECK(default_store_folder().value() == "/home/somebody/.cache/zako");
  ::unsetenv("HOME");
  CHECK_FALSE(default_store_folder());
  ::unsetenv("XDG_CACHE_HOME");
}

TEST_CASE("a blob is found by what it was made of") {
  scratch folder;
  auto name = digest_of("source, and the compiler's version");
  digest content;
  {
    auto store = open_store(folder.str());
    CHECK_FALSE(store.bound(name));
    content = store.put("bytecode").value();
    REQUIRE(store.bind(name, content));
    CHECK(store.bound(name) == content);
    REQUIRE(store.flush());
  }
  auto store = open_store(folder.str());
  CHECK(store.bound(name) == content);
  CHECK_FALSE(store.bound(digest_of("another source")));
  SECTION("a later binding replaces it") {
    auto other = store.put("other bytecode").value();
    REQUIRE(store.bind(name, other));
    CHECK(store.bound(name) == other);
  }
  SECTION("what is damaged, or another name's, is no name") {
    auto file = folder / ("content-2/names/" + name.hex());
    auto text = read_file(file);
    auto damaged = GENERATE_COPY(std::string(), text.substr(0, 70), text + "x",
                                 digest_of("x").hex() + text.substr(64));
    write_file(file, damaged);
    CHECK_FALSE(store.bound(name));
    auto other = digest_of("another source");
    write_file(folder / ("content-2/names/" + other.hex()), text);
    CHECK_FALSE(store.bound(other));
  }
  SECTION("collecting drops the names of what is gone") {
    REQUIRE(store.drop_loose_names());
    CHECK(store.bound(name) == content);
    auto all = store.list();
    REQUIRE(all);
    REQUIRE(store.remove_unused(*all));
    REQUIRE(store.drop_loose_names());
    CHECK_FALSE(store.bound(name));
  }
}
