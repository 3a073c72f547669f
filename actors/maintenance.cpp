// Collecting, verifying and showing stored state.
#include "actors/maintenance.hpp"

#include <algorithm>
#include <ctime>
#include <limits>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "engine/key.hpp"
#include "engine/value_text.hpp"
#include "storage/collector.hpp"
#include "storage/content_store.hpp"
#include "storage/node_database.hpp"
#include "storage/workspace_lock.hpp"

namespace zako {

namespace {

std::string state_folder(const state_place& where) {
  return where.workspace + "/.zako";
}

result<content_store> open_blobs(const state_place& where) {
  auto folder = where.cache_folder;
  if (folder.empty()) {
    auto usual = default_store_folder();
    if (!usual)
      return fail(std::move(usual.error()));
    folder = std::move(*usual);
  }
  return content_store::open(folder);
}

/// What a file was moved to stands in the error's remedy, in words.
void add_notice(const std::optional<error>& notice, std::vector<damage>& out) {
  if (notice)
    out.push_back({notice->message, notice->remedy});
}

/// Records are written and collected only by who holds the workspace.
result<void> collect_records(const std::string& folder, const garbage_limits& limits,
                             std::int64_t now_s, garbage& out) {
  auto oldest =
      limits.most_age_s ? now_s - *limits.most_age_s : std::numeric_limits<std::int64_t>::min();
  {
    key_interner names;
    auto records = node_database::open(
        folder, names, {.on_damage = [&out](const error& why) { out.warnings.push_back(why); }});
    if (!records)
      return fail(std::move(records.error()));
    if (auto& notice = records->notice())
      out.warnings.push_back(*notice);
    auto removed = records->collect(oldest);
    if (!removed)
      return fail(std::move(removed.error()));
    out.records = *removed;
    out.kept_records = records->measure().records;
  }
  auto shrunk = node_database::compact(folder);
  if (!shrunk)
    return fail(std::move(shrunk.error()));
  out.state_bytes = *shrunk;
  return {};
}

std::string text_of(const key_interner& names, key_id id, const node_record& r) {
  auto name = key::from_text(std::string(names.text(id)));
  auto out = fmt::format(
      "{}\n  state    {}, version {} of its kind\n  input    {}\n  output   {}\n", name.text(),
      r.failure ? "failed" : "good", r.kind_version, r.input.hex(), r.output.hex());
  auto next = r.dependencies.begin();
  for (auto size : r.group_sizes) {
    out += "  asked\n";
    for (; size > 0; --size, ++next)
      out += fmt::format("    {:016x}  {}\n", __builtin_bswap64(next->output_prefix),
                         next->key.number() <= names.size() ? names.text(next->key)
                                                            : "a key that is not stored");
  }
  auto text = r.failure ? to_text(*r.failure) : value_text(name.kind(), r.value_bytes);
  out += r.failure ? "  failure\n" : "  value\n";
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    out += "    " + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return out;
}

} // namespace

result<garbage> collect_garbage(const state_place& where, const garbage_limits& limits) {
  auto folder = state_folder(where);
  auto lock = workspace_lock::try_lock(folder, "zako gc");
  if (!lock)
    return fail(std::move(lock.error()));
  auto blobs = open_blobs(where);
  if (!blobs)
    return fail(std::move(blobs.error()));
  garbage out;
  if (auto& notice = blobs->notice())
    out.warnings.push_back(*notice);
  if (auto known = blobs->add_workspace(folder); !known)
    return fail(std::move(known.error()));
  auto now = static_cast<std::int64_t>(std::time(nullptr));
  if (auto done = collect_records(folder, limits, now, out); !done)
    return fail(std::move(done.error()));
  auto done = collect_blobs(
      *blobs, {.most_age_s = limits.most_age_s, .most_bytes = limits.most_bytes}, now);
  if (!done)
    return fail(std::move(done.error()));
  out.blobs = done->removed;
  out.blob_bytes = done->removed_bytes;
  out.kept_blobs = done->kept;
  out.kept_bytes = done->kept_bytes;
  for (auto& why : done->unreadable) {
    why.message = "blobs are kept that nothing may need: " + why.message;
    why.remedy = "build in that workspace, or remove it";
    out.warnings.push_back(std::move(why));
  }
  return out;
}

result<std::vector<damage>>
verify_state(const state_place& where,
             const std::function<bool(std::uint64_t done, std::uint64_t all)>& go_on) {
  auto folder = state_folder(where);
  auto lock = workspace_lock::try_lock(folder, "zako verify");
  if (!lock)
    return fail(std::move(lock.error()));
  std::vector<damage> out;
  {
    key_interner names;
    auto records = node_database::open(folder, names);
    if (!records)
      return fail(std::move(records.error()));
    add_notice(records->notice(), out);
    auto damaged = records->quarantine_damaged();
    if (!damaged)
      return fail(std::move(damaged.error()));
    for (auto& x : *damaged)
      out.push_back({x.key ? fmt::format("the record of '{}'", names.text(x.key))
                           : "a record of an unknown node",
                     std::move(x.file)});
  }
  auto blobs = open_blobs(where);
  if (!blobs)
    return fail(std::move(blobs.error()));
  add_notice(blobs->notice(), out);
  auto damaged = blobs->verify(go_on);
  if (!damaged)
    return fail(std::move(damaged.error()));
  for (auto& x : *damaged)
    out.push_back({fmt::format("blob {} ({} bytes)", x.content.hex(), x.size),
                   blobs->quarantined(x.content)});
  return out;
}

result<std::uint64_t> dump_records(const state_place& where, const std::vector<std::string>& keys,
                                   const std::function<void(std::string_view)>& show,
                                   const std::function<void(const error&)>& warn) {
  auto folder = state_folder(where);
  auto lock = workspace_lock::try_lock(folder, "zako dump");
  if (!lock)
    return fail(std::move(lock.error()));
  key_interner names;
  auto records = node_database::open(folder, names, {.on_damage = warn});
  if (!records)
    return fail(std::move(records.error()));
  if (auto& notice = records->notice())
    warn(*notice);
  std::uint64_t shown = 0;
  records->for_each([&](key_id id, const node_record& r) {
    auto name = names.text(id);
    auto wanted = keys.empty() || std::any_of(keys.begin(), keys.end(), [&](auto& part) {
                    return name.find(part) != std::string_view::npos;
                  });
    if (!wanted)
      return;
    ++shown;
    show(text_of(names, id, r));
  });
  return shown;
}

} // namespace zako
