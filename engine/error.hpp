// The one error type: what failed, where, why, and what to do about it.
//
// Functions that can fail return `result<T>` (tl::expected<T, error>). An error is a plain value:
// it can be copied, compared, stored in the node database and sent in messages. Nothing in engine/
// throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "engine/inspect.hpp"

namespace zako {

/// Classes of failure. The order is part of the on-disk format: add at the end only.
enum class errc : std::uint16_t {
  internal = 1,      // a bug in Zako
  cancelled,         // stopped on request; never stored
  io,                // the operating system refused; never stored
  not_found,         // a file, package, target or module that is not there
  invalid_argument,  // bad input from the command line or the API
  invalid_path,      // a path that escapes its root or is malformed
  invalid_label,     // a label or pattern that does not parse
  invalid_manifest,  // zako.toml is missing or malformed
  syntax,            // TypeScript that does not parse
  unsupported,       // TypeScript that parses and that this transpiler cannot do
  script,            // a script threw, or returned what its context does not allow
  import_denied,     // an import that the importing context may not make
  limit,             // a script or process passed one of its limits; never stored
  invalid_attribute, // a rule was called with a wrong attribute
  cycle,             // nodes that wait for each other
  conflict,          // two targets declare one output
  tool_missing,      // a toolchain program that the machine lacks
  action_failed,     // a process exited with a code other than 0
  output_missing,    // an action that did not make a declared output
  test_failed,       // a test that exited with a code other than 0
  dependency,        // a dependency failed; its error is the cause
  corrupt,           // stored bytes that do not match their digest
  locked,            // another process holds the workspace
  worker_lost,       // the worker died with the job; never stored
};

constexpr errc last_errc = errc::worker_lost;

/// The stable name of a code, e.g. "not_found".
std::string_view to_string(errc code);

/// A place in a file. Lines and columns count from 1; 0 means unknown. Columns count UTF-16 units.
struct source_position {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  bool operator==(const source_position&) const = default;
};

struct error {
  errc code = errc::internal;
  std::string message;                     // what failed, one line, no trailing full stop
  std::optional<source_position> position; // where
  std::string frame;  // the source lines around the position, made by code_frame(), or empty
  std::string remedy; // what to do, one line, or empty
  std::vector<error>
      causes; // why; several when one failure sums up many (all syntax errors of a file)

  bool operator==(const error&) const = default;

  /// False for failures that another try may not show, themselves or as any cause: cancelled, io,
  /// worker_lost, locked; limit, as limits can be set and the machine may be faster the next time;
  /// and what a program did (action_failed, test_failed, output_missing): it
  /// may lean on more than Zako knows of, so it is tried again by the next process, and never
  /// stored.
  [[nodiscard]] bool deterministic() const;
};

template <class T>
using result = tl::expected<T, error>;

/// Shorthand for a failed result: `return fail(errc::not_found, "no file 'x'", "check the
/// spelling");`
tl::unexpected<error> fail(errc code, std::string message, std::string remedy = {});
tl::unexpected<error> fail(error e);

/// Shorthand for an error at a place.
error error_at(errc code, std::string message, source_position where, std::string remedy = {});

/// Two lines before the position, the line itself with a caret, one line after. `length` (in UTF-16
/// units) widens the caret. Empty when the position lies outside the source.
std::string code_frame(std::string_view source, std::uint32_t line, std::uint32_t column,
                       std::uint32_t length = 1);

/// The error as a person reads it: "file:line:col: message", frame, "why:" chain, "help:" line. No
/// colours.
std::string to_text(const error& e);

template <class Inspector>
bool inspect(Inspector& f, errc& x) {
  return inspect_enum(f, x, errc::internal, last_errc);
}

template <class Inspector>
bool inspect(Inspector& f, source_position& x) {
  return f.object(x).fields(f.field("file", x.file), f.field("line", x.line),
                            f.field("column", x.column));
}

template <class Inspector>
bool inspect(Inspector& f, error& x) {
  return f.object(x).fields(f.field("code", x.code), f.field("message", x.message),
                            f.field("position", x.position), f.field("frame", x.frame),
                            f.field("remedy", x.remedy), f.field("causes", x.causes));
}

} // namespace zako
