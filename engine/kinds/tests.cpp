// Tests: a target's test is run when it or its inputs changed, or when it did not pass last time.
#include <fmt/format.h>

#include "engine/kinds/command_inputs.hpp"
#include "engine/kinds/common.hpp"

namespace zako {

namespace {

task<outcome> compute_test(context& ctx) {
  auto self = payload_label(ctx);
  if (!self)
    co_return fail(std::move(self.error()));
  auto target = co_await ctx.get<target_value>(target_key(*self));
  if (!target)
    co_return fail(std::move(target.error()));
  if (!(*target)->test)
    co_return fail(errc::invalid_argument, fmt::format("{} has no test", self->str()));
  auto& test = *(*target)->test;
  command_job run;
  run.what.argv = test.argv;
  run.what.env = test.env;
  run.what.timeout_s = test.timeout_s;
  run.title = "TEST " + self->str();
  run.store = false;
  auto inputs = co_await get_command_inputs(ctx, *self, run.what, test.inputs);
  if (!inputs)
    co_return fail(std::move(inputs.error()));
  auto old = previous_as<test_value>(ctx);
  if (old && old->passed && old->action == inputs->action)
    co_return *ctx.previous();
  auto title = run.title;
  auto done = co_await ctx.perform(std::move(run));
  if (!done)
    co_return fail(std::move(done.error()));
  auto unchanged = co_await still_the_same(ctx, inputs->files, done->started_ns, title);
  if (!unchanged)
    co_return fail(std::move(unchanged.error()));
  test_value out;
  out.action = inputs->action;
  out.passed = done->exit_code == 0 && !done->timed_out;
  out.exit_code = done->exit_code;
  out.timed_out = done->timed_out;
  out.text = std::move(done->text);
  out.run_ns = done->run_ns;
  co_return value::of(std::move(out));
}

/// A test that passed stays passed; one that failed is run again.
task<std::optional<value>> confirm_test(context&, value previous) {
  auto old = previous.as<test_value>();
  if (old && (*old)->passed)
    co_return std::optional<value>(std::move(previous));
  co_return std::optional<value>();
}

/// Builds all targets of the patterns and runs the tests of those that have one.
task<outcome> compute_tests(context& ctx) {
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

  tests_value out;
  std::vector<key> runs;
  for (std::size_t i = 0; i < requested.size(); ++i)
    if ((*targets)[i]->test) {
      runs.emplace_back("test", requested[i]);
      out.rows.push_back({requested[i], {}});
    }
  if (runs.empty())
    co_return fail(errc::not_found, fmt::format("no target of {} has a test", ctx.self().payload()),
                   "ccTest() and rules that return `test` declare tests");
  runs.push_back(build_key(patterns));
  auto answers = co_await ctx.request_all(std::move(runs));
  error_list errors;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) {
      errors.add(std::move(answers[i].error()));
    } else if (i < out.rows.size()) {
      auto row = answers[i]->as<test_value>();
      if (!row)
        co_return fail(std::move(row.error()));
      out.rows[i].outcome = **row;
    }
  }
  if (!errors.empty())
    co_return fail(std::move(errors).merged());
  co_return value::of(std::move(out));
}

} // namespace

void add_test_kinds(kind_table& table) {
  table.add({"test", 1, compute_test, confirm_test, {}, true});
  table.add({"tests", 1, compute_tests, {}});
}

} // namespace zako
