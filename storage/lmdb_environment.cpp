// Opening, growing and reading an LMDB file.
#include "storage/lmdb_environment.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

#include "storage/lmdb_format.hpp"
#include "storage/os.hpp"

namespace zako {

namespace {

constexpr unsigned most_readers =
    1024; // transactions of all processes together; 64 bytes each in the lock file

std::size_t slot_of_this_thread(std::size_t slots) {
  static std::atomic<std::size_t> threads = 0;
  static thread_local std::size_t mine = threads++;
  return mine % slots;
}

/// LMDB writes into its lock file through a mapping, where a full disk would be a SIGBUS: all of it
/// gets its place on the disk first.
result<void> make_room_for_lock(const std::string& file) {
  constexpr std::size_t bytes = std::size_t{64} * most_readers + 4096; // LMDB takes it as it is
  auto path = file + "-lock";
  auto fd = os::open(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT, 0666);
  if (!fd)
    return os::failed("open", path, errno);
  if (::fallocate(fd.get(), 0, 0, bytes) != 0 && errno != EOPNOTSUPP)
    return os::failed("write", path, errno);
  return {};
}

/// A mark that this process has the file open; null when there is one already.
std::shared_ptr<const void> mark_open(const std::string& file) {
  static std::mutex lock;
  static std::set<std::string> open;
  namespace fs = std::filesystem;
  std::error_code ignored;
  auto name =
      (fs::canonical(fs::path(file).parent_path(), ignored) / fs::path(file).filename()).string();
  std::scoped_lock hold{lock};
  if (!open.insert(name).second)
    return nullptr;
  return {new int, [name](const int* p) {
            std::scoped_lock again{lock};
            open.erase(name);
            delete p;
          }};
}

/// Calls `visit` with each entry of a table until it gives another code than 0.
template <class Visit>
int each_entry(MDB_txn* txn, MDB_dbi table, Visit&& visit) {
  MDB_cursor* cursor = nullptr;
  auto code = mdb_cursor_open(txn, table, &cursor);
  if (code != 0)
    return code;
  MDB_val key, value;
  while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0)
    if ((code = visit(key, value)) != 0)
      break;
  mdb_cursor_close(cursor);
  return code == MDB_NOTFOUND ? 0 : code;
}

} // namespace

result<std::unique_ptr<lmdb_environment>> lmdb_environment::open(const std::string& file,
                                                                 options how) {
  auto only_one = mark_open(file);
  if (!only_one)
    return fail(errc::invalid_argument, fmt::format("this program has '{}' open already", file));
  if (auto sound = check_lmdb_size(file); !sound)
    return fail(std::move(sound.error()));
  if (auto room = make_room_for_lock(file); !room)
    return fail(std::move(room.error()));
  std::unique_ptr<lmdb_environment> self{new lmdb_environment};
  self->file_ = file;
  self->only_one_ = std::move(only_one);
  self->described_ = how.tables;
  auto refuse = [&](int code) { return fail(self->describe("open", code)); };
  if (auto code = mdb_env_create(&self->env_))
    return refuse(code);
  mdb_env_set_mapsize(self->env_, how.map_bytes);
  mdb_env_set_maxdbs(self->env_, static_cast<MDB_dbi>(how.tables.size()));
  mdb_env_set_maxreaders(self->env_, most_readers);
  // NOTLS: transactions belong to slots, not to threads. No WRITEMAP: a full disk would be a
  // SIGBUS.
  auto flags = MDB_NOSUBDIR | MDB_NOTLS | (how.read_only ? MDB_RDONLY : 0);
  if (auto code = mdb_env_open(self->env_, file.c_str(), static_cast<unsigned>(flags), 0666))
    return refuse(code);
  int fd = -1;
  mdb_env_get_fd(self->env_, &fd);
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  // Pages that readers pinned when they were killed are free again.
  mdb_reader_check(self->env_, nullptr);

  result<void> sound;
  // Other processes may commit twice between our look at the number and at the page that belongs to
  // it: what is wrong for good stays wrong.
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto code = self->read([&](MDB_txn* txn) {
      sound = check_lmdb_pages(file, mdb_txn_id(txn), how.tables);
      return 0;
    });
    if (code != 0)
      return refuse(code);
    if (sound)
      break;
  }
  if (!sound)
    return fail(std::move(sound.error()));

  auto open_tables = [&](MDB_txn* txn) {
    self->tables_.clear();
    for (auto& t : how.tables) {
      MDB_dbi id;
      auto create = how.read_only ? 0u : unsigned{MDB_CREATE};
      if (auto failed = mdb_dbi_open(txn, t.name, create | t.flags, &id))
        return failed;
      self->tables_.push_back(id);
    }
    return 0;
  };
  if (!how.read_only) {
    if (auto code = self->write(open_tables))
      return refuse(code);
    return self;
  }
  // The names of tables last when the transaction that opened them is committed.
  MDB_txn* txn = nullptr;
  auto code = mdb_txn_begin(self->env_, nullptr, MDB_RDONLY, &txn);
  if (code == 0)
    code = open_tables(txn);
  if (code == 0)
    code = mdb_txn_commit(txn);
  else if (txn)
    mdb_txn_abort(txn);
  if (code != 0)
    return refuse(code);
  return self;
}

lmdb_environment::~lmdb_environment() {
  for (auto& s : slots_)
    if (s.txn)
      mdb_txn_abort(s.txn);
  if (env_)
    mdb_env_close(env_);
}

lmdb_environment::reading::reading(const lmdb_environment& env) {
  auto& slot = env.slots_[slot_of_this_thread(slot_count)];
  for (;;) {
    hold = std::unique_lock{slot.lock};
    code = slot.txn ? mdb_txn_renew(slot.txn)
                    : mdb_txn_begin(env.env_, nullptr, MDB_RDONLY, &slot.txn);
    if (code == 0) {
      txn = slot.txn;
      return;
    }
    if (code != MDB_MAP_RESIZED)
      return;
    hold.unlock();
    std::scoped_lock writer{env.writing_};
    if (env.resize(false) != 0)
      return;
  }
}

lmdb_environment::reading::~reading() {
  if (txn)
    mdb_txn_reset(txn);
}

/// Doubles the map, or takes over the size that another process gave it. The caller holds
/// `writing_`, and with all slots there is no transaction left in this process, as LMDB demands.
int lmdb_environment::resize(bool grow) const {
  std::vector<std::unique_lock<std::mutex>> all;
  for (auto& s : slots_)
    all.emplace_back(s.lock);
  MDB_envinfo info;
  mdb_env_info(env_, &info);
  return mdb_env_set_mapsize(env_, grow ? info.me_mapsize * 2 : 0);
}

std::optional<lmdb_environment::second_map> lmdb_environment::map_again() const {
  int fd = -1;
  mdb_env_get_fd(env_, &fd);
  auto size = used_bytes();
  MDB_stat stat;
  mdb_env_stat(env_, &stat);
  auto* start = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (start == MAP_FAILED)
    return std::nullopt;
  return second_map{{static_cast<const char*>(start),
                     [size](const char* p) { ::munmap(const_cast<char*>(p), size); }},
                    size,
                    stat.ms_psize};
}

std::optional<std::string_view> lmdb_environment::second_map::find(const MDB_val& value) const {
  // Values as large as a page have pages of their own, behind the header of the first.
  if (value.mv_size < page_bytes)
    return std::nullopt;
  lmdb_format::page_header header;
  std::memcpy(&header, static_cast<const char*>(value.mv_data) - sizeof header, sizeof header);
  auto at = header.number * page_bytes + sizeof header;
  if (header.flags != lmdb_format::overflow || at > size || value.mv_size > size - at)
    return std::nullopt;
  return std::string_view{start.get() + at, value.mv_size};
}

std::uint64_t lmdb_environment::packed_bytes() const {
  std::uint64_t pages = lmdb_format::first_data_page + 2; // and one for each of LMDB's own tables
  std::uint64_t page_bytes = 0;
  read([&](MDB_txn* txn) {
    for (auto id : tables_) {
      MDB_stat stat;
      std::uint64_t bytes = 0; // on leaf pages
      auto code = mdb_stat(txn, id, &stat);
      page_bytes = stat.ms_psize;
      if (code == 0)
        code = each_entry(txn, id, [&](MDB_val& key, MDB_val& value) {
          auto on_pages_of_their_own = value.mv_size * 2 > page_bytes;
          bytes += sizeof(lmdb_format::node_header) + sizeof(std::uint16_t) + key.mv_size +
                   (on_pages_of_their_own ? sizeof(std::uint64_t) : value.mv_size);
          return 0;
        });
      if (code != 0)
        return code;
      pages += bytes / page_bytes + 1 + stat.ms_overflow_pages;
    }
    return 0;
  });
  return pages * page_bytes;
}

/// In the order of the keys, so that every page is filled.
int lmdb_environment::copy_tables(MDB_txn* from, MDB_env* to) const {
  MDB_txn* txn = nullptr;
  auto code = mdb_txn_begin(to, nullptr, 0, &txn);
  for (std::size_t i = 0; i < described_.size() && code == 0; ++i) {
    MDB_dbi id;
    code = mdb_dbi_open(txn, described_[i].name, MDB_CREATE | described_[i].flags, &id);
    if (code == 0)
      code = each_entry(from, tables_[i], [&](MDB_val& key, MDB_val& value) {
        return mdb_put(txn, id, &key, &value, MDB_APPEND);
      });
  }
  if (code == 0)
    return mdb_txn_commit(txn);
  if (txn)
    mdb_txn_abort(txn);
  return code;
}

result<void> lmdb_environment::copy_packed(const std::string& to) const {
  ::unlink(to.c_str()); // of a process that was killed
  MDB_env* copy = nullptr;
  auto code = mdb_env_create(&copy);
  if (code == 0) {
    mdb_env_set_mapsize(copy, 2 * used_bytes() + (1u << 20)); // far more than it takes
    mdb_env_set_maxdbs(copy, static_cast<MDB_dbi>(described_.size()));
    code = mdb_env_open(copy, to.c_str(), MDB_NOSUBDIR | MDB_NOLOCK, 0666); // nobody else knows it
  }
  if (code == 0)
    code = read([&](MDB_txn* txn) { return copy_tables(txn, copy); });
  if (copy)
    mdb_env_close(copy);
  if (code == 0)
    return {};
  ::unlink(to.c_str());
  return fail(describe("copy", code));
}

std::uint64_t lmdb_environment::used_bytes() const {
  MDB_envinfo info;
  MDB_stat stat;
  mdb_env_info(env_, &info);
  mdb_env_stat(env_, &stat);
  return (info.me_last_pgno + 1) * stat.ms_psize;
}

error lmdb_environment::describe(std::string_view what, int code) const {
  if (code > 0) {
    auto e = os::failed(what, file_, code).value();
    e.code = errc::io;
    if (code == EIO) // LMDB's word for a write that was cut short
      e.remedy = "check the free space and the health of that disk";
    return e;
  }
  error e;
  e.message = fmt::format("cannot {} '{}': {}", what, file_, mdb_strerror(code));
  auto outside = code == MDB_READERS_FULL || code == MDB_TXN_FULL || code == MDB_MAP_FULL;
  e.code = outside ? errc::io : errc::corrupt;
  return e;
}

} // namespace zako
