// The jobs of the io pool.
#include "actors/workers/io_worker.hpp"

#include <cstdlib>

#include "engine/suggest.hpp"
#include "scripting/builtins.hpp"

namespace zako {

namespace {

result<std::optional<std::string>> read_environment(const environment_job& job) {
  const char* x = std::getenv(job.name.c_str());
  return x ? std::optional<std::string>(x) : std::nullopt;
}

result<std::optional<std::string>> find_option(const io_behaviour::context& shared,
                                               const option_job& job) {
  auto found = shared.options->find(job.name);
  return found == shared.options->end() ? std::nullopt : std::optional<std::string>(found->second);
}

result<builtin_job::answer> read_builtin(const builtin_job& job) {
  if (!find_builtin(job.module)) {
    std::vector<std::string> public_modules;
    for (auto& module : builtin_modules())
      if (!module.id.starts_with("zako:core/"))
        public_modules.emplace_back(module.id);
    return fail(errc::not_found, "there is no built-in module '" + job.module + "'",
                did_you_mean(job.module, public_modules, {}));
  }
  return builtin_job::answer{builtins_digest()};
}

result<std::optional<std::vector<output_file>>> restore(file_system& files, content_store& blobs,
                                                        restore_job& job) {
  for (auto& x : job.outputs) {
    auto now = files.look(x.path, x.print, x.content);
    if (!now)
      return tl::unexpected(now.error());
    if (now->type == file_type::regular && now->content == x.content &&
        now->executable == x.executable) {
      x.print = now->print;
      continue;
    }
    if (now->type != file_type::missing)
      if (auto removed = files.remove_all(x.path); !removed)
        return tl::unexpected(removed.error());
    if (auto made = blobs.materialise(x.content, files.absolute(x.path), x.executable); !made) {
      if (made.error().code == errc::io)
        return tl::unexpected(made.error());
      return std::nullopt; // the store lost it: it must be made again
    }
    auto restored = files.look(x.path, std::nullopt, {});
    if (!restored)
      return tl::unexpected(restored.error());
    if (restored->content != x.content)
      return std::nullopt;
    x.print = restored->print;
  }
  return std::move(job.outputs);
}

} // namespace

result<io_pool::output> io_behaviour::perform(io_pool::input&& job) {
  auto wrap = [](auto x) -> result<io_pool::output> {
    if (!x)
      return tl::unexpected(std::move(x.error()));
    return io_pool::output{std::move(*x)};
  };
  if (auto* x = std::get_if<environment_job>(&job))
    return wrap(read_environment(*x));
  if (auto* x = std::get_if<option_job>(&job))
    return wrap(find_option(shared_, *x));
  if (auto* x = std::get_if<builtin_job>(&job))
    return wrap(read_builtin(*x));
  if (!shared_.files)
    return fail(errc::invalid_argument, "this engine has no workspace, and a node asked for a file",
                "set engine_options::workspace");
  if (auto* x = std::get_if<stat_job>(&job))
    return wrap(shared_.files->look(x->path, x->known, x->known_content));
  if (auto* x = std::get_if<list_job>(&job))
    return wrap(shared_.files->list(x->path, x->known));
  if (auto* x = std::get_if<read_job>(&job))
    return wrap(shared_.files->read(x->path, x->limit));
  if (auto* x = std::get_if<which_job>(&job))
    return wrap(shared_.files->which(x->name, x->search_path));
  return wrap(restore(*shared_.files, *shared_.blobs, std::get<restore_job>(job)));
}

} // namespace zako
