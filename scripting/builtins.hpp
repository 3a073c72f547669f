// The built-in modules and their declarations: written in TypeScript in scripting/builtins/ (but
// for "zako:semver", which is npm's), made ready when Zako is built, and part of the program. Knows
// nothing of V8.
#pragma once

#include <span>
#include <string_view>

#include "engine/digest.hpp"

namespace zako {

struct builtin_module {
  std::string_view id;         // "zako:rules/cc"
  std::string_view javascript; // an ES module
  std::span<const std::string_view>
      imports;    // the specifiers of its static imports, in order, no duplicates
  digest content; // of `javascript`
};

/// Every built-in module that has a source, sorted by id. ("zako:syscall" has none: the isolate
/// makes it.)
std::span<const builtin_module> builtin_modules();

/// The module that runs around every script: its `begin` before, its `finish` after, which makes
/// the result of the entry module's namespace.
inline constexpr std::string_view runtime_module_id = "zako:rt";

/// Of all of them: a snapshot, and what scripts gave, belongs to these.
const digest& builtins_digest();

/// Nothing when there is none of that name.
const builtin_module* find_builtin(std::string_view id);

/// What editors and tsc read of a built-in module.
struct builtin_declaration {
  std::string_view name; // "rules/cc.d.ts": declares "zako:rules/cc"
  std::string_view text;
  digest content; // of `text`
};

/// Sorted by name. "global.d.ts" declares no module, but what every script has besides the
/// language; "syscall.d.ts" and "rt.d.ts" declare modules that no file can import, for readers.
std::span<const builtin_declaration> builtin_declarations();

} // namespace zako
