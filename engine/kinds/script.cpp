// Scripts by themselves: a file, or what a person typed, run for its result alone.
#include <utility>

#include <fmt/format.h>

#include "engine/kinds/common.hpp"
#include "engine/kinds/memory.hpp"
#include "engine/kinds/script_run.hpp"
#include "engine/script.hpp"

namespace zako {

namespace {

constexpr std::string_view memory = "memory";

task<outcome> run_alone(context& ctx, evaluate_job run, neutral_path folder) {
  auto argument = co_await script_argument(ctx, run.context, std::move(folder));
  if (!argument)
    co_return fail(std::move(argument.error()));
  run.argument = std::move(*argument);
  auto exported = co_await run_script(ctx, std::move(run));
  if (!exported)
    co_return fail(std::move(exported.error()));
  data_value out;
  out.content = std::move(*exported);
  co_return value::of(std::move(out));
}

task<outcome> compute_script(context& ctx) {
  auto what = parse_script_payload(ctx.self().payload());
  if (!what)
    co_return fail(errc::internal, fmt::format("'{}' is no script", ctx.self().payload()));
  auto path = what->file.str();
  auto file = co_await ctx.get<file_value>(file_key(path));
  if (!file)
    co_return fail(std::move(file.error()));
  if ((*file)->type == file_type::missing)
    co_return fail(errc::not_found, fmt::format("there is no file '{}'", path),
                   "check its spelling; it counts from the folder that you are in");
  evaluate_job run;
  run.module = std::move(path);
  run.context = what->as;
  co_return co_await run_alone(ctx, std::move(run), what->file.parent());
}

task<outcome> compute_memory(context& ctx, memory_script what) {
  evaluate_job run;
  run.module = memory_prefix;
  run.module += what.name;
  run.context = what.as;
  run.source = std::move(what.source);
  co_return co_await run_alone(ctx, std::move(run), std::move(what.folder));
}

} // namespace

kind memory_kind(memory_script what) {
  kind out;
  out.name = memory;
  out.compute = [what = std::move(what)](context& ctx) { return compute_memory(ctx, what); };
  out.stored = false;
  return out;
}

key memory_key(const memory_script& what) {
  return {memory, what.name};
}

void add_script_kind(kind_table& table) {
  table.add({"script", 1, compute_script, {}});
}

} // namespace zako
