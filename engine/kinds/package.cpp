// The package's settings: what zako.ts exports, a script that need not be there.
#include "engine/kinds/common.hpp"
#include "engine/kinds/manifest.hpp"
#include "engine/kinds/script_run.hpp"

namespace zako {

namespace {

constexpr std::string_view script = "zako.ts";

task<outcome> compute_package(context& ctx) {
  auto manifest = co_await ctx.get<manifest_value>(manifest_key());
  if (!manifest)
    co_return fail(std::move(manifest.error()));
  auto file = co_await ctx.get<file_value>(file_key(script));
  if (!file)
    co_return fail(std::move(file.error()));
  data_value settings;
  settings.content = data(data::object());
  if ((*file)->type != file_type::missing) {
    evaluate_job run;
    run.module = std::string(script);
    run.context = script_context::package;
    run.argument.set("manifest", manifest_data(**manifest));
    auto exported = co_await run_settings_script(ctx, std::move(run));
    if (!exported)
      co_return fail(std::move(exported.error()));
    settings.content = std::move(*exported);
  }
  co_return value::of(std::move(settings));
}

} // namespace

void add_package_kind(kind_table& table) {
  table.add({"package", 2, compute_package, {}});
}

} // namespace zako
