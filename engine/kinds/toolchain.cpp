// Toolchains: what a toolchain file finds out about the machine.
#include "engine/kinds/common.hpp"
#include "engine/kinds/script_run.hpp"

namespace zako {

namespace {

task<outcome> compute_toolchain(context& ctx) {
  evaluate_job run;
  run.module = "zako:toolchains/" + std::string(ctx.self().payload());
  run.context = script_context::toolchain;
  run.argument = data(data::object());
  auto exported = co_await run_script(ctx, std::move(run));
  if (!exported)
    co_return fail(std::move(exported.error()));
  data_value out;
  out.content = std::move(*exported);
  co_return value::of(std::move(out));
}

} // namespace

void add_toolchain_kind(kind_table& table) {
  table.add({"toolchain", 1, compute_toolchain, {}});
}

} // namespace zako
