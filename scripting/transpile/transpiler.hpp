// TypeScript in, JavaScript out: one source text at a time, with no knowledge of files, of V8 or of
// the build.
//
// Types are blanked where they stand, so lines and columns stay and most files need no source map;
// only enums, parameter properties and a few rewritings move text, and then a map comes along. The
// output is what the TypeScript compiler emits for one isolated module at its newest target. What
// cannot be done that way is an error with a position, never a guess: errc::syntax sums up every
// place that does not parse, errc::unsupported every construct that is not done.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace zako {

/// An import that is left in the JavaScript.
struct import_site {
  std::string specifier;    // the text between the quotes, escapes resolved
  source_position position; // of the opening quote
  bool dynamic = false;     // import("literal")
  bool json = false; // the specifier ends in ".json" or the import says `with { type: "json" }`

  bool operator==(const import_site&) const = default;
};

/// What becomes of JSX.
enum class jsx_mode {
  automatic, // calls of `jsx` and `jsxs`, imported from the import source's "jsx-runtime"
  preserve,  // it stays, without the types in it
};

/// Who is to run the JavaScript.
enum class script_target {
  engine, // our own V8: decorators and `using` are refused, `accessor` fields are lowered
  esnext, // whoever knows the newest syntax: it all stays
};

struct transpile_options {
  bool tsx =
      false; // read the source as TSX whatever its name; a name that ends in ".tsx" always is
  /// Imports and exports stay unless they say `type`; otherwise those that no value needs go.
  bool verbatim_module_syntax = false;
  jsx_mode jsx = jsx_mode::automatic;
  std::string jsx_import_source =
      "react"; // a comment `@jsxImportSource` in the source overrides it
  script_target target = script_target::engine;
  /// Remember the file's text and what was made of it: the next call with the same name and options
  /// does only what has changed between the two texts. The answer is the same, but for the time.
  bool keep = false;
  /// Not 0, at any moment and from any thread: give up, with errc::cancelled. May be null.
  const std::atomic<std::size_t>* stop = nullptr;
};

struct transpiled {
  std::string javascript;
  std::string
      source_map; // version 3, or empty when every kept character has the line and column it had
  std::vector<import_site> imports; // in the order of the text; `export … from` counts as an import

  bool operator==(const transpiled&) const = default;
};

/// Holds a parser and reuses its memory. One per thread.
class transpiler {
public:
  transpiler();
  ~transpiler();
  transpiler(transpiler&&) noexcept;
  transpiler& operator=(transpiler&&) noexcept;

  /// `file_name` appears in positions and in the source map.
  result<transpiled> transpile(std::string_view source, const std::string& file_name,
                               const transpile_options& options = {});

  /// Gives back the memory that is kept between calls; returns about how many bytes that were.
  std::size_t gc();

private:
  struct state;
  std::unique_ptr<state> state_;
};

template <class Inspector>
bool inspect(Inspector& f, import_site& x) {
  return f.object(x).fields(f.field("specifier", x.specifier), f.field("position", x.position),
                            f.field("dynamic", x.dynamic), f.field("json", x.json));
}

template <class Inspector>
bool inspect(Inspector& f, transpiled& x) {
  return f.object(x).fields(f.field("javascript", x.javascript),
                            f.field("source_map", x.source_map), f.field("imports", x.imports));
}

} // namespace zako
