// Looking after a node database: records that nobody needs, damaged ones, unused pages, what its
// bytes name.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <utility>

#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "storage/node_database_state.hpp"
#include "storage/os.hpp"

namespace zako {

using namespace node_format;

namespace {

// A commit that erases so many takes some tens of milliseconds.
constexpr std::size_t erased_at_once = 20'000;

/// The stored records as a graph, packed: a workspace may have millions.
class record_graph {
public:
  explicit record_graph(std::uint32_t most) : places_(most + 1, none) {}

  void add(std::uint32_t number, const record_view& r) {
    if (number >= places_.size())
      return;
    places_[number] = static_cast<std::uint32_t>(numbers_.size());
    numbers_.push_back(number);
    r.dependencies([this](const dependency& d, bool) { edges_.push_back(d.key.number()); });
    ends_.push_back(edges_.size());
  }

  [[nodiscard]] bool has(key_id id) const { return place_of(id.number()) != none; }

  /// The records that no other depends on.
  [[nodiscard]] std::vector<key_id> tops() const {
    std::vector<bool> needed(places_.size());
    for (std::uint32_t i = 0; i < numbers_.size(); ++i)
      for (auto e = begin_of(i); e < ends_[i]; ++e)
        if (edges_[e] < needed.size() && edges_[e] != numbers_[i])
          needed[edges_[e]] = true;
    std::vector<key_id> out;
    for (auto number : numbers_)
      if (!needed[number])
        out.emplace_back(number);
    return out;
  }

  /// The records that are not reached from `roots`.
  [[nodiscard]] std::vector<key_id> unreached(const std::vector<key_id>& roots) const {
    std::vector<bool> seen(numbers_.size());
    std::vector<std::uint32_t> open;
    auto reach = [&](std::uint32_t number) {
      if (auto i = place_of(number); i != none && !seen[i]) {
        seen[i] = true;
        open.push_back(i);
      }
    };
    for (auto root : roots)
      reach(root.number());
    while (!open.empty()) {
      auto i = open.back();
      open.pop_back();
      for (auto e = begin_of(i); e < ends_[i]; ++e)
        reach(edges_[e]);
    }
    std::vector<key_id> out;
    for (std::uint32_t i = 0; i < numbers_.size(); ++i)
      if (!seen[i])
        out.emplace_back(numbers_[i]);
    return out;
  }

private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  [[nodiscard]] std::uint32_t place_of(std::uint32_t number) const {
    return number < places_.size() ? places_[number] : none;
  }
  [[nodiscard]] std::size_t begin_of(std::uint32_t i) const { return i == 0 ? 0 : ends_[i - 1]; }

  std::vector<std::uint32_t> places_; // of a number in the following
  std::vector<std::uint32_t> numbers_;
  std::vector<std::size_t> ends_;
  std::vector<std::uint32_t> edges_;
};

/// Who reads a database of a workspace that it does not hold, and who replaces the file, keep out
/// of each other's way: LMDB's table of readers is not made for two files of one name. None when it
/// is taken.
os::unique_fd lock_file(const std::string& folder, int how) {
  auto path = folder + "/nodes.mdb-reading";
  auto fd = os::open(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT, 0666);
  if (fd && ::flock(fd.get(), how) != 0)
    return {};
  return fd;
}

} // namespace

result<std::uint64_t> node_database::collect(std::int64_t oldest_root_s) {
  auto& s = *state_;
  record_graph graph{s.stored_names};
  scan(0, 1, [&](key_id id, const record_view& r) { graph.add(id.number(), r); });

  std::vector<key_id> kept;
  std::vector<key_id> forgotten;
  {
    std::scoped_lock hold{s.roots_lock};
    for (auto& [id, asked] : s.roots)
      (asked < oldest_root_s ? forgotten : kept).push_back(id);
  }
  auto unfinished = [&](key_id id) { return !graph.has(id); };
  if ((kept.empty() && forgotten.empty()) || std::any_of(kept.begin(), kept.end(), unfinished)) {
    auto tops = graph.tops();
    kept.insert(kept.end(), tops.begin(), tops.end());
  }
  auto garbage = graph.unreached(kept);

  auto code = s.env->write([&](MDB_txn* txn) {
    for (auto id : forgotten) {
      auto number = id.number();
      auto key = key_of(number);
      auto failed = mdb_del(txn, id_of(*s.env, table::roots), &key, nullptr);
      if (failed != 0 && failed != MDB_NOTFOUND)
        return failed;
    }
    return 0;
  });
  if (code != 0)
    return fail(s.env->describe("write", code));
  {
    std::scoped_lock hold{s.roots_lock};
    for (auto id : forgotten)
      s.roots.erase(id);
  }
  for (std::size_t from = 0; from < garbage.size(); from += erased_at_once) {
    auto to = std::min(garbage.size(), from + erased_at_once);
    write_batch batch;
    batch.erased.assign(garbage.begin() + static_cast<std::ptrdiff_t>(from),
                        garbage.begin() + static_cast<std::ptrdiff_t>(to));
    if (auto done = commit(batch); !done)
      return fail(std::move(done.error()));
  }
  return garbage.size();
}

result<std::vector<node_database::damaged_record>> node_database::quarantine_damaged() {
  auto& s = *state_;
  std::vector<std::pair<std::string, std::string>> damaged; // keys and values as they are stored
  auto code = s.env->read([&](MDB_txn* txn) {
    return visit_table(txn, *s.env, table::records, 0,
                       [&](const MDB_val& key, const MDB_val& value) {
                         auto number = number_of(key);
                         auto body = sound_body(table::records, number, value);
                         if (number == 0 || !body || !parse_record(*body))
                           damaged.emplace_back(
                               std::string(static_cast<const char*>(key.mv_data), key.mv_size),
                               std::string(static_cast<const char*>(value.mv_data), value.mv_size));
                         return true;
                       });
  });
  if (code != 0)
    return fail(s.env->describe("read", code));
  std::vector<damaged_record> out;
  if (damaged.empty())
    return out;
  for (auto& [key, value] : damaged) {
    auto number = number_of({key.size(), key.data()});
    auto known = number != 0 && number <= s.key_names->size();
    auto target = fmt::format("{}/quarantine/{}-record-{}", s.folder, os::file_clock_ns(), number);
    auto file = os::temporary_file::beside(AT_FDCWD, target, 0666);
    if (!file)
      return fail(std::move(file.error()));
    if (!os::write_all(file->fd(), value))
      return os::failed("write", target, errno);
    if (auto kept = file->publish(target); !kept)
      return fail(std::move(kept.error()));
    out.push_back({known ? key_id{number} : key_id{}, std::move(target)});
  }
  code = s.env->write([&](MDB_txn* txn) {
    for (auto& [bytes, value] : damaged) {
      MDB_val key{bytes.size(), bytes.data()};
      auto failed = mdb_del(txn, id_of(*s.env, table::records), &key, nullptr);
      if (failed != 0 && failed != MDB_NOTFOUND)
        return failed;
    }
    return 0;
  });
  if (code != 0)
    return fail(s.env->describe("write", code));
  return out;
}

result<void> node_database::visit_bytes(const std::string& folder,
                                        const std::function<void(std::string_view)>& visit) {
  auto file = folder + "/nodes.mdb";
  if (::access(file.c_str(), F_OK) != 0)
    return os::failed("read", file, errno);
  auto reading = lock_file(folder, LOCK_SH);
  if (!reading)
    return os::failed("lock the records in", folder, errno);
  auto env = lmdb_environment::open(file, {options{}.map_bytes, tables(), true});
  if (!env)
    return fail(std::move(env.error()));
  auto code = (*env)->read([&](MDB_txn* txn) {
    return visit_table(txn, **env, table::records, 0, [&](const MDB_val&, const MDB_val& value) {
      visit({static_cast<const char*>(value.mv_data), value.mv_size});
      return true;
    });
  });
  if (code != 0)
    return fail((*env)->describe("read", code));
  return {};
}

result<std::uint64_t> node_database::compact(const std::string& folder) {
  auto file = folder + "/nodes.mdb";
  auto fresh = folder + "/nodes.mdb.new";
  std::uint64_t before = 0;
  auto alone = lock_file(folder, LOCK_EX | LOCK_NB);
  if (!alone)
    return 0; // a collector reads it; the next time is as good
  {
    auto env = lmdb_environment::open(file, {options{}.map_bytes, tables()});
    if (!env)
      return fail(std::move(env.error()));
    before = (*env)->used_bytes();
    if ((*env)->packed_bytes() * 8 > before * 7)
      return 0;
    if (auto copied = (*env)->copy_packed(fresh); !copied)
      return fail(std::move(copied.error()));
  }
  // The copy counts its transactions from 1: it must not meet the old file's table of readers.
  if (::unlink((file + "-lock").c_str()) != 0 && errno != ENOENT)
    return os::failed("remove", file + "-lock", errno);
  if (::rename(fresh.c_str(), file.c_str()) != 0)
    return os::failed("replace", file, errno);
  struct ::stat s;
  if (::stat(file.c_str(), &s) != 0)
    return os::failed("read", file, errno);
  auto after = static_cast<std::uint64_t>(s.st_size);
  return before > after ? before - after : 0;
}

} // namespace zako
