// What the machine and the user offer: environment variables, options, programs on the search path,
// and what a program says when asked.
#include <fmt/format.h>

#include "engine/kinds/common.hpp"
#include "engine/options.hpp"

namespace zako {

namespace {

constexpr std::uint32_t probe_timeout_s = 30;

task<outcome> compute_environment(context& ctx) {
  environment_job look;
  look.name = std::string(ctx.self().payload());
  auto text = co_await ctx.perform(std::move(look));
  if (!text)
    co_return fail(std::move(text.error()));
  environment_value now;
  now.text = std::move(*text);
  co_return value::of(std::move(now));
}

task<result<std::optional<std::string>>> look_at_option(context& ctx) {
  option_job look;
  look.name = std::string(ctx.self().payload());
  co_return co_await ctx.perform(std::move(look));
}

task<outcome> compute_option(context& ctx) {
  auto manifest = co_await ctx.get<manifest_value>(manifest_key());
  if (!manifest)
    co_return fail(std::move(manifest.error()));
  auto given = co_await look_at_option(ctx);
  if (!given)
    co_return fail(std::move(given.error()));
  auto content = option_content(**manifest, ctx.self().payload(), *given);
  if (!content)
    co_return fail(std::move(content.error()));
  option_value now;
  now.content = std::move(*content);
  now.given = std::move(*given);
  co_return value::of(std::move(now));
}

task<std::optional<value>> confirm_option(context& ctx, value previous) {
  auto old = previous.as<option_value>();
  auto given = co_await look_at_option(ctx);
  if (!old || !given || *given != (*old)->given)
    co_return std::optional<value>();
  co_return std::optional<value>(std::move(previous));
}

/// Goes on with the previous value when a second look gives the same.
std::optional<value> if_same(value previous, const outcome& now) {
  if (now && now->output() == previous.output())
    return previous;
  return std::nullopt;
}

task<std::optional<value>> confirm_environment(context& ctx, value previous) {
  auto now = co_await compute_environment(ctx);
  co_return if_same(std::move(previous), now);
}

task<outcome> look_for_program(context& ctx, std::string search_path) {
  which_job look;
  look.name = std::string(ctx.self().payload());
  look.search_path = search_path;
  auto path = co_await ctx.perform(std::move(look));
  if (!path)
    co_return fail(std::move(path.error()));
  which_value now;
  now.path = std::move(*path);
  now.search_path = std::move(search_path);
  co_return value::of(std::move(now));
}

task<outcome> compute_which(context& ctx) {
  auto path = co_await ctx.get<environment_value>(environment_key("PATH"));
  if (!path)
    co_return fail(std::move(path.error()));
  auto search_path = (*path)->text.value_or("");
  co_return co_await look_for_program(ctx, std::move(search_path));
}

task<std::optional<value>> confirm_which(context& ctx, value previous) {
  auto old = previous.as<which_value>();
  if (!old)
    co_return std::optional<value>();
  auto search_path = (*old)->search_path;
  auto now = co_await look_for_program(ctx, std::move(search_path));
  co_return if_same(std::move(previous), now);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for (;;) {
    auto end = text.find('\n');
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return out;
    text.remove_prefix(end + 1);
  }
}

/// The program runs again only when its file changes.
task<outcome> compute_probe(context& ctx) {
  auto argv = lines_of(ctx.self().payload());
  auto program = argv.front();
  if (!program.starts_with('/'))
    co_return fail(errc::invalid_argument,
                   fmt::format("a probe's program must be an absolute path, not '{}'", program),
                   "find it with which()");
  auto file = co_await ctx.get<file_value>(file_key(program));
  if (!file)
    co_return fail(std::move(file.error()));
  if ((*file)->type != file_type::regular || !(*file)->executable)
    co_return fail(errc::tool_missing, fmt::format("'{}' is not a program", program),
                   "install it, or set the toolchain to another one");
  command_job run; // without a title: a probe is no action that a person counts
  run.what.argv = argv;
  run.what.env = {{"LC_ALL", "C"}, {"PATH", "/usr/local/bin:/usr/bin:/bin"}};
  run.what.timeout_s = probe_timeout_s;
  run.store = false;
  auto done = co_await ctx.perform(std::move(run));
  if (!done)
    co_return fail(std::move(done.error()));
  if (done->timed_out)
    co_return fail(errc::action_failed,
                   fmt::format("'{}' did not answer within {} s", program, probe_timeout_s));
  probe_value said;
  said.exit_code = done->exit_code;
  said.text = std::move(done->text);
  co_return value::of(std::move(said));
}

} // namespace

void add_machine_kinds(kind_table& table) {
  table.add({"env", 1, compute_environment, confirm_environment});
  table.add({"option", 1, compute_option, confirm_option});
  table.add({"which", 1, compute_which, confirm_which});
  table.add({"probe", 1, compute_probe, {}});
}

} // namespace zako
