// What a command reads: sources, outputs of other actions, and the program itself.
#include "engine/kinds/command_inputs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/kinds/target_result.hpp"

namespace zako {

namespace {

std::string command_bytes(const command& what) {
  // The time limit does not change what is made.
  auto lasting = what;
  lasting.timeout_s = 0;
  return encode(lasting);
}

/// A relative program as the file that it names: "./gen.sh" is "gen.sh".
std::string program_path(const std::string& text) {
  if (text.starts_with("/"))
    return text;
  auto neutral = neutral_path::parse(text);
  return neutral ? neutral->str() : text;
}

error missing_source(const std::string& path, const label& owner, const file_value& file) {
  error e;
  if (file.type == file_type::missing) {
    e.code = errc::not_found;
    e.message = fmt::format("source '{}' of {} does not exist", path, owner.str());
    e.remedy = "check the spelling, or make the file";
  } else {
    e.code = errc::invalid_attribute;
    e.message = fmt::format("source '{}' of {} is {}", path, owner.str(),
                            file.type == file_type::folder ? "a folder" : "not a regular file");
    e.remedy = "name files; glob() finds the files of a folder";
  }
  return e;
}

error missing_program(const std::string& program, const label& owner) {
  error e;
  e.code = errc::tool_missing;
  e.message = fmt::format("the program '{}' that {} runs is not there", program, owner.str());
  e.remedy = "install it, or choose another toolchain";
  return e;
}

} // namespace

digest source_digest(const file_value& file) {
  auto x = file;
  x.real.clear();
  return x.output_digest();
}

task<result<command_inputs>> get_command_inputs(context& ctx, label owner, command what,
                                                std::vector<file_reference> inputs) {
  auto program = program_path(what.argv.front());
  auto is_input = [&](const file_reference& input) { return input.path == program; };
  bool program_apart = std::none_of(inputs.begin(), inputs.end(), is_input);
  if (program_apart) {
    if (is_generated(program)) {
      error e;
      e.code = errc::script;
      e.message =
          fmt::format("{} runs '{}', which is not among the action's inputs", owner.str(), program);
      e.remedy = "add the program to the inputs of the action";
      auto placed = co_await located(ctx, owner, std::move(e));
      co_return fail(std::move(placed));
    }
    inputs.push_back({program, {}});
  }
  auto keys = input_keys(inputs);
  auto answers = co_await ctx.request_all(std::move(keys));

  command_inputs out;
  error_list errors;
  hasher h;
  h.update("zako action 2\n").update(command_bytes(what));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto& input = inputs[i];
    if (!answers[i]) {
      errors.add(std::move(answers[i].error()));
      continue;
    }
    auto seen = answers[i]->output(); // covers content and mode
    if (input.owner.empty()) {
      auto file = answers[i]->as<file_value>();
      if (!file)
        co_return fail(std::move(file.error()));
      bool is_program = program_apart && i + 1 == answers.size();
      if ((*file)->type != file_type::regular) {
        auto why = is_program ? missing_program(program, owner)
                              : missing_source(input.path, owner, **file);
        why = co_await located(ctx, owner, std::move(why));
        errors.add(std::move(why));
        continue;
      }
      seen = source_digest(**file);
      if (!input.path.starts_with('/'))
        out.files.push_back({input.path, (*file)->print, (*file)->content, {}});
    } else {
      auto made = answers[i]->as<artifact_value>();
      if (!made)
        co_return fail(std::move(made.error()));
      out.files.push_back({input.path, (*made)->print, {}, seen});
      // It was made or put back a moment ago, and read then: its stamps say enough.
      out.files.back().print.racy = false;
    }
    std::string line;
    encoder f{line};
    f.apply(input.path);
    f.apply(seen);
    h.update(line);
  }
  if (!errors.empty())
    co_return fail(std::move(errors).merged());
  out.action = h.finish();
  co_return out;
}

error changed_while_running(const std::string& path, const std::string& title) {
  error e;
  e.code = errc::io;
  e.message = fmt::format("'{}' changed while {} ran", path, title);
  e.remedy = "build again";
  return e;
}

task<result<void>> still_the_same(context& ctx, std::vector<command_inputs::file> files,
                                  std::int64_t started_ns, std::string title) {
  for (auto& before : files) {
    stat_job look;
    look.path = before.path;
    look.known = before.print;
    look.known_content = before.content;
    auto now = co_await ctx.perform(std::move(look));
    if (!now)
      co_return fail(std::move(now.error()));
    auto& then = before.print;
    // Of an output no content is known; it stays so as long as the file is as it was.
    bool same = now->content == before.content ||
                artifact_digest(now->content, now->executable) == before.output;
    // A link to a file changes its ctime, and is no change of it. What was put back for this run
    // has other stamps than its record, and older ones than the run.
    bool rewritten = now->print.inode != then.inode || now->print.mtime_ns != then.mtime_ns;
    if (now->type != file_type::regular || !same || (rewritten && now->print.ctime_ns > started_ns))
      co_return fail(changed_while_running(before.path, title));
  }
  co_return result<void>();
}

} // namespace zako
