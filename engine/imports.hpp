// What the text of an import means: which module it names, and whether a module of that kind may be
// imported from where it is written. What a built-in module gives away is the importer's context's
// matter: engine/script.hpp.
//
//   "zako:build"      a built-in module
//   "./x.ts" "../y"   a path relative to the importer, inside its package
//   "words" "#lib/x"  what [imports] of the package's zako.toml calls so
//   "strings/x.ts"    a file of a package in its [dependencies]
//
// A file is a module when it is .ts or .json, but never BUILD.ts or zako.ts. An id is a path
// relative to the workspace; modules of a dependency that lies elsewhere begin with "../". A
// memory module ("memory:repl") has no file: it imports only built-in modules, and nothing imports
// it.
#pragma once

#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/values.hpp"

namespace zako {

enum class import_sort : std::uint8_t { builtin, path, name };

/// What can be told of an import by its text alone: refuses URLs, absolute paths, what is written
/// in other ways than ours, and what `referrer` (a module id) may not import at all.
/// errc::import_denied.
result<import_sort> sort_of_import(std::string_view specifier, std::string_view referrer);

/// The module that a path means in `referrer`. errc::import_denied when it lies in another package,
/// or is no module.
result<std::string> resolve_path_import(std::string_view specifier, std::string_view referrer,
                                        const dependencies_value& packages);

/// The module that a name means in `referrer`, whose package has this manifest. errc::import_denied
/// (did you mean) likewise.
result<std::string> resolve_named_import(std::string_view specifier, std::string_view referrer,
                                         const manifest_value& manifest,
                                         const dependencies_value& packages);

/// Whether a module may be reached by a symbolic link: in its package, and with a name that ends
/// alike, because names decide what a module may do. errc::import_denied.
result<void> check_link(std::string_view link, std::string_view real,
                        const dependencies_value& packages);

/// True for what builds make: scripts read nothing of it.
bool is_made_by_builds(std::string_view path);

} // namespace zako
