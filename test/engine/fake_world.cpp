// The machine in memory.
#include "test/engine/fake_world.hpp"

#include <sstream>

namespace zako::test {

namespace {

/// The texts between quotes on lines that start with `word`.
std::vector<std::string> quoted_after(const std::string& text, const std::string& word) {
  std::vector<std::string> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    auto open = line.find('"');
    auto close = line.rfind('"');
    if (line.starts_with(word) && open < close)
      out.push_back(line.substr(open + 1, close - open - 1));
  }
  return out;
}

/// cc SOURCE OUT [FLAG..]: the source and what it includes without comments; includes are looked
/// for as they are written.
void compile(const command& what, fake_world& world, command_job::answer& out) {
  std::string object;
  for (std::size_t i = 3; i < what.argv.size(); ++i)
    object += what.argv[i] + "\n";
  std::vector<std::string> open{what.argv.at(1)};
  std::set<std::string> seen;
  while (!open.empty()) {
    auto path = open.back();
    open.pop_back();
    if (!seen.insert(path).second)
      continue;
    if (!world.exists(path)) {
      out.exit_code = 1;
      out.text = "cc: no such file: " + path + "\n";
      return;
    }
    out.discovered.push_back(path);
    std::istringstream lines(world.text(path));
    for (std::string line; std::getline(lines, line);) {
      if (line == "error") {
        out.exit_code = 1;
        out.text = path + ": error\n";
        return;
      }
      if (!line.starts_with("//"))
        object += line + "\n";
    }
    for (auto& included : quoted_after(world.text(path), "#include"))
      open.push_back(included);
  }
  world.write(what.argv.at(2), object);
}

/// ld OUT OBJECT..: an executable of all objects' texts.
void link(const command& what, fake_world& world, command_job::answer&) {
  std::string all;
  for (std::size_t i = 2; i < what.argv.size(); ++i)
    all += world.text(what.argv[i]);
  world.write(what.argv.at(1), all, true);
}

} // namespace

fake_world::fake_world() {
  programs["/bin/cc"] = compile;
  programs["/bin/ld"] = link;
  programs["/bin/nothing"] = [](auto&, auto&, auto&) {};
  for (auto path : {"/bin/cc", "/bin/ld", "/bin/nothing"})
    write(path, path, true);
  environment["PATH"] = "/bin";
}

fingerprint fake_world::fresh_print(std::uint64_t size) {
  now_ += 1000;
  return {now_, now_, ++inodes_, size, false};
}

void fake_world::write(const std::string& path, std::string text, bool executable) {
  auto size = text.size();
  files_[path] = {std::move(text), executable, fresh_print(size)};
}

void fake_world::symlink(const std::string& path, const std::string& real) {
  write(path, text(real));
  files_.at(path).real = real;
}

void fake_world::touch(const std::string& path) {
  auto& f = files_.at(path);
  f.print = fresh_print(f.text.size());
}

void fake_world::remove(const std::string& path) {
  files_.erase(path);
}

stat_job::answer fake_world::look(const stat_job& what) {
  ++stats;
  stat_job::answer out;
  if (auto f = files_.find(what.path); f != files_.end()) {
    out.type = file_type::regular;
    out.executable = f->second.executable;
    out.print = f->second.print;
    if (what.known == f->second.print) {
      out.content = what.known_content;
    } else {
      ++contents_read;
      out.content = digest_of(f->second.text);
      out.real = f->second.real;
    }
    return out;
  }
  auto below = files_.lower_bound(what.path + "/");
  if (below != files_.end() && below->first.starts_with(what.path + "/"))
    out.type = file_type::folder;
  return out;
}

list_job::answer fake_world::list(const list_job& what) {
  list_job::answer out;
  std::map<std::string, file_type> names;
  auto prefix = what.path.empty() ? "" : what.path + "/";
  for (auto& [path, f] : files_) {
    if (!path.starts_with(prefix) || (prefix.empty() && path.starts_with('/')))
      continue;
    auto rest = path.substr(prefix.size());
    auto slash = rest.find('/');
    names[rest.substr(0, slash)] =
        slash == std::string::npos ? file_type::regular : file_type::folder;
  }
  out.exists = !names.empty();
  for (auto& [name, type] : names)
    out.entries.push_back({name, type});
  return out;
}

std::optional<std::vector<output_file>> fake_world::restore(const restore_job& what) {
  auto out = what.outputs;
  for (auto& output : out) {
    auto f = files_.find(output.path);
    if (f == files_.end() || digest_of(f->second.text) != output.content) {
      auto stored = store_.find(output.content);
      if (stored == store_.end())
        return std::nullopt;
      write(output.path, stored->second, output.executable);
    }
    output.print = files_.at(output.path).print;
  }
  return out;
}

result<job_answer> fake_world::run(const command_job& what) {
  ran.push_back(what.title);
  jobs.push_back(what);
  auto tool = programs.find(what.what.argv.front());
  if (tool == programs.end())
    return fail(errc::io, "cannot run " + what.what.argv.front());
  for (auto& path : what.what.outputs)
    remove(path);
  command_job::answer out;
  out.started_ns = now_;
  tool->second(what.what, *this, out);
  if (on_run)
    on_run(what.what);
  out.run_ns = 1000;
  if (out.exit_code != 0)
    return job_answer{std::move(out)};
  for (auto& path : what.what.outputs)
    if (auto f = files_.find(path); f != files_.end()) {
      auto content = digest_of(f->second.text);
      out.outputs.push_back(
          {path, content, f->second.text.size(), f->second.executable, f->second.print});
      store_[content] = f->second.text;
    }
  return job_answer{std::move(out)};
}

result<job_answer> fake_world::step(script_session& session) {
  auto name = session.run.module + (session.run.function.empty() ? "" : "#" + session.run.function);
  if (!session.loaded) {
    script_query query;
    if (session.replies.empty()) {
      query.imports.push_back({session.run.module, ""});
    } else {
      for (auto& module : session.replies.back().reply.modules)
        for (auto& specifier : quoted_after(module.javascript, "import"))
          if (session.asked.insert(module.id + '\n' + specifier).second)
            query.imports.push_back({specifier, module.id});
    }
    if (!query.imports.empty()) {
      script_step ask;
      ask.query = std::move(query);
      return job_answer{evaluate_job::answer{std::move(ask)}};
    }
    session.loaded = true;
    session.replies.clear();
    scripts_run.push_back(name);
  }
  auto body = scripts.find(name);
  if (body == scripts.end())
    return fail(errc::script, "no fake script " + name);
  auto next = body->second(session.run, session.replies);
  if (!next)
    return fail(std::move(next.error()));
  return job_answer{evaluate_job::answer{std::move(*next)}};
}

result<job_answer> fake_world::perform(const job& what, script_session& session) {
  if (auto j = std::get_if<stat_job>(&what))
    return job_answer{look(*j)};
  if (auto j = std::get_if<list_job>(&what))
    return job_answer{list(*j)};
  if (auto j = std::get_if<read_job>(&what)) {
    auto f = files_.find(j->path);
    if (f == files_.end())
      return fail(errc::not_found, "no file " + j->path);
    return job_answer{f->second.text};
  }
  if (auto j = std::get_if<environment_job>(&what)) {
    auto found = environment.find(j->name);
    return job_answer{found == environment.end() ? std::nullopt
                                                 : std::optional<std::string>(found->second)};
  }
  if (auto j = std::get_if<option_job>(&what)) {
    auto found = options.find(j->name);
    return job_answer{found == options.end() ? std::nullopt
                                             : std::optional<std::string>(found->second)};
  }
  if (auto j = std::get_if<which_job>(&what)) {
    auto path = j->search_path + "/" + j->name;
    return job_answer{exists(path) ? std::optional<std::string>(path) : std::nullopt};
  }
  if (auto j = std::get_if<builtin_job>(&what)) {
    if (!builtins.contains(j->module) && j->module != "zako:rt")
      return fail(errc::not_found, "there is no built-in module " + j->module);
    hasher all;
    for (auto& [module, javascript] : builtins)
      all.update(module).update(javascript);
    return job_answer{builtin_job::answer{all.finish()}};
  }
  if (auto j = std::get_if<restore_job>(&what))
    return job_answer{restore(*j)};
  if (auto j = std::get_if<transpile_job>(&what)) {
    transpiled.push_back(j->file);
    transpile_job::answer out;
    out.javascript = j->source;
    std::istringstream lines(j->source);
    std::uint32_t number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (line == "syntax error")
        return fail(error_at(errc::syntax, "unexpected text", {j->file, number, 1}));
      for (auto& specifier : quoted_after(line, "import"))
        out.imports.push_back({specifier, number, static_cast<std::uint32_t>(line.find('"') + 1)});
    }
    return job_answer{std::move(out)};
  }
  if (auto j = std::get_if<evaluate_job>(&what)) {
    session = {};
    session.run = *j;
    return step(session);
  }
  if (auto j = std::get_if<resume_job>(&what)) {
    session.replies.push_back(*j);
    return step(session);
  }
  return run(std::get<command_job>(what));
}

script_step script_end(data value) {
  script_step out;
  out.value = std::move(value);
  return out;
}

script_step script_asks(std::string operation, data argument) {
  script_step out;
  out.query.emplace();
  out.query->operation = std::move(operation);
  out.query->argument = std::move(argument);
  return out;
}

} // namespace zako::test
