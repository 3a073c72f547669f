// What a session that keeps going asks for: a build and, when not all of it can be evaluated or
// analysed, what can be built all the same, package by package.
#include "engine/kinds/common.hpp"

namespace zako {

namespace {

/// What can be asked for one by one, and why the rest cannot.
struct parts {
  std::vector<std::string> patterns;
  error_list errors;
};

/// The packages below a folder that have targets.
task<result<void>> add_packages_below(context& ctx, neutral_path folder, parts& out) {
  auto folders = co_await package_folders(ctx, std::move(folder));
  if (!folders)
    co_return fail(std::move(folders.error()));
  std::vector<key> keys;
  for (auto& path : *folders)
    keys.push_back(evaluation_key(path));
  auto files = co_await ctx.request_all(std::move(keys));
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto file = files[i].and_then([](const value& x) { return x.as<evaluation_value>(); });
    if (!file)
      out.errors.add(std::move(file.error()));
    else if (!(*file)->targets.empty())
      out.patterns.push_back(
          target_pattern{target_pattern::scope::package, std::move((*folders)[i]), {}}.str());
  }
  co_return result<void>();
}

task<outcome> compute_salvage(context& ctx) {
  auto patterns = split_patterns(ctx.self().payload());
  parts each;
  for (auto& text : patterns) {
    auto pattern = target_pattern::parse(text);
    if (!pattern)
      co_return fail(std::move(pattern.error()));
    if (pattern->what != target_pattern::scope::recursive) {
      each.patterns.push_back(text);
      continue;
    }
    auto found = co_await add_packages_below(ctx, pattern->package, each);
    if (!found)
      co_return fail(std::move(found.error()));
  }
  // A failed evaluation is not asked for again: one that cost its worker would cost another.
  if (each.errors.empty()) {
    auto analysis = co_await ctx.request(analysis_key(patterns));
    if (analysis)
      co_return co_await ctx.request(build_key(patterns));
    each.errors.add(std::move(analysis.error()));
  }
  std::vector<key> keys;
  for (auto& text : each.patterns) {
    std::vector<std::string> one{text};
    keys.push_back(build_key(one));
  }
  auto failures = co_await ctx.settle_all(std::move(keys));
  for (auto& failure : failures)
    if (failure)
      each.errors.add(std::move(*failure));
  co_return fail(std::move(each.errors).merged());
}

} // namespace

void add_salvage_kind(kind_table& table) {
  table.add({"salvage", 1, compute_salvage, {}});
}

} // namespace zako
