// Protects the memory of a workspace: what was committed comes back, under the same ids, and
// nothing else does.
#include "storage/node_database.hpp"

#include <atomic>
#include <csignal>
#include <ctime>
#include <limits>
#include <map>
#include <random>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <lmdb.h>

#include "scratch.hpp"
#include "storage/node_format.hpp"

using namespace zako;
using namespace zako::test;

namespace {

node_record record(std::uint32_t n, std::size_t value_bytes = 40) {
  node_record r;
  r.kind_version = n;
  r.input = digest_of("input " + std::to_string(n));
  r.output = digest_of("output " + std::to_string(n));
  r.group_sizes = {2, 1};
  r.dependencies = {{key_id{n + 1}, n * 0x9E3779B97F4A7C15u}, {key_id{n + 7}, 0}, {key_id{1}, 1}};
  r.value_bytes = random_bytes(value_bytes, n);
  return r;
}

std::string name(std::uint32_t n) {
  return "file:src/dir/file_" + std::to_string(n) + ".c";
}

/// A database with `count` records, and its interner.
struct opened {
  std::unique_ptr<key_interner> names = std::make_unique<key_interner>();
  node_database database;

  explicit opened(const std::string& folder, node_database::options how = {})
      : database(take(node_database::open(folder, *names, std::move(how)))) {}

  static node_database take(result<node_database> r) {
    if (!r)
      throw std::runtime_error(to_text(r.error()));
    return std::move(*r);
  }
  void fill(std::uint32_t count, std::size_t value_bytes = 40) {
    write_batch batch;
    for (std::uint32_t n = 1; n <= count; ++n)
      batch.records.emplace_back(names->find_or_add(name(n)), record(n, value_bytes));
    REQUIRE(database.commit(batch));
  }
};

} // namespace

TEST_CASE("records, failures and texts survive a restart with their ids") {
  scratch folder;
  auto broken = record(5);
  broken.value_bytes.clear();
  broken.failure = error{.code = errc::not_found,
                         .message = "no file 'x'",
                         .position = source_position{"BUILD.ts", 3, 4},
                         .frame = {},
                         .remedy = "check the spelling",
                         .causes = {error{}}};
  {
    opened o(folder.str());
    CHECK_FALSE(o.database.notice());
    o.fill(3);
    auto id = o.names->find_or_add("package:x");
    REQUIRE(o.database.commit({.records = {{id, broken}}, .erased = {key_id{2}, key_id{77}}}));
    CHECK(o.database.load(id) == broken);
  }
  opened o(folder.str());
  CHECK_FALSE(o.database.notice());
  CHECK(o.names->size() == 4);
  CHECK(o.names->find(name(3)) == key_id{3});
  CHECK(o.database.load(key_id{1}) == record(1));
  CHECK(o.database.load(key_id{2}) == std::nullopt);
  CHECK(o.database.load(key_id{3}) == record(3));
  CHECK(o.database.load(key_id{4}) == broken);
  auto figures = o.database.measure();
  CHECK(figures.records == 3);
  CHECK(figures.names == 4);
  CHECK(figures.damaged == 0);
  std::map<key_id, node_record> all;
  o.database.for_each([&](key_id id, const node_record& r) { all.emplace(id, r); });
  CHECK(all.size() == 3);
  CHECK(all.at(key_id{3}) == record(3));
}

TEST_CASE("a record is replaced, and large values are kept whole") {
  scratch folder;
  opened o(folder.str());
  o.fill(2, 300'000);
  CHECK(o.database.load(key_id{2}) == record(2, 300'000));
  REQUIRE(o.database.commit({.records = {{key_id{2}, record(9)}}, .erased = {}}));
  CHECK(o.database.load(key_id{2}) == record(9));
  CHECK(o.database.load(key_id{1}) == record(1, 300'000));
}

TEST_CASE("a full map grows, also under readers") {
  scratch folder;
  node_database::options how;
  how.map_bytes = 1 << 20;
  opened o(folder.str(), how);
  o.fill(10);
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> wrong = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      while (!stop)
        for (std::uint32_t n = 1; n <= 10; ++n)
          wrong += o.database.load(key_id{n}) != record(n);
    });
  for (std::uint32_t round = 0; round < 20; ++round) {
    write_batch batch;
    for (std::uint32_t n = 0; n < 50; ++n) {
      auto number = 11 + round * 50 + n;
      batch.records.emplace_back(o.names->find_or_add(name(number)), record(number, 20'000));
    }
    REQUIRE(o.database.commit(batch));
  }
  stop = true;
  for (auto& r : readers)
    r.join();
  CHECK(wrong == 0);
  CHECK(o.database.measure().used_bytes > 16u << 20);
  CHECK(o.database.load(key_id{1010}) == record(1010, 20'000));
}

TEST_CASE("a database of another format is started again, and says so") {
  scratch folder;
  { opened(folder.str()).fill(5); }
  // As a later program would write it: the same frame, another format.
  MDB_env* env = nullptr;
  MDB_txn* txn = nullptr;
  MDB_dbi table;
  REQUIRE(mdb_env_create(&env) == 0);
  mdb_env_set_maxdbs(env, 8);
  REQUIRE(mdb_env_open(env, (folder / "nodes.mdb").c_str(), MDB_NOSUBDIR, 0666) == 0);
  REQUIRE(mdb_txn_begin(env, nullptr, 0, &txn) == 0);
  REQUIRE(mdb_dbi_open(txn, "about", MDB_INTEGERKEY, &table) == 0);
  auto bytes = node_format::seal({.format = 77, .name_count = 5});
  std::uint32_t zero = 0;
  MDB_val key{sizeof zero, &zero};
  MDB_val value{bytes.size(), bytes.data()};
  REQUIRE(mdb_put(txn, table, &key, &value, 0) == 0);
  REQUIRE(mdb_txn_commit(txn) == 0);
  mdb_env_close(env);

  opened o(folder.str());
  REQUIRE(o.database.notice());
  CHECK(o.database.notice()->code == errc::unsupported);
  CHECK(o.database.notice()->message.find("format 77") != std::string::npos);
  CHECK(o.names->size() == 0);
  CHECK(o.database.measure().records == 0);
  CHECK_FALSE(fs::exists(folder / "quarantine"));
}

TEST_CASE("reads go on while commits are made") {
  scratch folder;
  opened o(folder.str());
  o.fill(200);
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> wrong = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i)
    readers.emplace_back([&] {
      for (std::uint32_t n = 1; !stop; n = n % 200 + 1) {
        auto r = o.database.load(key_id{n});
        wrong += !r || (*r != record(n) && *r != record(n + 1000));
      }
    });
  for (int round = 0; round < 30; ++round) {
    write_batch batch;
    for (std::uint32_t n = 1; n <= 200; ++n)
      batch.records.emplace_back(key_id{n}, record(round % 2 ? n : n + 1000));
    REQUIRE(o.database.commit(batch));
  }
  stop = true;
  for (auto& r : readers)
    r.join();
  CHECK(wrong == 0);
}

TEST_CASE("a process that is killed between and in commits loses nothing that was committed") {
  scratch folder{memory_folder()};
  for (unsigned round = 0; round < 30; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      opened o(folder.str());
      for (std::uint32_t n = 1;; n = n % 500 + 1) {
        write_batch batch;
        for (std::uint32_t i = 0; i < 10; ++i)
          batch.records.emplace_back(o.names->find_or_add(name(n + i)), record(n + i));
        if (o.database.commit(batch)) [[maybe_unused]]
          auto told = ::write(ends[1], &n, sizeof n);
      }
    }
    ::close(ends[1]);
    std::uint32_t last = 0;
    std::uint32_t n = 0;
    for (unsigned i = 0; i <= round * 3 && ::read(ends[0], &n, sizeof n) == sizeof n; ++i)
      last = n;
    ::kill(child, SIGKILL);
    while (::read(ends[0], &n, sizeof n) == sizeof n)
      last = n;
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    opened o(folder.str());
    REQUIRE_FALSE(o.database.notice());
    for (auto i = last; i < last + 10; ++i) {
      auto id = o.names->find(name(i));
      REQUIRE(id);
      REQUIRE(o.database.load(*id) == record(i));
    }
    REQUIRE(o.database.measure().damaged == 0);
  }
}

TEST_CASE("a folder that cannot be made is an error with its name") {
  scratch folder;
  write_file(folder / "file", "");
  key_interner names;
  auto database = node_database::open(folder / "file/.zako", names);
  REQUIRE_FALSE(database);
  CHECK(database.error().code == errc::io);
  CHECK(database.error().message.find("file/.zako") != std::string::npos);
}

namespace {

/// A record that depends on `needs`.
node_record needing(const std::vector<key_id>& needs) {
  node_record r;
  for (auto id : needs)
    r.dependencies.push_back({id, 7});
  if (!needs.empty())
    r.group_sizes = {static_cast<std::uint32_t>(needs.size())};
  r.value_bytes = "value";
  return r;
}

} // namespace

TEST_CASE("records that no root needs are collected") {
  scratch folder;
  auto far_past = std::numeric_limits<std::int64_t>::min();
  {
    opened o(folder.str());
    auto id = [&](const char* text) { return o.names->find_or_add(text); };
    write_batch batch;
    // one -> shared -> leaf, two -> shared, old -> alone; two is never asked for by itself.
    batch.records = {{id("one"), needing({id("shared"), id("not stored")})},
                     {id("two"), needing({id("shared"), id("own")})},
                     {id("shared"), needing({id("leaf")})},
                     {id("leaf"), needing({})},
                     {id("own"), needing({})},
                     {id("old"), needing({id("alone"), id("old")})},
                     {id("alone"), needing({})}};
    REQUIRE(o.database.commit(batch));
    CHECK(o.database.collect(far_past) == 0u); // nothing is known of roots: tops are roots
    CHECK(o.database.root_due(id("one")));
    REQUIRE(o.database.commit({.records = {}, .erased = {}, .roots = {id("one")}}));
    CHECK_FALSE(o.database.root_due(id("one")));
  }
  {
    opened o(folder.str());
    auto id = [&](const char* text) { return *o.names->find(text); };
    CHECK_FALSE(o.database.root_due(id("one")));
    CHECK(o.database.collect(far_past) == 4u);
    for (auto* kept : {"one", "shared", "leaf"})
      CHECK(o.database.load(id(kept)));
    for (auto* gone : {"two", "own", "old", "alone"})
      CHECK_FALSE(o.database.load(id(gone)));
    // A root without a record: what was done for it may be any of the records on top.
    auto top = o.names->find_or_add("unfinished work");
    REQUIRE(o.database.commit({.records = {{top, needing({})}},
                               .erased = {},
                               .roots = {o.names->find_or_add("interrupted")}}));
    CHECK(o.database.collect(far_past) == 0u);
  }
  opened o(folder.str());
  CHECK(o.database.measure().records == 4);
  auto future = std::time(nullptr) + 100;
  CHECK(o.database.collect(future) == 4u);
  CHECK(o.database.root_due(*o.names->find("one")));
  CHECK(o.database.measure().records == 0);
}

TEST_CASE("random graphs: exactly what is reached from roots stays") {
  auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  for (int round = 0; round < 30; ++round) {
    scratch folder{memory_folder()};
    opened o(folder.str());
    constexpr std::uint32_t count = 200;
    std::vector<std::vector<std::uint32_t>> needs(count);
    std::vector<bool> reached(count);
    write_batch batch;
    for (std::uint32_t n = 0; n < count; ++n)
      o.names->find_or_add(name(n));
    for (std::uint32_t n = 0; n < count; ++n) {
      for (auto left = random() % 4; left > 0; --left)
        needs[n].push_back(static_cast<std::uint32_t>(random() % count));
      std::vector<key_id> ids;
      for (auto to : needs[n])
        ids.emplace_back(to + 1);
      batch.records.emplace_back(key_id{n + 1}, needing(ids));
    }
    std::vector<std::uint32_t> open;
    for (int root = 0; root < 3; ++root) {
      auto n = static_cast<std::uint32_t>(random() % count);
      batch.roots.emplace_back(n + 1);
      open.push_back(n);
    }
    REQUIRE(o.database.commit(batch));
    while (!open.empty()) {
      auto n = open.back();
      open.pop_back();
      if (reached[n])
        continue;
      reached[n] = true;
      open.insert(open.end(), needs[n].begin(), needs[n].end());
    }
    REQUIRE(o.database.collect(0));
    for (std::uint32_t n = 0; n < count; ++n)
      REQUIRE(o.database.load(key_id{n + 1}).has_value() == reached[n]);
  }
}

TEST_CASE("damaged records are moved to the quarantine, and only these") {
  scratch folder;
  {
    opened o(folder.str());
    o.fill(500);
  }
  auto bytes = read_file(folder / "nodes.mdb");
  for (std::uint32_t n : {77u, 400u})
    flip_bit(folder / "nodes.mdb", bytes.find(record(n).value_bytes) * 8 + 3);
  opened o(folder.str());
  auto damaged = o.database.quarantine_damaged();
  REQUIRE(damaged);
  REQUIRE(damaged->size() == 2);
  CHECK((*damaged)[0].key == key_id{77});
  CHECK((*damaged)[1].key == key_id{400});
  for (auto& x : *damaged)
    CHECK(read_file(x.file).size() > 40);
  CHECK(o.database.measure().records == 498);
  CHECK(o.database.quarantine_damaged().value().empty());
  CHECK(o.database.load(key_id{76}) == record(76));
}

TEST_CASE("a mostly empty database is written anew") {
  scratch folder;
  {
    opened o(folder.str());
    o.fill(3000, 500);
    write_batch batch;
    for (std::uint32_t n = 11; n <= 3000; ++n)
      batch.erased.emplace_back(n);
    REQUIRE(o.database.commit(batch));
  }
  write_file(folder / "nodes.mdb.new", "left by a killed process");
  auto before = fs::file_size(folder / "nodes.mdb");
  auto freed = node_database::compact(folder.str());
  REQUIRE(freed);
  CHECK(*freed > before / 2);
  CHECK(fs::file_size(folder / "nodes.mdb") <= before - *freed);
  CHECK(node_database::compact(folder.str()) == 0u);
  for (int session = 0; session < 2; ++session) {
    opened o(folder.str());
    CHECK_FALSE(o.database.notice());
    CHECK(o.database.measure().records == 10);
    CHECK(o.names->size() == 3000);
    CHECK(o.names->find(name(2999)) == key_id{2999});
    CHECK(o.database.load(key_id{5}) == record(5, 500));
    REQUIRE(o.database.commit({.records = {{key_id{5}, record(5, 500)}}, .erased = {}}));
  }
}

TEST_CASE("a database is open once in a process") {
  scratch folder;
  opened o(folder.str());
  o.fill(100);
  key_interner names;
  auto second = node_database::open(folder.str() + "/.", names);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::invalid_argument);
  CHECK(second.error().message.find("open already") != std::string::npos);
  CHECK(o.database.load(key_id{50}) == record(50));

  CHECK(node_database::visit_bytes(folder / "nowhere", [](std::string_view) {}).error().code ==
        errc::not_found);
}
