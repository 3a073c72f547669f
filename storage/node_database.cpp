// The node database: records and texts in one LMDB file. The format is described in
// storage/README.md.
#include "storage/node_database.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>

#include <unistd.h>

#include <fmt/format.h>

#include "storage/node_database_state.hpp"
#include "storage/os.hpp"

namespace zako {

using namespace node_format;

tl::unexpected<error> node_database::state::untrusted(std::string_view why) const {
  return fail(errc::corrupt, fmt::format("the node database '{}' is damaged: {}", file, why));
}

std::uint64_t node_database::state::entries(table t) const {
  MDB_stat stat{};
  env->read([&](MDB_txn* txn) { return mdb_stat(txn, id_of(*env, t), &stat); });
  return stat.ms_entries;
}

/// Opens the file as it is. errc::corrupt when it cannot be trusted as a whole, errc::unsupported
/// for another format.
result<void> node_database::state::start() {
  auto opened = lmdb_environment::open(file, {how.map_bytes, node_format::tables()});
  if (!opened)
    return fail(std::move(opened.error()));
  env = std::move(*opened);
  std::uint32_t name_count = 0;
  if (auto known = check_format(name_count); !known)
    return known;
  if (auto read = read_names(name_count); !read)
    return read;
  return read_roots();
}

result<void> node_database::state::check_format(std::uint32_t& name_count) {
  std::optional<node_format::about> found;
  auto code = env->read([&](MDB_txn* txn) {
    std::uint32_t number = 0;
    auto key = key_of(number);
    MDB_val value;
    auto failed = mdb_get(txn, id_of(*env, table::about), &key, &value);
    if (failed == 0)
      if (auto body = sound_body(table::about, number, value))
        found = node_format::parse_about(*body);
    return failed;
  });
  if (code == MDB_NOTFOUND && entries(table::names) == 0 && entries(table::records) == 0)
    return {}; // made just now, or by a process that was killed before its first commit
  if (!found)
    return untrusted("its description is missing");
  if (found->format != node_format::version)
    return fail(errc::unsupported,
                fmt::format("the node database '{}' has format {}, this program uses format {}",
                            file, found->format, node_format::version));
  name_count = found->name_count;
  return {};
}

/// Texts must be complete: with one missing, its id could be given to another text and records
/// would name that.
result<void> node_database::state::read_names(std::uint32_t name_count) {
  std::uint32_t count = 0;
  // Texts are only added, so a page of them that has pages of the file to itself stays as it is for
  // ever and is used where it lies. A small one shares its place with others, which move it.
  auto map = env->map_again();
  auto add_page = [&](std::uint32_t first, const MDB_val& value) {
    auto bytes = map ? map->find(value) : std::nullopt;
    std::shared_ptr<const void> memory;
    if (bytes) {
      memory = map->start;
    } else {
      auto copy =
          std::make_shared<std::string>(static_cast<const char*>(value.mv_data), value.mv_size);
      bytes = *copy;
      memory = std::move(copy);
    }
    auto body = node_format::unseal(table::names, first, *bytes);
    auto page = body ? node_format::parse_names(*body) : std::nullopt;
    if (first != count + 1 || !page || !key_names->load(page->hashes, page->texts, memory))
      return false;
    count = key_names->size();
    return true;
  };
  auto whole = true;
  auto code = env->read([&](MDB_txn* txn) {
    return visit_table(txn, *env, table::names, 0, [&](const MDB_val& key, const MDB_val& value) {
      whole = add_page(number_of(key), value);
      return whole;
    });
  });
  if (code != 0)
    return fail(env->describe("read", code));
  if (!whole || count != name_count)
    return untrusted("a page of its key texts does not match its checksum or is missing");
  stored_names = count;
  return {};
}

/// A damaged one is forgotten: it is asked for again, or its records are made again.
result<void> node_database::state::read_roots() {
  auto code = env->read([&](MDB_txn* txn) {
    return visit_table(txn, *env, table::roots, 0, [&](const MDB_val& key, const MDB_val& value) {
      auto number = number_of(key);
      auto body = sound_body(table::roots, number, value);
      if (auto asked = body ? node_format::parse_root(*body) : std::nullopt)
        roots[key_id{number}] = *asked;
      return true;
    });
  });
  if (code != 0)
    return fail(env->describe("read", code));
  return {};
}

result<void> node_database::state::move_aside() const {
  return move_lmdb_file(file, folder + "/quarantine");
}

void node_database::state::report(std::uint32_t number) const {
  ++damaged;
  if (!how.on_damage)
    return;
  error e;
  e.code = errc::corrupt;
  auto known = number != 0 && number <= key_names->size();
  e.message = fmt::format("the stored record of '{}' is damaged and is not used",
                          known ? key_names->text(key_id{number}) : "an unknown node");
  how.on_damage(e);
}

int node_database::state::put_names(MDB_txn* txn, std::uint32_t until) const {
  for (auto next = stored_names + 1; next <= until;) {
    auto first = next;
    node_format::names_page page;
    for (; next <= until && page.texts.size() < node_format::names_page_bytes; ++next)
      page.add(key_names->text(key_id{next}));
    if (auto failed = put(txn, *env, table::names, first, node_format::seal(page, first)))
      return failed;
  }
  return put(txn, *env, table::about, 0, node_format::seal({.name_count = until}));
}

node_database::node_database(std::unique_ptr<state> s) : state_(std::move(s)) {}
node_database::node_database(node_database&&) noexcept = default;
node_database& node_database::operator=(node_database&&) noexcept = default;
node_database::~node_database() = default;

result<node_database> node_database::open(const std::string& folder, key_interner& names) {
  return open(folder, names, options{});
}

result<node_database> node_database::open(const std::string& folder, key_interner& names,
                                          options how) {
  assert(names.size() == 0 && "the stored texts come first");
  if (auto code = os::make_folders(AT_FDCWD, folder))
    return os::failed("make the folder", folder, code);
  auto s = std::make_unique<state>();
  s->folder = folder;
  s->file = folder + "/nodes.mdb";
  s->key_names = &names;
  s->how = std::move(how);
  auto started = s->start();
  if (started)
    return node_database{std::move(s)};
  auto why = std::move(started.error());
  if (why.code != errc::corrupt && why.code != errc::unsupported)
    return fail(std::move(why));
  s->env.reset();
  if (why.code == errc::unsupported) {
    if (::unlink(s->file.c_str()) != 0)
      return os::failed("remove", s->file, errno);
    ::unlink((s->file + "-lock").c_str());
    why.remedy = "it starts empty: the next build runs everything again";
  } else {
    if (auto moved = s->move_aside(); !moved)
      return fail(std::move(moved.error()));
    why.remedy = "it was moved to '" + folder + "/quarantine' and starts empty";
  }
  s->notice = std::move(why);
  if (auto again = s->start(); !again)
    return fail(std::move(again.error()));
  return node_database{std::move(s)};
}

const std::optional<error>& node_database::notice() const {
  return state_->notice;
}

std::optional<node_record> node_database::load(key_id id) const {
  auto& s = *state_;
  std::optional<node_record> found;
  auto number = id.number();
  auto key = key_of(number);
  auto code = s.env->read([&](MDB_txn* txn) {
    MDB_val value;
    auto failed = mdb_get(txn, id_of(*s.env, table::records), &key, &value);
    if (failed == 0)
      if (auto bytes = sound_body(table::records, number, value))
        found = node_format::parse_record(*bytes);
    return failed;
  });
  if (!found && code != MDB_NOTFOUND)
    s.report(number);
  return found;
}

void node_database::for_each(const std::function<void(key_id, const node_record&)>& visit) const {
  auto& s = *state_;
  auto code = s.env->read([&](MDB_txn* txn) {
    return visit_table(txn, *s.env, table::records, 0,
                       [&](const MDB_val& key, const MDB_val& value) {
                         auto number = number_of(key);
                         auto bytes = sound_body(table::records, number, value);
                         auto r = bytes ? node_format::parse_record(*bytes) : std::nullopt;
                         if (r)
                           visit(key_id{number}, *r);
                         else
                           s.report(number);
                         return true;
                       });
  });
  if (code != 0)
    s.report(0);
}

/// Shows a stored record in place when it is sound.
void node_database::state::show(
    std::uint32_t number, const MDB_val& value,
    const std::function<void(key_id, const record_view&)>& visit) const {
  auto bytes = sound_body(table::records, number, value);
  if (auto r = bytes ? record_view::of(*bytes) : std::nullopt)
    visit(key_id{number}, *r);
  else
    report(number);
}

void node_database::visit(const std::vector<key_id>& keys,
                          const std::function<void(key_id, const record_view&)>& visit) const {
  auto& s = *state_;
  auto code = s.env->read([&](MDB_txn* txn) {
    for (auto id : keys) {
      auto number = id.number();
      auto key = key_of(number);
      MDB_val value;
      auto failed = mdb_get(txn, id_of(*s.env, table::records), &key, &value);
      if (failed == MDB_NOTFOUND)
        continue;
      if (failed != 0)
        return failed;
      s.show(number, value, visit);
    }
    return 0;
  });
  if (code != 0)
    s.report(0);
}

void node_database::scan(std::uint32_t part, std::uint32_t parts,
                         const std::function<void(key_id, const record_view&)>& visit) const {
  auto& s = *state_;
  auto names = s.stored_names.load();
  auto border = [&](std::uint64_t i) {
    return static_cast<std::uint32_t>((std::uint64_t{names} + 1) * i / parts);
  };
  auto first = border(part);
  auto end = border(part + 1);
  auto code = s.env->read([&](MDB_txn* txn) {
    return visit_table(txn, *s.env, table::records, first,
                       [&](const MDB_val& key, const MDB_val& value) {
                         auto number = number_of(key);
                         if (number >= end)
                           return false;
                         s.show(number, value, visit);
                         return true;
                       });
  });
  if (code != 0)
    s.report(0);
}

result<void> node_database::commit(const write_batch& batch) {
  auto& s = *state_;
  if (s.lost)
    return fail(*s.lost);
  // In the order of the ids, so that pages fill well.
  std::vector<const std::pair<key_id, node_record>*> sorted;
  for (auto& r : batch.records)
    sorted.push_back(&r);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->first < b->first; });
  auto name_count = s.key_names->size();
  auto now = os::now_s();
  auto code = s.env->write([&](MDB_txn* txn) {
    auto failed = s.put_names(txn, name_count);
    for (auto id : batch.roots)
      if (failed == 0)
        failed =
            put(txn, *s.env, table::roots, id.number(), node_format::seal_root(now, id.number()));
    for (auto* r : sorted)
      if (failed == 0)
        failed = put(txn, *s.env, table::records, r->first.number(),
                     node_format::seal(r->second, r->first.number()));
    for (auto id : batch.erased) {
      auto number = id.number();
      auto key = key_of(number);
      if (failed == 0)
        failed = mdb_del(txn, id_of(*s.env, table::records), &key, nullptr);
      if (failed == MDB_NOTFOUND)
        failed = 0;
    }
    return failed;
  });
  if (code == 0) {
    s.stored_names = name_count;
    s.written += batch.records.size();
    std::scoped_lock hold{s.roots_lock};
    for (auto id : batch.roots)
      s.roots[id] = now;
    return {};
  }
  auto why = s.env->describe("write", code);
  if (why.code == errc::corrupt) {
    s.lost = why;
    if (auto moved = s.move_aside(); !moved)
      why.causes.push_back(std::move(moved.error()));
  }
  return fail(std::move(why));
}

bool node_database::root_due(key_id root) const {
  constexpr std::int64_t day = 24 * 60 * 60;
  std::scoped_lock hold{state_->roots_lock};
  auto it = state_->roots.find(root);
  return it == state_->roots.end() || os::now_s() - it->second >= day;
}

node_database::figures node_database::measure() const {
  return {.records = state_->entries(table::records),
          .names = state_->stored_names,
          .used_bytes = state_->env->used_bytes(),
          .written = state_->written,
          .damaged = state_->damaged};
}

} // namespace zako
