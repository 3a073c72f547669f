// What scripts ask, answered through nodes.
#include "engine/kinds/script_operations.hpp"

#include <fmt/format.h>

#include "engine/glob.hpp"
#include "engine/imports.hpp"
#include "engine/kinds/common.hpp"
#include "engine/kinds/manifest.hpp"
#include "engine/script.hpp"

namespace zako {

namespace {

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

task<result<data>> ask_option(context& ctx, const data& argument) {
  auto name = want_string(argument["name"], "option's name");
  if (!name)
    co_return fail(std::move(name.error()));
  auto found = co_await ctx.get<option_value>(option_key(*name));
  if (!found)
    co_return fail(std::move(found.error()));
  co_return (*found)->content;
}

/// The package that holds the script's entry.
task<result<package_entry>> home_of(context& ctx, const evaluate_job& script) {
  auto packages = co_await ctx.get<dependencies_value>(dependencies_key());
  if (!packages)
    co_return fail(std::move(packages.error()));
  auto* home = (*packages)->holder_of(script.module);
  if (!home)
    co_return fail(errc::internal, fmt::format("'{}' is in no package", script.module));
  co_return *home;
}

task<result<data>> ask_project(context& ctx, const evaluate_job& script) {
  auto home = co_await home_of(ctx, script);
  if (!home)
    co_return fail(std::move(home.error()));
  auto manifest = co_await ctx.get<manifest_value>(manifest_key(home->folder));
  if (!manifest)
    co_return fail(std::move(manifest.error()));
  co_return manifest_data(**manifest);
}

/// A source file of the script's package, by its path from the script's folder.
task<result<data>> ask_read(context& ctx, const evaluate_job& script, const data& argument) {
  auto given = want_string(argument["path"], "readText's path");
  if (!given)
    co_return fail(std::move(given.error()));
  auto path = join_path(folder_of(script.module), *given);
  if (!path)
    co_return fail(std::move(path.error()));
  auto packages = co_await ctx.get<dependencies_value>(dependencies_key());
  if (!packages)
    co_return fail(std::move(packages.error()));
  auto* home = (*packages)->holder_of(script.module);
  auto escapes = [&](std::string_view where) {
    return (*packages)->holder_of(where) != home || is_made_by_builds(where);
  };
  constexpr auto remedy = "scripts read the sources of their own package";
  if (escapes(*path))
    co_return fail(errc::invalid_path, fmt::format("'{}' is no source of this package", *given),
                   remedy);
  auto file = co_await ctx.get<file_value>(file_key(*path));
  if (file && escapes((*file)->real.empty() ? *path : (*file)->real))
    co_return fail(errc::invalid_path,
                   fmt::format("'{}' leads by a symbolic link to '{}', which is no source of this "
                               "package",
                               *given, (*file)->real),
                   remedy);
  auto text = co_await read_text(ctx, *path);
  if (!text)
    co_return fail(std::move(text.error()));
  if (!*text)
    co_return fail(errc::not_found, fmt::format("there is no file '{}'", *path),
                   "paths are relative to the file that the script begins with");
  co_return data(std::move(**text));
}

} // namespace

task<result<data>> answer_operation(context& ctx, const evaluate_job& script,
                                    const script_query& query) {
  auto& operation = query.operation;
  if (!may_ask(script.context, operation))
    co_return fail(errc::import_denied,
                   fmt::format("{} may not use {}()", script_noun(script.context), operation));
  if (operation == "glob")
    co_return co_await ask_glob(ctx, script, query.argument);
  if (operation == "which")
    co_return co_await ask_which(ctx, query.argument);
  if (operation == "env")
    co_return co_await ask_environment(ctx, query.argument);
  if (operation == "probe")
    co_return co_await ask_probe(ctx, query.argument);
  if (operation == "option")
    co_return co_await ask_option(ctx, query.argument);
  if (operation == "project")
    co_return co_await ask_project(ctx, script);
  if (operation == "read")
    co_return co_await ask_read(ctx, script, query.argument);
  co_return fail(errc::internal, fmt::format("nobody answers {}()", operation));
}

} // namespace zako
