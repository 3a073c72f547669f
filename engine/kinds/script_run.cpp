// Running a script to its end: imports and operations are answered until there is a result.
#include "engine/kinds/script_run.hpp"

#include <cmath>

#include <fmt/format.h>

#include "engine/keys.hpp"
#include "engine/kinds/common.hpp"
#include "engine/kinds/script_imports.hpp"
#include "engine/kinds/script_operations.hpp"
#include "engine/script.hpp"

namespace zako {

namespace {

/// The path of the first number that is none; scripts elsewhere would read another value.
std::optional<std::string> path_of_no_number(const data& x, const std::string& path) {
  if (auto number = x.as_number(); number && !std::isfinite(*number))
    return path;
  if (auto list = x.as_array())
    for (std::size_t i = 0; i < list->size(); ++i)
      if (auto found = path_of_no_number((*list)[i], fmt::format("{}[{}]", path, i)))
        return found;
  if (auto members = x.as_object())
    for (auto& [name, member] : *members)
      if (auto found = path_of_no_number(member, fmt::format("{}.{}", path, name)))
        return found;
  return std::nullopt;
}

} // namespace

task<result<data>> run_script(context& ctx, evaluate_job what) {
  // Every run rests on the program's own modules, whichever it imports itself.
  auto runtime = co_await ctx.request(module_key("zako:rt"));
  if (!runtime)
    co_return fail(std::move(runtime.error()));
  script_imports imports(ctx, what);
  if (is_memory(what.module)) {
    auto made = co_await transpiled_module(ctx, what.module, what.source);
    if (!made)
      co_return fail(std::move(made.error()));
    imports.adopt(std::move(*made));
  }
  auto prepared = co_await imports.prepare();
  if (!prepared)
    co_return fail(std::move(prepared.error()));
  auto job = what;
  auto step = co_await ctx.perform(std::move(job));
  for (;;) {
    if (!step)
      co_return fail(std::move(step.error()));
    if (!step->query)
      co_return std::move(step->value);
    resume_job next;
    if (step->query->operation.empty()) {
      auto modules = co_await imports.answer(step->query->imports);
      if (modules)
        next.reply.modules = std::move(*modules);
      else if (modules.error().deterministic())
        next.failure = std::move(modules.error()); // of an import(), which a script may catch
      else
        co_return fail(std::move(modules.error()));
    } else {
      auto answer = co_await answer_operation(ctx, what, *step->query);
      if (answer)
        next.reply.value = std::move(*answer);
      else if (answer.error().deterministic() || answer.error().code == errc::limit)
        next.failure = std::move(answer.error());
      else
        co_return fail(std::move(answer.error()));
    }
    step = co_await ctx.perform(std::move(next));
  }
}

task<result<data>> run_settings_script(context& ctx, evaluate_job what) {
  source_position where{what.module, 0, 0};
  auto exported = co_await run_script(ctx, std::move(what));
  if (!exported) {
    auto why = std::move(exported.error());
    if (why.code == errc::script && !why.position)
      why.position = std::move(where);
    co_return fail(std::move(why));
  }
  if (!exported->as_object())
    co_return fail(
        error_at(errc::script,
                 fmt::format("the default export must be an object, not {}", exported->type_name()),
                 std::move(where), "write export default { ... }"));
  if (auto path = path_of_no_number(*exported, "result"))
    co_return fail(error_at(errc::script, fmt::format("{} is not a finite number", *path),
                            std::move(where), "settings are plain data"));
  co_return exported;
}

} // namespace zako
