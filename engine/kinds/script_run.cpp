// Running a script to its end: imports and operations are answered until there is a result.
#include "engine/kinds/script_run.hpp"

#include <map>

#include <fmt/format.h>

#include "engine/glob.hpp"
#include "engine/kinds/common.hpp"
#include "engine/script.hpp"

namespace zako {

namespace {

using module_ptr = std::shared_ptr<const module_value>;
using module_map = std::map<std::string, module_ptr>;

/// An import's failure at the place of the import, unless it has places of its own (a syntax error
/// in the imported file).
error at_import(error why, const import_request& import, const module_map& loaded) {
  auto importer = loaded.find(import.referrer);
  if (why.position || !why.causes.empty() || importer == loaded.end())
    return why;
  why.position = source_position{import.referrer, 0, 0};
  for (auto& site : importer->second->imports)
    if (site.specifier == import.specifier) {
      why.position->line = site.line;
      why.position->column = site.column;
      why.frame = code_frame(importer->second->source.typescript, site.line, site.column);
      break;
    }
  return why;
}

task<result<std::vector<module_source>>> answer_imports(context& ctx, script_context kind,
                                                        const std::vector<import_request>& imports,
                                                        module_map& loaded) {
  std::vector<std::string> ids;
  std::vector<key> wanted;
  std::vector<const import_request*> wanted_by;
  for (auto& import : imports) {
    auto id = resolve_import(import.specifier, import.referrer, kind);
    if (!id)
      co_return fail(at_import(std::move(id.error()), import, loaded));
    if (loaded.try_emplace(*id).second) {
      wanted.push_back(module_key(*id));
      wanted_by.push_back(&import);
    }
    ids.push_back(std::move(*id));
  }
  auto keys = wanted;
  auto answers = co_await ctx.request_all(std::move(keys));
  error_list errors;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    std::string id(wanted[i].payload());
    if (!answers[i]) {
      loaded.erase(id);
      errors.add(at_import(std::move(answers[i].error()), *wanted_by[i], loaded));
      continue;
    }
    auto module = answers[i]->as<module_value>();
    if (!module)
      co_return fail(std::move(module.error()));
    loaded[id] = std::move(*module);
  }
  if (!errors.empty())
    co_return fail(std::move(errors).merged());
  std::vector<module_source> out;
  for (auto& id : ids)
    out.push_back(loaded[id]->source);
  co_return out;
}

task<result<data>> ask_glob(context& ctx, const evaluate_job& script, const data& argument) {
  auto package =
      neutral_path::parse(want_string(script.argument["package"], "package").value_or(""));
  auto include = want_strings(argument["include"], "glob's include");
  auto exclude = want_strings(argument["exclude"], "glob's exclude");
  if (!package)
    co_return fail(std::move(package.error()));
  if (!include)
    co_return fail(std::move(include.error()));
  if (!exclude)
    co_return fail(std::move(exclude.error()));
  for (auto patterns : {&*include, &*exclude})
    for (auto& pattern : *patterns) {
      auto ok = check_glob(pattern);
      if (!ok)
        co_return fail(std::move(ok.error()));
    }
  glob_query query;
  query.folder = std::move(*package);
  query.include = std::move(*include);
  query.exclude = std::move(*exclude);
  auto found = co_await ctx.get<paths_value>(glob_key(query));
  if (!found)
    co_return fail(std::move(found.error()));
  co_return data::strings((*found)->paths);
}

/// The first of the names that is a program; later names are not looked for. An absolute path is
/// its own answer.
task<result<data>> ask_which(context& ctx, const data& argument) {
  auto names = want_strings(argument["names"], "which's names");
  if (!names)
    co_return fail(std::move(names.error()));
  for (auto& name : *names) {
    if (name.starts_with('/')) {
      auto file = co_await ctx.get<file_value>(file_key(name));
      if (!file)
        co_return fail(std::move(file.error()));
      if ((*file)->type == file_type::regular && (*file)->executable)
        co_return data(name);
      continue;
    }
    if (name.empty() || name.find('/') != std::string::npos)
      co_return fail(errc::invalid_argument,
                     fmt::format("which() takes a program's name, not '{}'", name),
                     "name it without a folder, or by its absolute path");
    auto found = co_await ctx.get<which_value>(which_key(name));
    if (!found)
      co_return fail(std::move(found.error()));
    if ((*found)->path)
      co_return data(*(*found)->path);
  }
  co_return data();
}

task<result<data>> ask_environment(context& ctx, const data& argument) {
  auto name = want_string(argument["name"], "env's name");
  if (!name)
    co_return fail(std::move(name.error()));
  auto found = co_await ctx.get<environment_value>(environment_key(*name));
  if (!found)
    co_return fail(std::move(found.error()));
  co_return (*found)->text ? data(*(*found)->text) : data();
}

task<result<data>> ask_probe(context& ctx, const data& argument) {
  auto argv = want_strings(argument["argv"], "probe's argv");
  if (!argv)
    co_return fail(std::move(argv.error()));
  if (argv->empty())
    co_return fail(errc::invalid_argument, "probe() needs a program to run");
  for (auto& text : *argv)
    if (text.find('\n') != std::string::npos)
      co_return fail(errc::invalid_argument, "an argument of probe() holds a line break");
  auto said = co_await ctx.get<probe_value>(probe_key(*argv));
  if (!said)
    co_return fail(std::move(said.error()));
  data out;
  out.set("code", (*said)->exit_code);
  out.set("text", (*said)->text);
  co_return out;
}

task<result<data>> answer_operation(context& ctx, const evaluate_job& script,
                                    const script_query& query) {
  auto& operation = query.operation;
  if (!may_ask(script.context, operation))
    co_return fail(errc::import_denied, fmt::format("a {} script may not use {}()",
                                                    to_string(script.context), operation));
  if (operation == "glob")
    co_return co_await ask_glob(ctx, script, query.argument);
  if (operation == "which")
    co_return co_await ask_which(ctx, query.argument);
  if (operation == "env")
    co_return co_await ask_environment(ctx, query.argument);
  if (operation == "probe")
    co_return co_await ask_probe(ctx, query.argument);
  co_return fail(errc::internal, fmt::format("nobody answers {}()", operation));
}

} // namespace

task<result<data>> run_script(context& ctx, evaluate_job what) {
  module_map loaded;
  if (is_memory(what.module)) {
    auto made = co_await transpiled_module(ctx, what.module, what.source);
    if (!made)
      co_return fail(std::move(made.error()));
    loaded[what.module] = std::make_shared<const module_value>(std::move(*made));
  }
  std::vector<import_request> entry(1);
  entry[0].specifier = what.module;
  auto first = co_await answer_imports(ctx, what.context, entry, loaded);
  if (!first)
    co_return fail(std::move(first.error()));
  auto job = what;
  auto step = co_await ctx.perform(std::move(job));
  for (;;) {
    if (!step)
      co_return fail(std::move(step.error()));
    if (!step->query)
      co_return std::move(step->value);
    resume_job next;
    if (step->query->operation.empty()) {
      auto modules = co_await answer_imports(ctx, what.context, step->query->imports, loaded);
      if (!modules)
        co_return fail(std::move(modules.error()));
      next.reply.modules = std::move(*modules);
    } else {
      auto answer = co_await answer_operation(ctx, what, *step->query);
      if (answer)
        next.reply.value = std::move(*answer);
      else if (answer.error().deterministic() || answer.error().code == errc::limit)
        next.failure = std::move(answer.error());
      else
        co_return fail(std::move(answer.error()));
    }
    step = co_await ctx.perform(std::move(next));
  }
}

} // namespace zako
