// Requests: the targets of some patterns, everything they depend on, and their files.
#include <algorithm>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "engine/kinds/common.hpp"
#include "engine/kinds/target_result.hpp"

namespace zako {

namespace {

/// The labels of all patterns, each once, in the order of the patterns.
task<result<std::vector<std::string>>> requested_labels(context& ctx) {
  auto patterns = split_patterns(ctx.self().payload());
  if (patterns.empty())
    co_return fail(errc::invalid_argument, "no target is named", "name one, or '//...' for all");
  std::vector<key> keys;
  for (auto& pattern : patterns)
    keys.push_back(pattern_key(pattern));
  auto found = co_await get_all<labels_value>(ctx, std::move(keys));
  if (!found)
    co_return fail(std::move(found.error()));
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (auto& labels : *found)
    for (auto& text : labels->labels)
      if (seen.insert(text).second)
        out.push_back(text);
  co_return out;
}

/// Finds outputs of two targets that cannot both be made.
class output_map {
public:
  /// The earlier label that declares this output, or an output above or below it.
  std::optional<std::string> add(const std::string& path, const std::string& label) {
    auto [known, is_new] = owners_.emplace(path, label);
    if (!is_new)
      return known->second;
    if (auto below = folders_.find(path); below != folders_.end())
      return below->second;
    for (auto end = path.rfind('/'); end != std::string::npos; end = path.rfind('/', end - 1)) {
      auto folder = path.substr(0, end);
      if (auto above = owners_.find(folder); above != owners_.end())
        return above->second;
      if (!folders_.emplace(std::move(folder), label).second)
        break; // the folders above are known
    }
    return std::nullopt;
  }

private:
  std::unordered_map<std::string, std::string> owners_;
  std::unordered_map<std::string, std::string> folders_;
};

task<result<void>> check_outputs(context& ctx, output_map& outputs, std::string text,
                                 std::shared_ptr<const target_value> target) {
  for (auto& action : target->actions)
    for (auto& path : action.what.outputs) {
      auto other = outputs.add(path, text);
      if (!other || *other == text)
        continue;
      error e;
      e.code = errc::conflict;
      e.message = fmt::format("{} and {} both make '{}'", *other, text, path);
      e.remedy = "give one of the outputs another name";
      auto parsed = label::parse(text);
      if (parsed)
        e = co_await located(ctx, *parsed, std::move(e));
      co_return fail(std::move(e));
    }
  co_return result<void>();
}

/// Walks the dependencies breadth first, one parallel group a layer.
task<outcome> compute_analysis(context& ctx) {
  auto labels = co_await requested_labels(ctx);
  if (!labels)
    co_return fail(std::move(labels.error()));
  analysis_value out;
  out.requested = std::move(*labels);
  out.closure = out.requested;
  std::set<std::string> seen(out.closure.begin(), out.closure.end());
  output_map outputs;
  for (std::size_t begin = 0; begin < out.closure.size();) {
    auto end = out.closure.size();
    std::vector<key> keys;
    for (auto i = begin; i < end; ++i)
      keys.emplace_back("target", out.closure[i]);
    auto targets = co_await get_all<target_value>(ctx, std::move(keys));
    if (!targets)
      co_return fail(std::move(targets.error()));
    for (auto i = begin; i < end; ++i) {
      auto target = (*targets)[i - begin];
      auto ok = co_await check_outputs(ctx, outputs, out.closure[i], target);
      if (!ok)
        co_return fail(std::move(ok.error()));
      for (auto& dependency : target->deps)
        if (seen.insert(dependency).second)
          out.closure.push_back(dependency);
    }
    begin = end;
  }
  co_return value::of(std::move(out));
}

task<outcome> compute_build(context& ctx) {
  auto patterns = split_patterns(ctx.self().payload());
  auto analysis = co_await ctx.get<analysis_value>(analysis_key(patterns));
  if (!analysis)
    co_return fail(std::move(analysis.error()));
  auto& requested = (*analysis)->requested;
  std::vector<key> keys;
  for (auto& text : requested)
    keys.emplace_back("target", text);
  auto targets = co_await get_all<target_value>(ctx, std::move(keys));
  if (!targets)
    co_return fail(std::move(targets.error()));

  build_value out;
  std::vector<file_reference> files;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < requested.size(); ++i) {
    auto& target = *(*targets)[i];
    built_target row;
    row.label = requested[i];
    auto wanted = target.files;
    if (target.executable) {
      row.executable = target.executable->path;
      wanted.push_back(*target.executable);
    }
    for (auto& file : target.files)
      row.files.push_back(file.path);
    for (auto& file : wanted)
      if (seen.insert(file.path).second)
        files.push_back(file);
    out.targets.push_back(std::move(row));
  }
  auto generated = std::stable_partition(files.begin(), files.end(),
                                         [](auto& file) { return file.owner.empty(); });
  std::vector<file_reference> sources(files.begin(), generated);
  files.erase(files.begin(), generated);
  auto source_keys = input_keys(sources);
  auto found = co_await ctx.request_all(std::move(source_keys));
  error_list errors;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) {
      errors.add(std::move(found[i].error()));
      continue;
    }
    auto file = found[i]->as<file_value>();
    if (file && (*file)->type == file_type::missing) {
      error e;
      e.code = errc::not_found;
      e.message = fmt::format("source '{}' does not exist", sources[i].path);
      e.remedy = "check the spelling, or make the file";
      errors.add(std::move(e));
    }
  }
  auto output_keys = input_keys(files);
  auto failures = co_await ctx.settle_all(std::move(output_keys));
  for (auto& failure : failures)
    if (failure)
      errors.add(std::move(*failure));
  if (!errors.empty())
    co_return fail(std::move(errors).merged());
  co_return value::of(std::move(out));
}

} // namespace

void add_request_kinds(kind_table& table) {
  table.add({"analysis", 1, compute_analysis, {}});
  table.add({"build", 2, compute_build, {}});
}

} // namespace zako
