// Protects against a damaged disk: after any flipped bit or truncation of the LMDB files, what is
// read is right or absent, writing works or says why not, and nothing crashes.
#include <cstdlib>

#include <sys/wait.h>

#include <catch2/catch.hpp>

#include "scratch.hpp"
#include "storage/content_store.hpp"
#include "storage/node_database.hpp"

using namespace zako;
using namespace zako::test;

namespace {

constexpr std::uint32_t record_count = 300;

std::string name(std::uint32_t n) {
  return "file:src/" + std::to_string(n);
}

node_record record(std::uint32_t n) {
  node_record r;
  r.kind_version = n;
  r.input = digest_of(std::to_string(n));
  r.group_sizes = {1};
  r.dependencies = {{key_id{n % record_count + 1}, n}};
  r.value_bytes = random_bytes(n % 10 == 0 ? 9000 : 50, n);
  return r;
}

/// Of each kind; ZAKO_CORRUPTIONS=100000 for a long run.
std::uint64_t trials() {
  auto* text = std::getenv("ZAKO_CORRUPTIONS");
  return text ? std::strtoull(text, nullptr, 10) : 1000;
}

/// Runs `body` in a process of its own, so that a crash is a failed check that names its trial.
/// Gives what `body` found wrong, or how it crashed; empty when all is well.
template <class Body>
std::string fault_of(Body&& body) {
  int ends[2];
  if (::pipe(ends) != 0)
    return "no pipe";
  auto child = ::fork();
  if (child == 0) {
    std::string fault = body();
    [[maybe_unused]] auto told = ::write(ends[1], fault.data(), fault.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string fault(4096, '\0');
  auto n = ::read(ends[0], fault.data(), fault.size());
  fault.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  ::close(ends[0]);
  int status = -1;
  ::waitpid(child, &status, 0);
  return status == 0 ? fault : "wait status " + std::to_string(status);
}

/// Every text and record that is there is right; a new commit works, or is refused as corrupt and
/// the next open is clean.
std::string fault_of_nodes(const std::string& folder) {
  for (int session = 0; session < 2; ++session) {
    key_interner names;
    auto database = node_database::open(folder, names);
    if (!database)
      return "open: " + to_text(database.error());
    for (std::uint32_t n = 1; n <= names.size() && n <= record_count; ++n)
      if (names.text(key_id{n}) != name(n))
        return "text " + std::to_string(n);
    for (std::uint32_t n = 1; n <= record_count; ++n)
      if (auto r = database->load(key_id{n}); r && *r != record(n))
        return "record " + std::to_string(n);
    std::string wrong;
    database->for_each([&](key_id id, const node_record& r) {
      if (r != record(id.number()))
        wrong = "visited record " + std::to_string(id.number());
    });
    if (!wrong.empty())
      return wrong;
    write_batch batch;
    for (std::uint32_t n = 1; n <= record_count; ++n)
      if (auto id = names.find_or_add(name(n)); n % 3 == 0)
        batch.records.emplace_back(id, record(id.number()));
      else if (n % 7 == 0)
        batch.erased.push_back(id);
    auto committed = database->commit(batch);
    if (!committed && (committed.error().code != errc::corrupt || session == 1))
      return "commit: " + to_text(committed.error());
    if (committed)
      for (auto& [id, r] : batch.records)
        if (database->load(id) != r)
          return "new record " + std::to_string(id.number());
  }
  return {};
}

struct sample_database {
  scratch folder{memory_folder()};
  std::string file = folder / "nodes.mdb";
  std::string bytes;

  sample_database() {
    key_interner names;
    {
      auto database = node_database::open(folder.str(), names);
      REQUIRE(database);
      for (std::uint32_t from = 1; from <= record_count; from += 60) {
        write_batch batch;
        for (auto n = from; n < from + 60; ++n)
          batch.records.emplace_back(names.find_or_add(name(n)), record(n));
        REQUIRE(database->commit(batch));
      }
    }
    bytes = read_file(file);
  }
  void reset() const {
    fs::remove_all(folder / "quarantine");
    fs::remove(file + "-lock");
    write_file(file, bytes);
  }
};

} // namespace

TEST_CASE("flipped bits in the node database are found or harmless") {
  sample_database sample;
  std::mt19937_64 random{20240501};
  // Half of them in the meta pages and the first tree pages, where they do most.
  for (std::uint64_t i = 0; i < trials(); ++i) {
    auto within = i % 2 ? sample.bytes.size() : std::size_t{16 * 4096};
    auto bit = random() % (within * 8);
    INFO("bit " << bit);
    sample.reset();
    flip_bit(sample.file, bit);
    CHECK(fault_of([&] { return fault_of_nodes(sample.folder.str()); }) == std::string());
  }
}

TEST_CASE("truncations of the node database are found") {
  sample_database sample;
  std::mt19937_64 random{20240502};
  for (std::uint64_t i = 0; i < trials(); ++i) {
    auto size = i < 20 ? i * 1000 : random() % sample.bytes.size();
    INFO("size " << size);
    sample.reset();
    fs::resize_file(sample.file, size);
    CHECK(fault_of([&] { return fault_of_nodes(sample.folder.str()); }) == std::string());
  }
}

TEST_CASE("flipped bits and truncations of the small blobs are found or harmless") {
  scratch folder{memory_folder()};
  auto file = folder / "content-2/small.mdb";
  auto blob = [](std::uint64_t n) { return random_bytes(n % 5 == 0 ? 3500 : 90, n); };
  {
    auto store = content_store::open(folder.str());
    REQUIRE(store);
    for (std::uint64_t n = 0; n < 200; ++n)
      REQUIRE(store->put(blob(n)));
    REQUIRE(store->flush());
  }
  auto bytes = read_file(file);
  auto sound = [&]() -> std::string {
    for (int session = 0; session < 2; ++session) {
      auto store = content_store::open(folder.str());
      if (!store)
        return "open: " + to_text(store.error());
      for (std::uint64_t n = 0; n < 200; ++n)
        if (auto read = store->read(digest_of(blob(n))); read && *read != blob(n))
          return "blob " + std::to_string(n);
      result<void> written;
      for (std::uint64_t n = 0; n < 250 && written; ++n)
        if (auto put = store->put(blob(n)); !put)
          written = fail(put.error());
      if (written)
        written = store->flush();
      if (!written && session == 1)
        return "write: " + to_text(written.error());
    }
    return {};
  };
  std::mt19937_64 random{20240503};
  for (std::uint64_t i = 0; i < trials(); ++i) {
    fs::remove_all(folder / "content-2/quarantine");
    fs::remove(file + "-lock");
    write_file(file, bytes);
    auto at = random() % (i % 2 ? bytes.size() : std::size_t{8 * 4096});
    INFO((i % 3 ? "bit " : "size ") << at);
    if (i % 3)
      flip_bit(file, at * 8 + i % 8);
    else
      fs::resize_file(file, at);
    CHECK(fault_of(sound) == std::string());
  }
}
