// The values of the build's nodes. Each has an `inspect`; where parts may differ from look to look
// though the meaning is the same (time stamps), `output_digest()` leaves them out: see value.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/data.hpp"
#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "engine/job.hpp"
#include "engine/pooled.hpp"

namespace zako {

// -- the machine ----------------------------------------------------------------------------------

/// `file`. A file that is not there is a value too.
struct file_value {
  file_type type = file_type::missing;
  bool executable = false;
  digest content; // of a regular file
  fingerprint print;
  std::string real; // where it lies, when symbolic links lead there: see stat_job

  bool operator==(const file_value&) const = default;
  /// Without the fingerprint.
  [[nodiscard]] digest output_digest() const;
};

/// `directory`. A folder that is not there is a value too, without entries. Zako's own folders
/// (zako-out, .zako) are left out.
struct directory_value {
  bool exists = false;
  fingerprint print;
  std::vector<list_job::entry> entries; // sorted by name

  bool operator==(const directory_value&) const = default;
  /// Without the fingerprint.
  [[nodiscard]] digest output_digest() const;
};

/// `env`.
struct environment_value {
  std::optional<std::string> text;

  bool operator==(const environment_value&) const = default;
};

/// `which`.
struct which_value {
  std::optional<std::string> path; // absolute; nothing when no folder has it
  std::string search_path;         // where it was looked for

  bool operator==(const which_value&) const = default;
  /// Without the search path.
  [[nodiscard]] digest output_digest() const;
};

/// `probe`.
struct probe_value {
  std::int32_t exit_code = 0;
  std::string text; // standard output and error

  bool operator==(const probe_value&) const = default;
};

/// `glob` (paths relative to its folder) and `packages` (folders relative to the workspace).
struct paths_value {
  std::vector<std::string> paths; // sorted

  bool operator==(const paths_value&) const = default;
};

// -- scripts --------------------------------------------------------------------------------------

/// One entry of [options] in zako.toml.
struct option_declaration {
  data fallback;                   // its value when none is given: a boolean, a number or a text
  std::vector<std::string> values; // the only texts that it can be; none: any of its type
  std::string description;

  bool operator==(const option_declaration&) const = default;
};

/// `manifest`: what a zako.toml says.
struct manifest_value {
  std::string name;
  std::string version;
  std::string description;
  std::string license;
  std::map<std::string, option_declaration> options;
  std::map<std::string, std::string> imports;      // as written: "#lib/" -> "./lib/"
  std::map<std::string, std::string> dependencies; // name -> folder, as written

  bool operator==(const manifest_value&) const = default;
};

/// A package whose modules may be used.
struct package_entry {
  std::string folder; // relative to the workspace; "../" leads out of it
  std::string name;
  std::map<std::string, std::string> dependencies; // name -> folder, likewise

  bool operator==(const package_entry&) const = default;
};

/// `dependencies`: the workspace's package, which comes first, and all that it depends on, directly
/// or through others, in the order of their folders.
struct dependencies_value {
  std::vector<package_entry> packages;

  /// The innermost package that holds a path; null when none does.
  [[nodiscard]] const package_entry* holder_of(std::string_view path) const;

  bool operator==(const dependencies_value&) const = default;
};

/// `option`.
struct option_value {
  data content;                     // a boolean, a number or a text
  std::optional<std::string> given; // what it was made of; none: it is the manifest's

  bool operator==(const option_value&) const = default;
  /// Of the content alone.
  [[nodiscard]] digest output_digest() const;
};

/// `package` (the settings that zako.ts exports; an empty object without one), `toolchain` and
/// `config` (what its file exports).
struct data_value {
  data content;

  bool operator==(const data_value&) const = default;
};

/// `module`.
struct module_value {
  module_source source;
  std::vector<transpile_job::import_site> imports; // of file modules
  /// Of a built-in module, which has no text here: of all built-in modules of the program. They
  /// come and change together.
  digest program;

  bool operator==(const module_value&) const = default;
};

/// `label`: one target as its BUILD.ts declares it. It has no position, so that moving a target
/// changes nothing.
struct target_declaration {
  std::string name;
  std::string rule_module;
  std::string rule_export;
  std::vector<std::string> toolchains;
  data attrs; // see engine/script.hpp

  bool operator==(const target_declaration&) const = default;
};

/// `evaluation`: everything that one BUILD.ts declares.
struct evaluation_value {
  std::vector<target_declaration> targets; // in the order of declaration; names are unique

  bool operator==(const evaluation_value&) const = default;
  /// Null when there is none of that name.
  [[nodiscard]] const target_declaration* find(std::string_view name) const;
  /// To be called when `targets` is complete.
  void index_names();

private:
  std::vector<std::uint32_t> by_name_; // ascending
};

/// Where a target is declared.
struct target_place {
  std::string name;
  source_position where;

  bool operator==(const target_place&) const = default;
};

/// `places`: of the targets of one BUILD.ts.
struct places_value {
  std::vector<target_place> targets; // in the order of declaration

  bool operator==(const places_value&) const = default;
};

// -- targets and actions --------------------------------------------------------------------------

/// A file that an action reads or a target gives.
struct file_reference {
  std::string path;  // relative to the workspace
  std::string owner; // the label whose action makes it; empty for a source

  bool operator==(const file_reference&) const = default;
};

/// One action as a rule declares it. Its first output names it.
struct action_declaration {
  std::string mnemonic;
  std::string title;
  command what;
  std::vector<file_reference> inputs;
  std::vector<need> needs; // of the machine while it runs; they do not change what it makes
  bool jobserver = false;  // it speaks GNU make's jobserver

  bool operator==(const action_declaration&) const = default;
};

/// How a target is tested.
struct test_declaration {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;
  std::vector<file_reference> inputs;
  std::uint32_t timeout_s = 0; // 0: none

  bool operator==(const test_declaration&) const = default;
};

/// `target`: what a rule makes of a declaration.
struct target_value {
  std::vector<action_declaration> actions;
  std::vector<file_reference> files;
  data providers;
  std::optional<file_reference> executable;
  std::optional<test_declaration> test;
  std::vector<std::string> deps; // labels that the attributes name, in order, each once

  /// The action that makes this output; null when none does. Needs `index_outputs`.
  [[nodiscard]] const action_declaration* maker_of(std::string_view path) const;
  /// To be called when `actions` is complete.
  void index_outputs();

  bool operator==(const target_value&) const = default;

private:
  /// An action and one of its outputs.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> by_output_; // ascending by path
};

/// `artifact`. What the file is stands in the action's value; its output digest says enough of it,
/// and is not made of this: see artifact_digest.
struct artifact_value {
  fingerprint print; // when it was made or put back

  bool operator==(const artifact_value&) const = default;
};

/// The output digest of an `artifact`: all that who reads the file can see.
digest artifact_digest(const digest& content, bool executable);

/// A file that an action was found to read, and what it could see of it then (`source_digest`).
struct discovered_input {
  std::string path;
  digest output;

  bool operator==(const discovered_input&) const = default;
};

/// `action`: what the last run made.
struct action_value {
  digest action; // covers the command and the declared inputs
  /// As declared. The first has no path: it is the one that the node's key names, and there are
  /// many of these.
  std::vector<output_file> outputs;
  std::vector<discovered_input> discovered;
  std::string text;             // what it printed
  std::uint64_t peak_bytes = 0; // of memory, when it ran; 0: unknown

  bool operator==(const action_value&) const = default;
  /// Of the outputs alone, without their fingerprints.
  [[nodiscard]] digest output_digest() const;
};

// -- requests -------------------------------------------------------------------------------------

/// `pattern`.
struct labels_value {
  std::vector<std::string> labels; // sorted, at least one

  bool operator==(const labels_value&) const = default;
};

/// `analysis`.
struct analysis_value {
  std::vector<std::string> requested; // the labels of the patterns: in their order, each once
  std::vector<std::string> closure;   // these and everything they depend on, breadth first

  bool operator==(const analysis_value&) const = default;
};

/// One target that was asked for.
struct built_target {
  std::string label;
  std::vector<std::string> files; // relative to the workspace
  std::string executable;         // empty when it has none

  bool operator==(const built_target&) const = default;
};

/// `build`.
struct build_value {
  std::vector<built_target> targets; // as requested

  bool operator==(const build_value&) const = default;
};

/// `test`: one run of a target's test.
struct test_value {
  digest action; // covers the command and its inputs
  bool passed = false;
  std::int32_t exit_code = 0;
  bool timed_out = false;
  std::string text;
  std::int64_t run_ns = 0;

  bool operator==(const test_value&) const = default;
  /// Without the run time.
  [[nodiscard]] digest output_digest() const;
};

/// One line of a test report.
struct test_row {
  std::string label;
  test_value outcome;

  bool operator==(const test_row&) const = default;
};

/// `tests`.
struct tests_value {
  std::vector<test_row> rows; // as requested, targets without a test left out

  bool operator==(const tests_value&) const = default;
};

// -- inspection -----------------------------------------------------------------------------------

/// Bytes are written in a short form; everybody else sees plain members.
template <class Inspector>
inline constexpr bool is_codec =
    std::is_same_v<Inspector, encoder> || std::is_same_v<Inspector, decoder>;

template <class Inspector>
bool inspect(Inspector& f, file_value& x) {
  return f.object(x).fields(f.field("type", x.type), f.field("executable", x.executable),
                            f.field("content", x.content), f.field("print", x.print),
                            f.field("real", x.real));
}

template <class Inspector>
bool inspect(Inspector& f, directory_value& x) {
  return f.object(x).fields(f.field("exists", x.exists), f.field("print", x.print),
                            f.field("entries", x.entries));
}

template <class Inspector>
bool inspect(Inspector& f, environment_value& x) {
  return f.object(x).fields(f.field("text", x.text));
}

template <class Inspector>
bool inspect(Inspector& f, which_value& x) {
  return f.object(x).fields(f.field("path", x.path), f.field("search_path", x.search_path));
}

template <class Inspector>
bool inspect(Inspector& f, probe_value& x) {
  return f.object(x).fields(f.field("exit_code", x.exit_code), f.field("text", x.text));
}

template <class Inspector>
bool inspect(Inspector& f, paths_value& x) {
  return f.object(x).fields(f.field("paths", x.paths));
}

template <class Inspector>
bool inspect(Inspector& f, option_declaration& x) {
  return f.object(x).fields(f.field("fallback", x.fallback), f.field("values", x.values),
                            f.field("description", x.description));
}

template <class Inspector>
bool inspect(Inspector& f, manifest_value& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("version", x.version),
                            f.field("description", x.description), f.field("license", x.license),
                            f.field("options", x.options), f.field("imports", x.imports),
                            f.field("dependencies", x.dependencies));
}

template <class Inspector>
bool inspect(Inspector& f, package_entry& x) {
  return f.object(x).fields(f.field("folder", x.folder), f.field("name", x.name),
                            f.field("dependencies", x.dependencies));
}

template <class Inspector>
bool inspect(Inspector& f, dependencies_value& x) {
  return f.object(x).fields(f.field("packages", x.packages));
}

template <class Inspector>
bool inspect(Inspector& f, option_value& x) {
  return f.object(x).fields(f.field("content", x.content), f.field("given", x.given));
}

template <class Inspector>
bool inspect(Inspector& f, data_value& x) {
  return f.object(x).fields(f.field("content", x.content));
}

template <class Inspector>
bool inspect(Inspector& f, module_value& x) {
  return f.object(x).fields(f.field("source", x.source), f.field("imports", x.imports),
                            f.field("program", x.program));
}

template <class Inspector>
bool inspect(Inspector& f, target_declaration& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("rule_module", x.rule_module),
                            f.field("rule_export", x.rule_export),
                            f.field("toolchains", x.toolchains), f.field("attrs", x.attrs));
}

template <class Inspector>
bool inspect(Inspector& f, evaluation_value& x) {
  bool ok = f.object(x).fields(f.field("targets", x.targets));
  if constexpr (Inspector::is_loading)
    x.index_names();
  return ok;
}

template <class Inspector>
bool inspect(Inspector& f, target_place& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("where", x.where));
}

template <class Inspector>
bool inspect(Inspector& f, places_value& x) {
  return f.object(x).fields(f.field("targets", x.targets));
}

template <class Inspector>
bool inspect(Inspector& f, file_reference& x) {
  return f.object(x).fields(f.field("path", x.path), f.field("owner", x.owner));
}

template <class Inspector>
bool inspect(Inspector& f, action_declaration& x) {
  return f.object(x).fields(f.field("mnemonic", x.mnemonic), f.field("title", x.title),
                            f.field("what", x.what), f.field("inputs", x.inputs),
                            f.field("needs", x.needs), f.field("jobserver", x.jobserver));
}

template <class Inspector>
bool inspect(Inspector& f, test_declaration& x) {
  return f.object(x).fields(f.field("argv", x.argv), f.field("env", x.env),
                            f.field("inputs", x.inputs), f.field("timeout_s", x.timeout_s));
}

template <class Inspector>
bool inspect(Inspector& f, target_value& x) {
  // A target with many actions names each path many times.
  if constexpr (is_codec<Inspector>) {
    auto get = [&x] { return encode_pooled(std::pair{x.actions, x.files}); };
    auto set = [&x](const std::string& bytes) {
      using parts = std::pair<std::vector<action_declaration>, std::vector<file_reference>>;
      auto read = decode_pooled<parts>(bytes);
      if (!read)
        return false;
      std::tie(x.actions, x.files) = std::move(*read);
      x.index_outputs();
      return true;
    };
    return f.object(x).fields(f.field("parts", get, set), f.field("providers", x.providers),
                              f.field("executable", x.executable), f.field("test", x.test),
                              f.field("deps", x.deps));
  }
  bool ok = f.object(x).fields(
      f.field("actions", x.actions), f.field("files", x.files), f.field("providers", x.providers),
      f.field("executable", x.executable), f.field("test", x.test), f.field("deps", x.deps));
  if constexpr (Inspector::is_loading)
    x.index_outputs();
  return ok;
}

template <class Inspector>
bool inspect(Inspector& f, artifact_value& x) {
  return f.object(x).fields(f.field("print", x.print));
}

template <class Inspector>
bool inspect(Inspector& f, discovered_input& x) {
  return f.object(x).fields(f.field("path", x.path), f.field("output", x.output));
}

template <class Inspector>
bool inspect(Inspector& f, action_value& x) {
  return f.object(x).fields(f.field("action", x.action), f.field("outputs", x.outputs),
                            f.field("discovered", x.discovered), f.field("text", x.text),
                            f.field("peak_bytes", x.peak_bytes));
}

template <class Inspector>
bool inspect(Inspector& f, labels_value& x) {
  return f.object(x).fields(f.field("labels", x.labels));
}

template <class Inspector>
bool inspect(Inspector& f, analysis_value& x) {
  return f.object(x).fields(f.field("requested", x.requested), f.field("closure", x.closure));
}

template <class Inspector>
bool inspect(Inspector& f, built_target& x) {
  if constexpr (is_codec<Inspector>) {
    auto get = [&x] { return encode_texts({x.files.begin(), x.files.end()}); };
    auto set = [&x](const std::string& bytes) {
      decoder in{bytes};
      auto read = decode_texts(in);
      if (!read || !in.at_end())
        return false;
      x.files = std::move(*read);
      return true;
    };
    return f.object(x).fields(f.field("label", x.label), f.field("files", get, set),
                              f.field("executable", x.executable));
  }
  return f.object(x).fields(f.field("label", x.label), f.field("files", x.files),
                            f.field("executable", x.executable));
}

template <class Inspector>
bool inspect(Inspector& f, build_value& x) {
  return f.object(x).fields(f.field("targets", x.targets));
}

template <class Inspector>
bool inspect(Inspector& f, test_value& x) {
  return f.object(x).fields(f.field("action", x.action), f.field("passed", x.passed),
                            f.field("exit_code", x.exit_code), f.field("timed_out", x.timed_out),
                            f.field("text", x.text), f.field("run_ns", x.run_ns));
}

template <class Inspector>
bool inspect(Inspector& f, test_row& x) {
  return f.object(x).fields(f.field("label", x.label), f.field("outcome", x.outcome));
}

template <class Inspector>
bool inspect(Inspector& f, tests_value& x) {
  return f.object(x).fields(f.field("rows", x.rows));
}

} // namespace zako
