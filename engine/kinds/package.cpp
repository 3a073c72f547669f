// The package: its manifest (zako.toml, plain data) and its settings (zako.ts, a script that need
// not be there).
#include "engine/kinds/common.hpp"
#include "engine/kinds/manifest.hpp"
#include "engine/kinds/script_run.hpp"

namespace zako {

namespace {

constexpr std::string_view script = "zako.ts";

task<outcome> compute_manifest(context& ctx) {
  auto text = co_await read_text(ctx, "zako.toml");
  if (!text)
    co_return fail(std::move(text.error()));
  if (!*text)
    co_return fail(missing_manifest());
  auto parsed = parse_manifest(**text);
  if (!parsed)
    co_return fail(std::move(parsed.error()));
  co_return value::of(std::move(*parsed));
}

data as_data(const manifest_value& m) {
  return data(data::object{{"name", m.name},
                           {"version", m.version},
                           {"description", m.description},
                           {"license", m.license}});
}

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
    run.argument.set("manifest", as_data(**manifest));
    auto exported = co_await run_script(ctx, std::move(run));
    if (!exported)
      co_return fail(std::move(exported.error()));
    if (!exported->is_null())
      settings.content = std::move(*exported);
    if (!settings.content.as_object()) {
      auto where = source_position{std::string(script), 0, 0};
      co_return fail(error_at(errc::script,
                              "the default export must be an object, not " +
                                  std::string(settings.content.type_name()),
                              std::move(where)));
    }
  }
  co_return value::of(std::move(settings));
}

} // namespace

void add_package_kinds(kind_table& table) {
  table.add({"manifest", 1, compute_manifest, {}});
  table.add({"package", 1, compute_package, {}});
}

} // namespace zako
