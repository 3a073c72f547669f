// Actions and what they make: an action runs when its command or the content of an input differs
// from last time, and is otherwise answered from the content store.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/kinds/command_inputs.hpp"
#include "engine/kinds/common.hpp"
#include "engine/kinds/target_result.hpp"

namespace zako {

namespace {

struct action_site {
  output_name name;
  std::shared_ptr<const target_value> target; // keeps `action` alive
  const action_declaration* action = nullptr;
};

/// The action of this node's target that makes the output which its key names.
task<result<action_site>> find_action(context& ctx) {
  auto name = parse_output_payload(ctx.self().payload());
  if (!name)
    co_return fail(errc::internal, fmt::format("the key '{}' names no output", ctx.self().text()));
  auto target = co_await ctx.get<target_value>(target_key(name->owner));
  if (!target)
    co_return fail(std::move(target.error()));
  action_site site;
  site.name = std::move(*name);
  site.target = std::move(*target);
  site.action = site.target->maker_of(site.name.path);
  if (!site.action)
    co_return fail(errc::not_found, fmt::format("no action of {} makes '{}'", site.name.owner.str(),
                                                site.name.path));
  co_return site;
}

task<outcome> compute_artifact(context& ctx) {
  auto site = co_await find_action(ctx);
  if (!site)
    co_return fail(std::move(site.error()));
  auto& declared = site->action->what.outputs;
  auto made = co_await ctx.get<action_value>(action_key(site->name.owner.str(), declared.front()));
  if (!made)
    co_return fail(std::move(made.error()));
  auto& outputs = (*made)->outputs; // in the order of `declared`
  auto found = std::find(declared.begin(), declared.end(), site->name.path);
  auto place = static_cast<std::size_t>(found - declared.begin());
  if (place >= outputs.size())
    co_return fail(errc::internal, fmt::format("the action of '{}' lost it", site->name.path));
  auto& file = outputs[place];
  artifact_value out;
  out.print = file.print;
  co_return value::from_bytes(encode(out), artifact_digest(file.content, file.executable));
}

/// The digests of the files that an action was found to read, in the order of `paths`, which they
/// stay beside. After a run that began at `started_ns` (otherwise 0), those of the workspace are
/// looked at again: their nodes may have been verified before it.
task<result<std::vector<discovered_input>>> look_at_discovered(context& ctx,
                                                               std::vector<std::string> paths,
                                                               std::int64_t started_ns,
                                                               std::string title) {
  std::vector<key> keys;
  for (auto& path : paths)
    keys.push_back(file_key(path));
  auto answers = co_await ctx.request_all(std::move(keys));
  std::vector<discovered_input> out;
  std::vector<command_inputs::file> read;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i])
      co_return fail(std::move(answers[i].error()));
    auto file = answers[i]->as<file_value>();
    if (!file)
      co_return fail(std::move(file.error()));
    if (started_ns > 0 && (*file)->print.ctime_ns > started_ns)
      co_return fail(changed_while_running(paths[i], title));
    out.push_back({paths[i], source_digest(**file)});
    if (started_ns > 0 && (*file)->type == file_type::regular && !paths[i].starts_with('/'))
      read.push_back({paths[i], (*file)->print, (*file)->content, {}});
  }
  auto unchanged = co_await still_the_same(ctx, std::move(read), started_ns, std::move(title));
  if (!unchanged)
    co_return fail(std::move(unchanged.error()));
  co_return out;
}

/// Looks at the outputs of an earlier run, and puts back what is not as it was made: the outputs
/// with present fingerprints, or nothing when one differs and the store lacks it.
task<std::optional<std::vector<output_file>>> put_back(context& ctx,
                                                       std::vector<output_file> outputs) {
  restore_job restore;
  restore.outputs = std::move(outputs);
  if (!restore.outputs.empty())
    restore.outputs.front().path = output_path(ctx.self().payload());
  auto done = co_await ctx.perform(std::move(restore));
  std::optional<std::vector<output_file>> now;
  if (done)
    now = std::move(*done);
  if (now && !now->empty())
    now->front().path.clear();
  co_return now;
}

/// The previous result, when its command and every input are as they were and its outputs can be
/// put back.
task<std::optional<value>> reuse(context& ctx, digest action) {
  std::optional<value> none;
  auto old = previous_as<action_value>(ctx);
  if (!old || old->action != action)
    co_return none;
  std::vector<std::string> paths;
  for (auto& input : old->discovered)
    paths.push_back(input.path);
  auto now = co_await look_at_discovered(ctx, std::move(paths), 0, {});
  if (!now || *now != old->discovered)
    co_return none;
  auto outputs = co_await put_back(ctx, old->outputs);
  if (!outputs)
    co_return none;
  auto again = *old;
  again.outputs = std::move(*outputs);
  co_return std::optional<value>(value::of(std::move(again)));
}

error failed(const action_site& site, const command_job::answer& done) {
  error e;
  e.code = errc::action_failed;
  auto how = done.timed_out ? fmt::format("was stopped after {} s", site.action->what.timeout_s)
             : done.exit_code > 128 ? fmt::format("was ended by signal {}", done.exit_code - 128)
                                    : fmt::format("failed with exit code {}", done.exit_code);
  e.message = fmt::format("{} {}", site.action->title, how);
  auto text = done.text;
  while (text.ends_with('\n'))
    text.pop_back();
  if (!text.empty()) {
    error said;
    said.code = errc::action_failed;
    said.message = std::move(text);
    e.causes.push_back(std::move(said));
  }
  return e;
}

/// Every declared output is there, and the files that the action was found to read may be read.
result<std::vector<std::string>> check_run(const action_site& site,
                                           const command_job::answer& done) {
  auto& action = *site.action;
  for (auto& path : action.what.outputs)
    if (std::none_of(done.outputs.begin(), done.outputs.end(),
                     [&](auto& file) { return file.path == path; }))
      return fail(errc::output_missing, fmt::format("{} did not make '{}'", action.title, path),
                  fmt::format("check the command of {}, or do not declare the file",
                              site.name.owner.str()));
  std::set<std::string> declared(action.what.outputs.begin(), action.what.outputs.end());
  for (auto& input : action.inputs)
    declared.insert(input.path);
  std::vector<std::string> discovered;
  for (auto& path : done.discovered) {
    if (declared.contains(path))
      continue;
    if (is_generated(path))
      return fail(
          errc::action_failed,
          fmt::format("{} read '{}', which is not among its inputs", action.title, path),
          fmt::format("add the target that makes it to the deps of {}", site.name.owner.str()));
    discovered.push_back(path);
  }
  return discovered;
}

/// What an action needs that has run before and says nothing of memory: as much as it took. Of one
/// that never ran nothing is known, and nothing is asked: a guess would keep cores idle, and each
/// action learns in its first run. Less than `worth_asking` never decides what can run beside what.
std::vector<need> needs_of(context& ctx, const action_declaration& action) {
  constexpr std::uint64_t worth_asking = 64u << 20;
  auto needs = action.needs;
  auto old = previous_as<action_value>(ctx);
  auto says = std::any_of(needs.begin(), needs.end(),
                          [](auto& x) { return x.resource == memory_resource; });
  if (old && !says && old->peak_bytes >= worth_asking && needs.size() < max_needs)
    needs.push_back({std::string(memory_resource), old->peak_bytes, old->peak_bytes, true});
  return needs;
}

task<outcome> compute_action(context& ctx) {
  auto site = co_await find_action(ctx);
  if (!site)
    co_return fail(std::move(site.error()));
  auto& action = *site->action;
  auto inputs = co_await get_command_inputs(ctx, site->name.owner, action.what, action.inputs);
  if (!inputs)
    co_return fail(std::move(inputs.error()));
  auto old = co_await reuse(ctx, inputs->action);
  if (old)
    co_return std::move(*old);

  command_job run;
  run.what = action.what;
  run.title = action.title;
  run.needs = needs_of(ctx, action);
  run.jobserver = action.jobserver;
  auto done = co_await ctx.perform(std::move(run));
  if (!done) {
    auto why = std::move(done.error());
    // It needs what the machine does not have, or took more than it said.
    if (why.code == errc::invalid_argument || why.code == errc::limit)
      why = co_await located(ctx, site->name.owner, std::move(why));
    co_return fail(std::move(why));
  }
  if (done->exit_code != 0 || done->timed_out) {
    auto why = failed(*site, *done);
    why = co_await located(ctx, site->name.owner, std::move(why));
    co_return fail(std::move(why));
  }
  auto discovered = check_run(*site, *done);
  if (!discovered) {
    auto why = co_await located(ctx, site->name.owner, std::move(discovered.error()));
    co_return fail(std::move(why));
  }
  auto unchanged = co_await still_the_same(ctx, inputs->files, done->started_ns, action.title);
  if (!unchanged)
    co_return fail(std::move(unchanged.error()));
  auto seen =
      co_await look_at_discovered(ctx, std::move(*discovered), done->started_ns, action.title);
  if (!seen)
    co_return fail(std::move(seen.error()));
  action_value made;
  made.action = inputs->action;
  made.outputs = std::move(done->outputs);
  made.outputs.front().path.clear();
  made.discovered = std::move(*seen);
  made.text = std::move(done->text);
  made.peak_bytes = done->peak_bytes;
  co_return value::of(std::move(made));
}

/// Unchanged inputs are not enough: the outputs must stand in the workspace as they were made.
task<std::optional<value>> confirm_action(context& ctx, value previous) {
  std::optional<value> none;
  auto old = previous.as<action_value>();
  if (!old)
    co_return none;
  auto outputs = co_await put_back(ctx, (*old)->outputs);
  if (!outputs)
    co_return none;
  if (*outputs == (*old)->outputs)
    co_return std::optional<value>(std::move(previous));
  auto again = **old;
  again.outputs = std::move(*outputs);
  auto fresh = value::of(std::move(again));
  if (fresh.output() != previous.output())
    co_return none;
  co_return std::optional<value>(std::move(fresh));
}

/// The outputs, as they were made or restored.
bool prints_of_action(std::string_view payload, std::string_view bytes,
                      const std::function<void(const file_print&)>& show) {
  decoder f{bytes};
  digest action;
  std::size_t count = 0;
  if (!f.apply(action) || !f.apply_length(count))
    return false;
  auto primary = output_path(payload);
  for (std::size_t i = 0; i < count; ++i) {
    std::string_view path;
    output_file x;
    if (!f.apply(path) || !f.apply(x.content) || !f.apply(x.size) || !f.apply(x.executable) ||
        !f.apply(x.print))
      return false;
    show({i == 0 ? primary : path, file_type::regular, x.print});
  }
  return true;
}

} // namespace

void add_action_kinds(kind_table& table) {
  table.add({"artifact", 2, compute_artifact, {}});
  table.add({"action", 3, compute_action, confirm_action, prints_of_action, true});
}

} // namespace zako
