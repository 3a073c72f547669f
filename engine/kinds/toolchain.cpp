// Scripts whose export others get as data: what a toolchain file finds out about the machine, and
// what a config file says.
#include <fmt/format.h>

#include "engine/kinds/common.hpp"
#include "engine/kinds/script_run.hpp"
#include "engine/script.hpp"

namespace zako {

namespace {

task<outcome> run_data_script(context& ctx, std::string module, script_context as) {
  evaluate_job run;
  run.module = std::move(module);
  run.context = as;
  run.argument = data(data::object());
  auto exported = co_await run_settings_script(ctx, std::move(run));
  if (!exported)
    co_return fail(std::move(exported.error()));
  data_value out;
  out.content = std::move(*exported);
  co_return value::of(std::move(out));
}

task<outcome> compute_toolchain(context& ctx) {
  std::string module(ctx.self().payload());
  if (!data_module(module))
    module.insert(0, "zako:toolchains/");
  co_return co_await run_data_script(ctx, std::move(module), script_context::toolchain);
}

task<outcome> compute_config(context& ctx) {
  std::string module(ctx.self().payload());
  co_return co_await run_data_script(ctx, std::move(module), script_context::config);
}

} // namespace

void add_data_script_kinds(kind_table& table) {
  table.add({"toolchain", 2, compute_toolchain, {}});
  table.add({"config", 1, compute_config, {}});
}

} // namespace zako
