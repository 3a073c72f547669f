// The package's settings: what zako.ts exports, a script that need not be there.
#include "engine/kinds/common.hpp"
#include "engine/kinds/manifest.hpp"
#include "engine/kinds/script_run.hpp"

namespace zako {

namespace {

constexpr std::string_view script = "zako.ts";

task<outcome> compute_package(context& ctx) {
  auto argument = co_await script_argument(ctx, script_context::package, {});
  if (!argument)
    co_return fail(std::move(argument.error()));
  auto file = co_await ctx.get<file_value>(file_key(script));
  if (!file)
    co_return fail(std::move(file.error()));
  data_value settings;
  settings.content = data(data::object());
  if ((*file)->type != file_type::missing) {
    evaluate_job run;
    run.module = std::string(script);
    run.context = script_context::package;
    run.argument = std::move(*argument);
    auto exported = co_await run_settings_script(ctx, std::move(run));
    if (!exported)
      co_return fail(std::move(exported.error()));
    settings.content = std::move(*exported);
  }
  co_return value::of(std::move(settings));
}

} // namespace

task<result<data>> script_argument(context& ctx, script_context as, neutral_path folder) {
  data out(data::object{});
  if (as == script_context::package) {
    auto manifest = co_await ctx.get<manifest_value>(manifest_key());
    if (!manifest)
      co_return fail(std::move(manifest.error()));
    out.set("manifest", manifest_data(**manifest));
  } else if (as == script_context::build) {
    auto settings = co_await ctx.get<data_value>(package_key());
    if (!settings)
      co_return fail(std::move(settings.error()));
    out.set("package", folder.str());
    out.set("settings", (*settings)->content);
  }
  co_return out;
}

void add_package_kind(kind_table& table) {
  table.add({"package", 2, compute_package, {}});
}

} // namespace zako
