// The command line as data. Knows nothing of engines, files or terminals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace zako {

enum class command_name {
  build,
  run,
  test,
  clean,
  info,
  gc,
  verify,
  dump,
  types,
  transpile,
  eval,
  repl,
  export_builtin,
};

enum class verbosity { quiet, normal, verbose };

/// What only `transpile` takes.
struct transpile_request {
  std::vector<std::string> files; // as typed; "-" is standard input
  std::string out_folder;         // empty: standard output, of the only file
  bool map = false;
  bool check = false; // nothing but errors comes out
  bool tsx = false;   // read everything as .tsx
  bool verbatim_module_syntax = false;
  bool preserve_jsx = false;
  std::string jsx_import_source = "react";
  bool for_engine = false; // refuse what the engine of build files does not run
};

/// What `eval` takes, and `repl` in part.
struct eval_request {
  std::string file;                      // as typed; "-" is standard input
  std::optional<std::string> expression; // -e, instead of a file
  std::string as;                        // --as: a script_context's name; empty: not given
};

/// A command line that asks for work.
struct request {
  command_name what = command_name::build;
  std::vector<std::string> patterns;  // as typed; `run` has exactly one; of `dump`: parts of keys
  std::vector<std::string> arguments; // of the program that `run` starts
  std::string folder;                 // -C; empty: where the program was started
  std::uint32_t jobs = 0;             // -j: resources.cpu; 0: not given
  std::vector<std::string> settings;  // --set, in order: "KEY=VALUE"
  std::vector<std::string> options;   // --option, in order: "NAME=VALUE"
  bool keep_going = false;
  bool resources = false; // of `info`
  verbosity detail = verbosity::normal;
  std::string trace;                       // --trace; empty: none
  std::uint16_t metrics_port = 0;          // --metrics-port: metrics.port; 0: not given
  std::optional<std::uint64_t> most_age_s; // of `gc`
  std::optional<std::uint64_t> most_bytes; // of `gc`
  transpile_request transpile;
  eval_request eval;
  std::string module;      // of `export-builtin`; empty: list them
  bool javascript = false; // likewise: what runs, instead of the declaration
};

/// A command line that only asks for text (--help, --version), or that is wrong.
struct answer {
  std::string text;
  int exit_code = 0; // 0: the text is for standard output, otherwise for standard error
};

/// `arguments` are those after the program's name.
std::variant<request, answer> parse_arguments(const std::vector<std::string>& arguments);

} // namespace zako
