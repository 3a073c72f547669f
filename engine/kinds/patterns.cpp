// Patterns: which targets a request names.
#include <algorithm>

#include <fmt/format.h>

#include "engine/kinds/common.hpp"

namespace zako {

namespace {

task<result<std::vector<std::string>>> labels_below(context& ctx, neutral_path folder) {
  auto folders = co_await package_folders(ctx, std::move(folder));
  if (!folders)
    co_return fail(std::move(folders.error()));
  std::vector<key> keys;
  for (auto& path : *folders)
    keys.push_back(evaluation_key(path));
  auto files = co_await get_all<evaluation_value>(ctx, std::move(keys));
  if (!files)
    co_return fail(std::move(files.error()));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < folders->size(); ++i)
    for (auto& target : (*files)[i]->targets)
      out.push_back(label{(*folders)[i], target.name}.str());
  co_return out;
}

task<result<std::vector<std::string>>> labels_of(context& ctx, target_pattern pattern) {
  std::vector<std::string> out;
  if (pattern.what == target_pattern::scope::recursive)
    co_return co_await labels_below(ctx, pattern.package);
  if (pattern.what == target_pattern::scope::package) {
    auto file = co_await ctx.get<evaluation_value>(evaluation_key(pattern.package));
    if (!file)
      co_return fail(std::move(file.error()));
    for (auto& target : (*file)->targets)
      out.push_back(label{pattern.package, target.name}.str());
    co_return out;
  }
  label one{pattern.package, pattern.name};
  auto declaration = co_await ctx.get<target_declaration>(label_key(one));
  if (!declaration)
    co_return fail(std::move(declaration.error()));
  out.push_back(one.str());
  co_return out;
}

task<outcome> compute_pattern(context& ctx) {
  auto pattern = target_pattern::parse(ctx.self().payload());
  if (!pattern)
    co_return fail(std::move(pattern.error()));
  auto labels = co_await labels_of(ctx, *pattern);
  if (!labels)
    co_return fail(std::move(labels.error()));
  if (labels->empty())
    co_return fail(errc::not_found, fmt::format("no target matches {}", pattern->str()),
                   "targets are the exports of BUILD.ts files");
  labels_value out;
  out.labels = std::move(*labels);
  std::sort(out.labels.begin(), out.labels.end());
  co_return value::of(std::move(out));
}

} // namespace

void add_pattern_kind(kind_table& table) {
  table.add({"pattern", 1, compute_pattern, {}});
}

} // namespace zako
