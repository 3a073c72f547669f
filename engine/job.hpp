// Jobs: what a computation asks of the outside world, as data. The actors give each to the pool
// that can do it; the deterministic tests answer them from a table.
//
// A path here is a text: relative ones are neutral paths inside the workspace, absolute ones name a
// file of the machine.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/data.hpp"
#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "engine/need.hpp"

namespace zako {

/// What stat tells cheaply: when it is the same and not racy, the content is the same.
struct fingerprint {
  std::int64_t ctime_ns = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  /// The file changed within the clock's granularity of the look: a later change may hide behind
  /// these numbers, so a racy fingerprint is never trusted (the content is read again).
  bool racy = false;

  bool operator==(const fingerprint&) const = default;
};

enum class file_type : std::uint8_t { missing, regular, folder, other };

// -- io pool --------------------------------------------------------------------------------------

/// Looks at one file (following symbolic links). The content is only read when `known` does not
/// match.
struct stat_job {
  std::string path;
  std::optional<fingerprint> known; // of an earlier look, with
  digest known_content;             // what it found

  struct answer {
    file_type type = file_type::missing;
    bool executable = false;
    fingerprint print;
    digest content; // of a regular file
    /// Of a regular file whose content was read, by a relative path: where it really lies, relative
    /// to the workspace (beginning with "../" when that is elsewhere), or empty when the path holds
    /// no symbolic link.
    std::optional<std::string> real = std::nullopt;
  };
};

/// The names in a folder, sorted. Nothing when there is no such folder.
struct list_job {
  std::string path;
  std::optional<fingerprint>
      known; // when it matches and is not racy, the answer has `unchanged` and no entries

  struct entry {
    std::string name;
    file_type type = file_type::missing; // of what a symbolic link leads to
    bool operator==(const entry&) const = default;
  };
  struct answer {
    bool exists = false;
    bool unchanged = false;
    fingerprint print;
    std::vector<entry> entries;
  };
};

/// A whole small file (at most `limit` bytes; errc::limit past that). errc::not_found when it is
/// not there.
struct read_job {
  std::string path;
  std::uint64_t limit = 16u << 20;
  using answer = std::string;
};

/// An environment variable of the program.
struct environment_job {
  std::string name;
  using answer = std::optional<std::string>;
};

/// What the user gave for an option of the workspace; nothing when it was not given.
struct option_job {
  std::string name;
  using answer = std::optional<std::string>;
};

/// The first executable `name` in the folders of `search_path` (':'-separated).
struct which_job {
  std::string name;
  std::string search_path;
  using answer = std::optional<std::string>; // an absolute path
};

/// Whether there is a built-in module of that name; errc::not_found when not. Its source is where
/// scripts run.
struct builtin_job {
  std::string module; // "zako:rules/cc"
  struct answer {
    digest all; // of all built-in modules of the program
  };
};

/// One file that an action made, as it stands in the workspace and the content store.
struct output_file {
  std::string path; // below zako-out/
  digest content;
  std::uint64_t size = 0;
  bool executable = false;
  fingerprint print; // of the file in the workspace

  bool operator==(const output_file&) const = default;
};

/// Makes sure that the workspace holds exactly these files: looks at each, restores what differs
/// from the content store.
struct restore_job {
  std::vector<output_file> outputs;
  /// The same files with present fingerprints; nothing when one differs and the store lacks it.
  using answer = std::optional<std::vector<output_file>>;
};

// -- transpiler pool ------------------------------------------------------------------------------

struct transpile_job {
  std::string file; // for messages and for the choice of grammar
  std::string source;

  struct import_site {
    std::string specifier;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    bool dynamic = false; // import("..."), which may never happen
    bool operator==(const import_site&) const = default;
  };
  struct answer {
    std::string javascript;
    std::string source_map; // version 3, or empty when no position moved
    std::vector<import_site> imports;
  };
};

// -- script pool ----------------------------------------------------------------------------------

/// What a script is for; decides which built-in modules it may import and what it may ask.
enum class script_context : std::uint8_t { package, build, rule, toolchain, config, library };
std::string_view to_string(script_context c);
std::optional<script_context> parse_script_context(std::string_view name);

/// JavaScript of one module, ready to compile.
struct module_source {
  std::string id; // "zako:rules/cc", "src/BUILD.ts": unique in an evaluation
  std::string javascript;
  std::string source_map;
  std::string typescript; // for code frames; empty for built-in modules

  bool operator==(const module_source&) const = default;
};

/// Runs a script until it is done or asks something; then `resume_job` carries the answers. The
/// worker belongs to the asker until the script is done, fails or is dropped.
struct evaluate_job {
  std::string module; // the entry module's id
  script_context context = script_context::build;
  std::string function; // empty: the module's namespace is the result; else this export is called
                        // with `argument`
  data argument;        // also visible to the script as the execution context
  bool places = false;  // a build file's result tells where each target is declared
  std::string source = {}; // TypeScript of a memory module ("memory:eval"), which lies in no file

  struct answer; // script_step
};

/// A module that a script imports: `specifier` as it is written in `referrer` (a module id; empty
/// for the entry).
struct import_request {
  std::string specifier;
  std::string referrer;
};

/// What a running script wants to know. Imports come in batches; everything else is one operation
/// with one argument
/// (`glob` of a build file, `which` of a toolchain file): engine/script.hpp lists them by context.
struct script_query {
  std::vector<import_request> imports;
  std::string operation; // empty when imports is not
  data argument;
};

/// Answers a query. One entry per import asked, in order; or the operation's result.
struct script_reply {
  std::vector<module_source> modules;
  data value;
};

struct console_line {
  std::string level; // "debug", "info", "warn", "error"
  std::string text;
};

/// Either a query, or the end with the script's result.
struct script_step {
  std::optional<script_query> query;
  data value;                        // the result when there is no query
  std::vector<console_line> console; // printed since the last step
};

struct evaluate_job::answer : script_step {};

/// Continues the script that this node started. `failure` makes the pending operation throw.
struct resume_job {
  script_reply reply;
  std::optional<error> failure;
  using answer = evaluate_job::answer;
};

// -- process pool ---------------------------------------------------------------------------------

/// A program to run and what is expected of it.
struct command {
  std::vector<std::string>
      argv; // argv[0] is a path: absolute, or relative to the workspace; no shell, no search
  std::map<std::string, std::string> env; // the whole environment
  std::string stdout_path;                // when set, standard output goes to this output file
  std::vector<std::string> outputs; // files it must make, below zako-out/; removed before it starts
  std::string depfile; // a Makefile-style dependency file among the files it makes, or empty
  std::uint32_t timeout_s = 0; // 0: none

  bool operator==(const command&) const = default;
};

struct command_job {
  command what;
  std::string title;       // for the display: "CC src/lua.o"
  std::vector<need> needs; // held while it runs; one cpu more when none of them is of cpu
  bool store = true;       // put outputs into the content store
  bool jobserver = false;  // it speaks GNU make's jobserver: it may use slots that are free besides

  struct answer {
    std::int32_t exit_code = 0; // 128 + n when a signal ended it
    bool timed_out = false;
    std::string text; // what it printed (standard error, and standard output unless redirected)
    std::vector<output_file> outputs; // in the order of `command::outputs`; only after exit code 0
    std::vector<std::string>
        discovered; // the dependency file's prerequisites, normalised, in order, no duplicates
    std::int64_t started_ns = 0; // wall clock, to tell inputs that changed while it ran
    std::int64_t run_ns = 0;
    std::int64_t cpu_ns = 0;      // of all its processes that were waited for
    std::uint64_t peak_bytes = 0; // memory of the largest of them; 0: too little to be known
  };
};

using job =
    std::variant<stat_job, list_job, read_job, environment_job, option_job, which_job, builtin_job,
                 restore_job, transpile_job, evaluate_job, resume_job, command_job>;
using job_answer =
    std::variant<stat_job::answer, list_job::answer, std::string, std::optional<std::string>,
                 builtin_job::answer, std::optional<std::vector<output_file>>,
                 transpile_job::answer, evaluate_job::answer, command_job::answer>;

} // namespace zako

#include "engine/job_inspect.hpp"
