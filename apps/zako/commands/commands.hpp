// The commands: each takes the parsed command line and gives the program's exit code.
#pragma once

#include <map>
#include <string>

#include "apps/zako/arguments.hpp"
#include "apps/zako/engine_run.hpp"
#include "apps/zako/stop_signal.hpp"
#include "apps/zako/workspace.hpp"

namespace zako {

int build_command(const request& what, const place& where, stop_signal& stop);
int run_command(const request& what, const place& where, stop_signal& stop);
int test_command(const request& what, const place& where, stop_signal& stop);
int clean_command(const place& where, stop_signal& stop);
int info_command(const request& what, const place& where, stop_signal& stop);
int gc_command(const request& what, const place& where, stop_signal& stop);
int verify_command(const place& where, stop_signal& stop);
int dump_command(const request& what, const place& where, stop_signal& stop);
int types_command(const place& where);
int eval_command(const request& what, const place& where, stop_signal& stop);
/// Takes signals by itself.
int repl_command(const request& what, const place& where);
// Those need no workspace.
int transpile_command(const request& what);
int export_builtin_command(const request& what);

// -- what they share (common.cpp) --

/// Prints the errors below `e` on standard error, and gives the exit code that fits.
int fail_with(const error& e, const std::set<std::string>& shown_failures = {});
/// Says "interrupted" and gives its exit code.
int say_interrupted();
/// Patterns of the command line; an error is a usage error and is printed.
result<std::vector<std::string>> patterns_of(const request& what, const place& where);
/// The settings of all sources; an error is a usage error and is printed.
result<engine_settings> settings_of(const request& what, const place& where);
/// The same of the workspace's options.
result<std::map<std::string, std::string>> options_of(const request& what, const place& where);
/// The question that a command line asks about `root`.
engine_question question_of(const request& what, const place& where, engine_settings settings,
                            key root, std::string_view command,
                            const std::vector<std::string>& patterns);

} // namespace zako
