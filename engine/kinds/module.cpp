// Modules: a file of the workspace, transpiled, or a built-in one; both as JavaScript that is ready
// to compile.
#include <fmt/format.h>

#include "engine/imports.hpp"
#include "engine/kinds/common.hpp"
#include "engine/script.hpp"

namespace zako {

namespace {

task<outcome> compute_builtin(context& ctx, std::string id) {
  builtin_job look;
  look.module = id;
  auto found = co_await ctx.perform(std::move(look));
  if (!found)
    co_return fail(std::move(found.error()));
  module_value out;
  out.source.id = std::move(id);
  out.source.javascript = std::move(found->javascript);
  for (auto& specifier : found->imports)
    out.imports.push_back({std::move(specifier), 0, 0, false});
  co_return value::of(std::move(out));
}

/// A module is what its real path says, so that one file is one module.
task<outcome> compute_linked_module(context& ctx, std::string id, std::string real) {
  auto packages = co_await ctx.get<dependencies_value>(dependencies_key());
  if (!packages)
    co_return fail(std::move(packages.error()));
  if (auto ok = check_link(id, real, **packages); !ok)
    co_return fail(std::move(ok.error()));
  co_return co_await ctx.request(module_key(real));
}

task<outcome> compute_file_module(context& ctx, std::string id) {
  auto file = co_await ctx.get<file_value>(file_key(id));
  if (!file)
    co_return fail(std::move(file.error()));
  if ((*file)->type == file_type::missing)
    co_return fail(errc::not_found, fmt::format("there is no file '{}'", id),
                   "check the path of the import");
  if (!(*file)->real.empty())
    co_return co_await compute_linked_module(ctx, id, (*file)->real);
  auto text = co_await read_looked_at(ctx, id, **file);
  if (!text)
    co_return fail(std::move(text.error()));
  module_value out;
  out.source.id = id;
  if (id.ends_with(".json")) {
    // A JSON text as a string literal is also a JavaScript string literal.
    out.source.javascript = fmt::format("export default JSON.parse({});\n", data(*text).to_json());
    out.source.typescript = std::move(*text);
    co_return value::of(std::move(out));
  }
  transpile_job work;
  work.file = id;
  work.source = *text;
  auto done = co_await ctx.perform(std::move(work));
  if (!done)
    co_return fail(std::move(done.error()));
  out.source.javascript = std::move(done->javascript);
  out.source.source_map = std::move(done->source_map);
  out.source.typescript = std::move(*text);
  out.imports = std::move(done->imports);
  co_return value::of(std::move(out));
}

task<outcome> compute_module(context& ctx) {
  std::string id(ctx.self().payload());
  if (is_builtin(id))
    co_return co_await compute_builtin(ctx, std::move(id));
  co_return co_await compute_file_module(ctx, std::move(id));
}

/// A file module leans on its file's node; a built-in one on the program, which may be another one
/// than last time.
task<std::optional<value>> confirm_module(context& ctx, value previous) {
  std::string id(ctx.self().payload());
  if (is_builtin(id)) {
    auto now = co_await compute_builtin(ctx, std::move(id));
    if (!now || now->output() != previous.output())
      co_return std::optional<value>();
  }
  co_return std::optional<value>(std::move(previous));
}

/// A file module rests on no file that its file's node does not look at.
bool prints_of_module(std::string_view payload, std::string_view,
                      const std::function<void(const file_print&)>&) {
  return !is_builtin(payload);
}

} // namespace

void add_module_kind(kind_table& table) {
  table.add({"module", 2, compute_module, confirm_module, prints_of_module});
}

} // namespace zako
