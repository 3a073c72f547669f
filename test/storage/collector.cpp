// Protects the collector: what a record names stays, what nobody needs goes, and nobody who builds
// meanwhile is disturbed.
#include "storage/collector.hpp"

#include <csignal>
#include <ctime>
#include <thread>
#include <vector>

#include <sys/wait.h>

#include <catch2/catch.hpp>

#include "scratch.hpp"
#include "storage/blob_handle.hpp"
#include "storage/node_database.hpp"

using namespace zako;
using namespace zako::test;

namespace {

constexpr std::int64_t hour = 3600;
constexpr std::int64_t day = 24 * hour;

content_store open_store(const std::string& folder) {
  auto store = content_store::open(folder);
  if (!store)
    throw std::runtime_error(to_text(store.error()));
  return std::move(*store);
}

std::string bytes_of(int n) {
  return random_bytes(n % 2 ? 200 : 9000, static_cast<std::uint64_t>(n));
}

/// A workspace whose records name the blobs `numbers`.
void write_workspace(content_store& store, const std::string& folder,
                     const std::vector<int>& numbers) {
  key_interner names;
  auto records = node_database::open(folder, names);
  REQUIRE(records);
  write_batch batch;
  for (auto n : numbers) {
    node_record r;
    r.value_bytes = "before " + encode(digest_of(bytes_of(n))) + " after";
    batch.records.emplace_back(names.find_or_add("action:" + std::to_string(n)), r);
  }
  REQUIRE(records->commit(batch));
  REQUIRE(store.add_workspace(folder));
}

void put_blobs(content_store& store, int count) {
  for (int n = 0; n < count; ++n)
    REQUIRE(store.put(bytes_of(n)));
  REQUIRE(store.flush());
}

std::int64_t in(std::int64_t seconds) {
  return std::time(nullptr) + seconds;
}

} // namespace

TEST_CASE("blobs that no workspace names are collected when they are old enough") {
  scratch folder;
  auto store = open_store(folder / "store");
  put_blobs(store, 20);
  write_workspace(store, folder / "one/.zako", {0, 1, 2, 3});
  write_workspace(store, folder / "two/.zako", {3, 4, 5});
  CHECK(store.workspaces().value() == std::vector{folder / "one/.zako", folder / "two/.zako"});

  auto early = collect_blobs(store, {}, in(0));
  REQUIRE(early);
  CHECK(early->removed == 0);
  CHECK(early->kept == 20);

  auto done = collect_blobs(store, {}, in(2 * hour));
  REQUIRE(done);
  CHECK(done->removed == 14);
  CHECK(done->removed_bytes == 7 * 200 + 7 * 9000);
  CHECK(done->kept == 6);
  CHECK(done->unreadable.empty());
  for (int n = 0; n < 20; ++n)
    CHECK(store.contains(digest_of(bytes_of(n))) == (n < 6));
  for (int n = 0; n < 6; ++n)
    CHECK(store.read(digest_of(bytes_of(n))).value() == bytes_of(n));

  fs::remove_all(folder / "two");
  auto again = collect_blobs(store, {}, in(2 * hour));
  REQUIRE(again);
  CHECK(again->removed == 2);
  CHECK(store.workspaces().value() == std::vector{folder / "one/.zako"});
  REQUIRE(store.put(bytes_of(15)));
  CHECK(store.read(digest_of(bytes_of(15))).value() == bytes_of(15));
}

TEST_CASE("a workspace that cannot be read keeps all blobs, but not beyond age and size") {
  scratch folder;
  auto store = open_store(folder / "store");
  put_blobs(store, 10);
  write_workspace(store, folder / "one/.zako", {0});
  write_file(folder / "one/.zako/nodes.mdb", "nonsense");
  auto done = collect_blobs(store, {}, in(2 * hour));
  REQUIRE(done);
  CHECK(done->removed == 0);
  REQUIRE(done->unreadable.size() == 1);
  CHECK(done->unreadable[0].message.find(folder / "one/.zako") != std::string::npos);

  auto sized = collect_blobs(store, {.most_bytes = 30'000}, in(2 * hour));
  REQUIRE(sized);
  CHECK(sized->kept_bytes <= 30'000);
  CHECK(sized->kept_bytes > 20'000);
  auto aged = collect_blobs(store, {.most_age_s = day}, in(2 * day));
  REQUIRE(aged);
  CHECK(aged->kept == 0);
}

TEST_CASE("age and size spare what was used last") {
  scratch folder;
  auto store = open_store(folder / "store");
  put_blobs(store, 2);
  std::vector<content_store::stored_blob> all = store.list().value();
  REQUIRE(all.size() == 2);
  for (auto& x : all)
    CHECK(std::abs(x.stamp - std::time(nullptr)) <= 5);
  // The large one was last used a week ago; then it is put again.
  auto large = digest_of(bytes_of(0)).hex();
  auto path = folder / ("store/content-2/blobs/" + large.substr(0, 2) + "/" + large.substr(2));
  set_mtime(path, in(-7 * day));
  auto old = store.list().value();
  REQUIRE(store.put(bytes_of(0)));
  CHECK(store.remove_unused(old).value().size() == 1); // only the small one is as it was listed
  CHECK(store.read(digest_of(bytes_of(0))).value() == bytes_of(0));
  set_mtime(path, in(-7 * day));
  CHECK(store.trim() > 9000); // what is in memory is not read
  CHECK(store.read(digest_of(bytes_of(0))).value() == bytes_of(0));
  CHECK(std::abs(store.list().value()[0].stamp - std::time(nullptr)) <= 5);
}

TEST_CASE("reading stamps an old small blob, and does not bring a damaged one back") {
  scratch folder;
  auto file = folder / "content-2/small.mdb";
  auto age_and_flip = [&](int n, bool flip) {
    auto bytes = read_file(file);
    auto at = bytes.find(bytes_of(n));
    REQUIRE(at != std::string::npos);
    auto stamp = static_cast<std::uint32_t>(in(-2 * day));
    bytes.replace(at - sizeof stamp, sizeof stamp, reinterpret_cast<char*>(&stamp), sizeof stamp);
    bytes[at] = static_cast<char>(bytes[at] ^ (flip ? 1 : 0));
    write_file(file, bytes);
  };
  auto sound = digest_of(bytes_of(1));
  auto damaged = digest_of(bytes_of(3));
  {
    auto store = open_store(folder.str());
    put_blobs(store, 4);
  }
  age_and_flip(1, false);
  age_and_flip(3, true);
  {
    auto store = open_store(folder.str());
    CHECK(store.read(sound).value() == bytes_of(1));
    CHECK(store.read(damaged).error().code == errc::corrupt);
    CHECK(store.read(damaged).error().code == errc::not_found);
    REQUIRE(store.flush());
    CHECK_FALSE(store.contains(damaged));
    CHECK(store.put(bytes_of(3)).value() == damaged);
    REQUIRE(store.flush());
  }
  auto store = open_store(folder.str());
  CHECK(store.read(sound).value() == bytes_of(1));
  CHECK(store.read(damaged).value() == bytes_of(3));
  for (auto& x : store.list().value())
    CHECK(std::abs(x.stamp - std::time(nullptr)) <= 60);
}

TEST_CASE("one process collects at a time") {
  scratch folder;
  auto store = open_store(folder / "store");
  auto held = store.lock_collection();
  REQUIRE(held);
  CHECK(collect_blobs(store, {}, in(0)).error().code == errc::locked);
  held->reset();
  CHECK(collect_blobs(store, {}, in(0)));
}

TEST_CASE("a collector that is killed anywhere leaves a whole store") {
  for (int round = 0; round < 15; ++round) {
    scratch folder{memory_folder()};
    {
      auto store = open_store(folder / "store");
      put_blobs(store, 400);
      write_workspace(store, folder / "one/.zako", {1, 2, 3, 4});
    }
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto store = content_store::open(folder / "store");
      ::_exit(store && collect_blobs(*store, {}, in(2 * hour)) ? 0 : 1);
    }
    ::usleep(static_cast<::useconds_t>(700 * round));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    auto store = open_store(folder / "store");
    CHECK_FALSE(store.notice());
    for (int n = 0; n < 400; ++n)
      if (auto bytes = store.read(digest_of(bytes_of(n))))
        REQUIRE(*bytes == bytes_of(n));
      else
        REQUIRE((bytes.error().code == errc::not_found && n != 1 && n != 2 && n != 3 && n != 4));
    REQUIRE(collect_blobs(store, {}, in(2 * hour)));
    CHECK(store.list().value().size() == 4);
  }
}

TEST_CASE("two collectors and eight writers share one store") {
  scratch folder{memory_folder()};
  std::vector<pid_t> writers;
  std::vector<pid_t> collectors;
  auto start = [&](std::vector<pid_t>& to, auto body) {
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0)
      ::_exit(body() ? 0 : 1);
    to.push_back(child);
  };
  auto age = [&](int n) {
    auto hex = digest_of(bytes_of(n)).hex();
    set_mtime(folder / ("store/content-2/blobs/" + hex.substr(0, 2) + "/" + hex.substr(2)),
              in(-2 * hour));
  };
  {
    auto store = open_store(folder / "store");
    put_blobs(store, 25);
    for (int n = 0; n < 25; n += 2)
      age(n); // nobody needs them until a writer puts them again: that and a collector may meet
  }
  // Each writer is a build: it puts blobs, some of them what others put too, flushes, commits
  // records that name them, and from then on finds all of them.
  for (int w = 0; w < 8; ++w)
    start(writers, [&, w] {
      auto store = content_store::open(folder / "store");
      auto state = folder / (std::to_string(w) + "/.zako");
      if (!store || !store->add_workspace(state))
        return false;
      key_interner names;
      auto records = node_database::open(state, names);
      if (!records)
        return false;
      for (int i = 0; i < 25; ++i) {
        write_batch batch;
        for (int n : {i, 1000 * (w + 1) + i, 1000 * (w + 1) + i + 500}) {
          node_record r;
          r.value_bytes = encode(store->put(bytes_of(n)).value());
          batch.records.emplace_back(names.find_or_add(std::to_string(n)), r);
        }
        if (!store->flush() || !records->commit(batch))
          return false;
        for (int n = 0; n <= i; ++n)
          if (store->read(digest_of(bytes_of(n))) != bytes_of(n))
            return false;
      }
      return true;
    });
  for (int c = 0; c < 2; ++c)
    start(collectors, [&, c] {
      auto store = content_store::open(folder / "store");
      for (int i = 0; store && i < 40; ++i) {
        for (int n = 0; n < 20; n += 2) {
          auto garbage = 1'000'000 + c * 100'000 + i * 100 + n;
          store->put(bytes_of(garbage)).value();
          age(garbage);
        }
        auto done = collect_blobs(*store, {}, in(0));
        if (!done && done.error().code != errc::locked)
          return false;
        ::usleep(5000);
      }
      return store.has_value();
    });
  for (auto* group : {&writers, &collectors})
    for (auto child : *group) {
      int status = -1;
      ::waitpid(child, &status, 0);
      CHECK(status == 0);
    }
  auto store = open_store(folder / "store");
  REQUIRE(collect_blobs(store, {}, in(0)));
  CHECK(store.list().value().size() == 25 + 8 * 50);
  for (int w = 0; w < 8; ++w)
    for (int i = 0; i < 25; ++i)
      REQUIRE(store.read(digest_of(bytes_of(1000 * (w + 1) + i))));
}

TEST_CASE("verification finds each damaged blob and quarantines it") {
  scratch folder;
  auto path = [&](int n) {
    auto hex = digest_of(bytes_of(n)).hex();
    return folder / ("content-2/blobs/" + hex.substr(0, 2) + "/" + hex.substr(2));
  };
  {
    auto store = open_store(folder.str());
    put_blobs(store, 30);
  }
  auto small_file = folder / "content-2/small.mdb";
  flip_bit(small_file, read_file(small_file).find(bytes_of(7)) * 8 + 80);
  fs::permissions(path(4), fs::perms::owner_all);
  flip_bit(path(4), 12'345);
  fs::permissions(path(6), fs::perms::owner_all);
  fs::resize_file(path(6), 100);
  auto store = open_store(folder.str());
  std::uint64_t last = 0;
  auto damaged = store.verify([&](std::uint64_t done, std::uint64_t all) {
    CHECK(done >= last);
    CHECK(done <= all);
    last = done;
    return true;
  });
  REQUIRE(damaged);
  std::vector<digest> found;
  for (auto& x : *damaged)
    found.push_back(x.content);
  CHECK_THAT(found, Catch::UnorderedEquals(std::vector{
                        digest_of(bytes_of(7)), digest_of(bytes_of(4)), digest_of(bytes_of(6))}));
  for (auto& d : found) {
    CHECK_FALSE(store.contains(d));
    CHECK(fs::exists(folder / ("content-2/quarantine/" + d.hex())));
  }
  CHECK(store.verify([](std::uint64_t, std::uint64_t) { return true; }).value().empty());
  CHECK(store.verify([](std::uint64_t, std::uint64_t) { return false; }).error().code ==
        errc::cancelled);
}

TEST_CASE("blobs are read in pieces, and handles open when they are read") {
  scratch folder;
  auto store = open_store(folder.str());
  for (std::size_t size : {0, 100, 4096, 5000, 300'000}) {
    auto bytes = random_bytes(size, size);
    auto content = store.put(bytes).value();
    auto sent = decode<blob_handle>(encode(blob_handle::referenced({content, size})));
    REQUIRE(sent);
    CHECK_FALSE(sent->is_inlined());
    CHECK(sent->content() == content);
    auto inlined = blob_handle::inlined(bytes);
    CHECK(decode<blob_handle>(encode(inlined)) == inlined);
    CHECK(inlined.content() == content);
    for (auto& handle : {*sent, inlined}) {
      CHECK(handle.size() == size);
      auto reader = handle.open(store);
      REQUIRE(reader);
      CHECK(reader->size() == size);
      std::string read;
      std::string piece(777, '\0');
      while (auto n = reader->read(piece.data(), piece.size()).value())
        read.append(piece, 0, n);
      CHECK(read == bytes);
      CHECK(reader->read_at(size, piece.data(), 1).value() == 0);
    }
  }
  CHECK(blob_handle::referenced({digest_of("nowhere"), 7}).open(store).error().code ==
        errc::not_found);
}

TEST_CASE("what was read lately stays in memory, for a while and within its bound") {
  using namespace std::chrono_literals;
  auto now = blob_cache::time_point{} + 1h;
  blob_cache cache{{.bytes = 10'000, .time_to_live = 100s, .time_to_idle = 10s, .clock = [&now] {
                      return now;
                    }}};
  auto add = [&](int n, std::size_t size) {
    cache.add(digest_of(std::to_string(n)), std::make_shared<const std::string>(size, 'x'));
  };
  auto has = [&](int n) { return cache.find(digest_of(std::to_string(n))) != nullptr; };
  for (int n = 0; n < 4; ++n)
    add(n, 2000);
  CHECK(has(0));
  add(4, 2000); // there is room for four: the one that was used longest ago goes
  CHECK(has(0));
  CHECK_FALSE(has(1));
  CHECK(has(4));
  CHECK(cache.bytes() <= 10'000);
  add(5, 10'000);
  CHECK_FALSE(has(5));
  now += 9s;
  CHECK(has(0));
  now += 9s;
  CHECK(has(0));
  CHECK_FALSE(has(4)); // idle
  for (int i = 0; i < 10; ++i) {
    now += 9s;
    has(0);
  }
  CHECK_FALSE(has(0)); // old
  add(6, 100);
  auto freed = cache.trim();
  CHECK(freed > 100);
  CHECK(cache.bytes() == 0);
  CHECK_FALSE(has(6));
  CHECK(default_cache_bytes() >= 4'000'000);
  CHECK(default_cache_bytes() <= 4'000'000'000);
}
