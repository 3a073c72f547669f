// Merging errors, safe reading, places of targets; and the table of all kinds.
#include "engine/kinds/common.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace zako {

namespace {

constexpr std::size_t max_causes =
    100; // of one merged error: enough for a person, bounded for a wide graph

} // namespace

void error_list::add(error e) {
  if (e.code == errc::dependency) {
    for (auto& cause : e.causes)
      add(std::move(cause));
    return;
  }
  // A wrong import of a library is one mistake, in whatever ways files come to import it.
  auto known = e;
  if (known.code == errc::import_denied || known.code == errc::not_found)
    known.causes.clear();
  if (seen_.insert(digest_of(encode(known))).second)
    errors_.push_back(std::move(e));
}

error error_list::merged() && {
  auto cancelled = [](const error& e) { return e.code == errc::cancelled; };
  if (!std::all_of(errors_.begin(), errors_.end(), cancelled))
    std::erase_if(errors_, cancelled);
  if (errors_.size() == 1 || cancelled(errors_.front()))
    return std::move(errors_.front());
  error all;
  all.code = errc::dependency;
  all.message = fmt::format("{} errors", errors_.size());
  if (errors_.size() > max_causes) {
    all.message += fmt::format(", of which {} are kept", max_causes);
    errors_.resize(max_causes);
  }
  all.causes = std::move(errors_);
  return all;
}

task<result<std::optional<std::string>>> read_text(context& ctx, std::string path) {
  auto file = co_await ctx.get<file_value>(file_key(path));
  if (!file)
    co_return fail(std::move(file.error()));
  std::optional<std::string> none;
  if ((*file)->type == file_type::missing)
    co_return none;
  auto text = co_await read_looked_at(ctx, path, **file);
  if (!text)
    co_return fail(std::move(text.error()));
  std::optional<std::string> found = std::move(*text);
  co_return found;
}

task<result<std::string>> read_looked_at(context& ctx, std::string path, file_value file) {
  if (file.type != file_type::regular)
    co_return fail(errc::invalid_path, fmt::format("'{}' is not a regular file", path));
  read_job read;
  read.path = path;
  auto text = co_await ctx.perform(std::move(read));
  if (!text)
    co_return fail(std::move(text.error()));
  if (digest_of(*text) != file.content)
    co_return fail(errc::io, fmt::format("'{}' changed while it was read", path), "build again");
  co_return std::move(*text);
}

result<label> payload_label(const context& ctx) {
  auto payload = ctx.self().payload();
  auto parsed = label::parse(payload);
  if (parsed && parsed->str() != payload)
    return fail(errc::invalid_label, fmt::format("'{}' is not a full label", payload));
  return parsed;
}

task<std::optional<source_position>> locate(context& ctx, label target) {
  auto places = co_await ctx.get<places_value>(places_key(target.package));
  if (places)
    for (auto& declared : (*places)->targets)
      if (declared.name == target.name)
        co_return std::optional<source_position>(declared.where);
  co_return std::optional<source_position>();
}

task<error> located(context& ctx, label target, error why) {
  if (why.position)
    co_return why;
  auto position = co_await locate(ctx, std::move(target));
  if (!position || position->file.empty())
    co_return why;
  why.position = std::move(position);
  if (why.code == errc::action_failed) // what the program printed says more
    co_return why;
  auto build_file = co_await ctx.get<module_value>(module_key(why.position->file));
  if (build_file)
    why.frame =
        code_frame((*build_file)->source.typescript, why.position->line, why.position->column);
  co_return why;
}

task<result<std::vector<neutral_path>>> package_folders(context& ctx, neutral_path folder) {
  auto packages = co_await ctx.get<paths_value>(packages_key(folder));
  if (!packages)
    co_return fail(std::move(packages.error()));
  std::vector<neutral_path> out;
  for (auto& path : (*packages)->paths) {
    auto parsed = neutral_path::parse(path);
    if (!parsed)
      co_return fail(std::move(parsed.error()));
    out.push_back(std::move(*parsed));
  }
  co_return out;
}

void add_build_kinds(kind_table& table) {
  add_file_kinds(table);
  add_machine_kinds(table);
  add_glob_kinds(table);
  add_manifest_kinds(table);
  add_package_kind(table);
  add_module_kind(table);
  add_evaluation_kinds(table);
  add_data_script_kinds(table);
  add_script_kind(table);
  add_target_kind(table);
  add_action_kinds(table);
  add_pattern_kind(table);
  add_request_kinds(table);
  add_salvage_kind(table);
  add_test_kinds(table);
}

} // namespace zako
