// Files and folders: what a look at the workspace or the machine finds.
#include <fmt/format.h>

#include "engine/kinds/common.hpp"

namespace zako {

namespace {

/// Relative paths have one spelling, so that one file is one node.
result<std::string> payload_path(const context& ctx) {
  std::string path(ctx.self().payload());
  if (path.starts_with('/'))
    return path;
  auto normal = join_path({}, path); // dependencies may lie beside the workspace
  if (!normal)
    return tl::unexpected(std::move(normal.error()));
  if (*normal != path)
    return fail(errc::invalid_path, fmt::format("the path '{}' is not normalised", path));
  return path;
}

task<result<file_value>> look_at_file(context& ctx, std::shared_ptr<const file_value> old) {
  auto path = payload_path(ctx);
  if (!path)
    co_return fail(std::move(path.error()));
  stat_job look;
  look.path = std::move(*path);
  if (old && old->type == file_type::regular) {
    look.known = old->print;
    look.known_content = old->content;
  }
  auto seen = co_await ctx.perform(std::move(look));
  if (!seen)
    co_return fail(std::move(seen.error()));
  file_value now;
  now.type = seen->type;
  now.executable = seen->executable;
  now.content = seen->content;
  now.print = seen->print;
  if (seen->real)
    now.real = std::move(*seen->real);
  else if (now.type == file_type::regular && old)
    now.real = old->real;
  co_return now;
}

task<outcome> compute_file(context& ctx) {
  auto now = co_await look_at_file(ctx, previous_as<file_value>(ctx));
  if (!now)
    co_return fail(std::move(now.error()));
  co_return value::of(std::move(*now));
}

/// The same content goes on, with the fingerprint of this look.
task<std::optional<value>> confirm_file(context& ctx, value previous) {
  std::optional<value> none;
  auto old = previous.as<file_value>();
  if (!old)
    co_return none;
  auto now = co_await look_at_file(ctx, *old);
  if (!now)
    co_return none;
  if (*now == **old)
    co_return std::optional<value>(std::move(previous));
  auto fresh = value::of(std::move(*now));
  if (fresh.output() != previous.output())
    co_return none;
  co_return std::optional<value>(std::move(fresh));
}

task<result<directory_value>> look_at_directory(context& ctx,
                                                std::shared_ptr<const directory_value> old) {
  auto path = payload_path(ctx);
  if (!path)
    co_return fail(std::move(path.error()));
  list_job look;
  look.path = std::move(*path);
  if (old && old->exists)
    look.known = old->print;
  auto seen = co_await ctx.perform(std::move(look));
  if (!seen)
    co_return fail(std::move(seen.error()));
  directory_value now;
  now.exists = seen->exists;
  now.print = seen->print;
  if (seen->unchanged && old)
    now.entries = old->entries;
  else
    now.entries = std::move(seen->entries);
  // What Zako itself makes is not part of the workspace: a build must not change what the next one
  // looks at.
  std::erase_if(now.entries,
                [](auto& entry) { return entry.name == "zako-out" || entry.name == ".zako"; });
  co_return now;
}

task<outcome> compute_directory(context& ctx) {
  auto now = co_await look_at_directory(ctx, previous_as<directory_value>(ctx));
  if (!now)
    co_return fail(std::move(now.error()));
  co_return value::of(std::move(*now));
}

task<std::optional<value>> confirm_directory(context& ctx, value previous) {
  std::optional<value> none;
  auto old = previous.as<directory_value>();
  if (!old)
    co_return none;
  auto now = co_await look_at_directory(ctx, *old);
  if (!now)
    co_return none;
  if (*now == **old)
    co_return std::optional<value>(std::move(previous));
  auto fresh = value::of(std::move(*now));
  if (fresh.output() != previous.output())
    co_return none;
  co_return std::optional<value>(std::move(fresh));
}

/// Of a regular file or of none; others are looked at as a whole.
bool prints_of_file(std::string_view payload, std::string_view bytes,
                    const std::function<void(const file_print&)>& show) {
  auto x = decode<file_value>(bytes);
  if (!x || (x->type != file_type::regular && x->type != file_type::missing))
    return false;
  show({payload, x->type, x->print});
  return true;
}

/// Without its entries, which are the better part of it.
bool prints_of_directory(std::string_view payload, std::string_view bytes,
                         const std::function<void(const file_print&)>& show) {
  directory_value x;
  decoder f{bytes};
  if (!f.apply(x.exists) || !f.apply(x.print))
    return false;
  show({payload, x.exists ? file_type::folder : file_type::missing, x.print});
  return true;
}

} // namespace

void add_file_kinds(kind_table& table) {
  table.add({"file", 3, compute_file, confirm_file, prints_of_file});
  table.add({"directory", 2, compute_directory, confirm_directory, prints_of_directory});
}

} // namespace zako
