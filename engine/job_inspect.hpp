// How jobs and their answers are described to inspectors (engine/inspect.hpp); included by job.hpp.
#pragma once

#include "engine/job.hpp"

namespace zako {

template <class Inspector>
bool inspect(Inspector& f, file_type& x) {
  return inspect_enum(f, x, file_type::missing, file_type::other);
}

template <class Inspector>
bool inspect(Inspector& f, script_context& x) {
  return inspect_enum(f, x, script_context::package, script_context::library);
}

template <class Inspector>
bool inspect(Inspector& f, fingerprint& x) {
  // Most files have one time as both: its difference takes one byte. Unsigned, as any two may meet.
  auto ctime = [&x] { return static_cast<std::uint64_t>(x.ctime_ns); };
  auto get = [&x, ctime] {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(x.mtime_ns) - ctime());
  };
  auto set = [&x, ctime](std::int64_t after) {
    x.mtime_ns = static_cast<std::int64_t>(ctime() + static_cast<std::uint64_t>(after));
    return true;
  };
  return f.object(x).fields(f.field("ctime_ns", x.ctime_ns), f.field("mtime_after", get, set),
                            f.field("inode", x.inode), f.field("size", x.size),
                            f.field("racy", x.racy));
}

template <class Inspector>
bool inspect(Inspector& f, stat_job& x) {
  return f.object(x).fields(f.field("path", x.path), f.field("known", x.known),
                            f.field("known_content", x.known_content));
}

template <class Inspector>
bool inspect(Inspector& f, stat_job::answer& x) {
  return f.object(x).fields(f.field("type", x.type), f.field("executable", x.executable),
                            f.field("print", x.print), f.field("content", x.content),
                            f.field("real", x.real));
}

template <class Inspector>
bool inspect(Inspector& f, list_job& x) {
  return f.object(x).fields(f.field("path", x.path), f.field("known", x.known));
}

template <class Inspector>
bool inspect(Inspector& f, list_job::entry& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("type", x.type));
}

template <class Inspector>
bool inspect(Inspector& f, list_job::answer& x) {
  return f.object(x).fields(f.field("exists", x.exists), f.field("unchanged", x.unchanged),
                            f.field("print", x.print), f.field("entries", x.entries));
}

template <class Inspector>
bool inspect(Inspector& f, read_job& x) {
  return f.object(x).fields(f.field("path", x.path), f.field("limit", x.limit));
}

template <class Inspector>
bool inspect(Inspector& f, environment_job& x) {
  return f.object(x).fields(f.field("name", x.name));
}

template <class Inspector>
bool inspect(Inspector& f, option_job& x) {
  return f.object(x).fields(f.field("name", x.name));
}

template <class Inspector>
bool inspect(Inspector& f, which_job& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("search_path", x.search_path));
}

template <class Inspector>
bool inspect(Inspector& f, builtin_job& x) {
  return f.object(x).fields(f.field("module", x.module));
}

template <class Inspector>
bool inspect(Inspector& f, builtin_job::answer& x) {
  return f.object(x).fields(f.field("all", x.all));
}

template <class Inspector>
bool inspect(Inspector& f, output_file& x) {
  return f.object(x).fields(f.field("path", x.path), f.field("content", x.content),
                            f.field("size", x.size), f.field("executable", x.executable),
                            f.field("print", x.print));
}

template <class Inspector>
bool inspect(Inspector& f, restore_job& x) {
  return f.object(x).fields(f.field("outputs", x.outputs));
}

template <class Inspector>
bool inspect(Inspector& f, transpile_job& x) {
  return f.object(x).fields(f.field("file", x.file), f.field("source", x.source));
}

template <class Inspector>
bool inspect(Inspector& f, transpile_job::import_site& x) {
  return f.object(x).fields(f.field("specifier", x.specifier), f.field("line", x.line),
                            f.field("column", x.column), f.field("dynamic", x.dynamic));
}

template <class Inspector>
bool inspect(Inspector& f, transpile_job::answer& x) {
  return f.object(x).fields(f.field("javascript", x.javascript),
                            f.field("source_map", x.source_map), f.field("imports", x.imports));
}

template <class Inspector>
bool inspect(Inspector& f, module_source& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("javascript", x.javascript),
                            f.field("source_map", x.source_map),
                            f.field("typescript", x.typescript));
}

template <class Inspector>
bool inspect(Inspector& f, evaluate_job& x) {
  return f.object(x).fields(f.field("module", x.module), f.field("context", x.context),
                            f.field("function", x.function), f.field("argument", x.argument),
                            f.field("places", x.places), f.field("source", x.source));
}

template <class Inspector>
bool inspect(Inspector& f, import_request& x) {
  return f.object(x).fields(f.field("specifier", x.specifier), f.field("referrer", x.referrer));
}

template <class Inspector>
bool inspect(Inspector& f, script_query& x) {
  return f.object(x).fields(f.field("imports", x.imports), f.field("operation", x.operation),
                            f.field("argument", x.argument));
}

template <class Inspector>
bool inspect(Inspector& f, script_reply& x) {
  return f.object(x).fields(f.field("modules", x.modules), f.field("value", x.value));
}

template <class Inspector>
bool inspect(Inspector& f, console_line& x) {
  return f.object(x).fields(f.field("level", x.level), f.field("text", x.text));
}

template <class Inspector>
bool inspect(Inspector& f, script_step& x) {
  return f.object(x).fields(f.field("query", x.query), f.field("value", x.value),
                            f.field("console", x.console));
}

template <class Inspector>
bool inspect(Inspector& f, evaluate_job::answer& x) {
  return f.object(x).fields(f.field("query", x.query), f.field("value", x.value),
                            f.field("console", x.console));
}

template <class Inspector>
bool inspect(Inspector& f, resume_job& x) {
  return f.object(x).fields(f.field("reply", x.reply), f.field("failure", x.failure));
}

template <class Inspector>
bool inspect(Inspector& f, command& x) {
  return f.object(x).fields(f.field("argv", x.argv), f.field("env", x.env),
                            f.field("stdout_path", x.stdout_path), f.field("outputs", x.outputs),
                            f.field("depfile", x.depfile), f.field("timeout_s", x.timeout_s));
}

template <class Inspector>
bool inspect(Inspector& f, command_job& x) {
  return f.object(x).fields(f.field("what", x.what), f.field("title", x.title),
                            f.field("needs", x.needs), f.field("store", x.store),
                            f.field("jobserver", x.jobserver));
}

template <class Inspector>
bool inspect(Inspector& f, command_job::answer& x) {
  return f.object(x).fields(f.field("exit_code", x.exit_code), f.field("timed_out", x.timed_out),
                            f.field("text", x.text), f.field("outputs", x.outputs),
                            f.field("discovered", x.discovered),
                            f.field("started_ns", x.started_ns), f.field("run_ns", x.run_ns),
                            f.field("cpu_ns", x.cpu_ns), f.field("peak_bytes", x.peak_bytes));
}

} // namespace zako
