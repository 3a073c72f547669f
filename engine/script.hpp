// The contract between the engine and the scripts: what each context may import and ask, and the
// shapes of results.
//
// Shapes are plain data; `path` texts are neutral and relative to the workspace.
//
//   file       { path, owner? }   owner: the label of the target whose action makes it;
//                                 none for a source
//   reference  { label }          always "//path:name"
//
// build       evaluate_job { module: "app/BUILD.ts", function: "", argument }
//   argument  { package: "app", settings }
//   result    { targets: [ target ] }
//   target    { name, rule: { module, export }, toolchains: ["cc"], attrs, position }
//   position  { file, line, column }
//   attrs     after the rule's schema. Files are { path } or references, labels are references,
//             at any depth; everything else is plain.
//   asks      glob { include: [".."], exclude: [".."] } -> [".."]
//             relative to the package's folder, sorted
//
// rule        evaluate_job { module: the rule's module, function: the rule's export, argument }
//   argument  { label, package, name, attrs, toolchains: { cc: .. } }
//   attrs     as declared, but each reference is
//             { label, files: [file], providers, executable: file | null }
//   result    { actions: [action], files: [file], providers: {..}, executable: file | null, test }
//   action    { mnemonic, title, argv: [".."], env: {..}, inputs: [file], outputs: [".."],
//               stdout, depfile, resources, jobserver, timeout }
//             resources { cpu: 2, memory: "512M", license: { min: 1, max: 4, soft: true } }
//             outputs lie below zako-out/<package>/; stdout and depfile are one of them, or null;
//             timeout in seconds, 0 or null for none
//   test      { argv: [".."], env: {..}, inputs: [file], timeout } | null
//   asks      nothing
//
// toolchain   evaluate_job { module: "zako:toolchains/cc", function: "", argument: {} }
//   result    the default export (awaited)
//   asks      which { names: [".."] } -> ".." | null   a name, or an absolute path
//             env { name } -> ".." | null
//             probe { argv: [".."] } -> { code, text }   argv[0] absolute
//
// package     evaluate_job { module: "zako.ts", function: "", argument: { manifest } }
//   result    the default export: the `settings` of this package's build files
//
// config      the namespace's default export
// library     likewise; without one an object of all exports that are plain data. So is the result
//             of a rule file that is run by itself, and of a memory module in any context
#pragma once

#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/job.hpp"

namespace zako {

/// True for module ids of built-in modules ("zako:build").
bool is_builtin(std::string_view module_id);

/// Memory modules ("memory:eval") lie in no file: their source comes with the job.
inline constexpr std::string_view memory_prefix = "memory:";
bool is_memory(std::string_view module_id);
/// A module as people know it: "<eval>" for "memory:eval", others by their id.
std::string shown_module(std::string_view module_id);

/// The module id that `specifier` means in `referrer`, or errc::import_denied with what may be
/// imported instead. Policy: a built-in imports only built-ins; a script imports the built-ins of
/// its context and relative `.ts` and
/// `.json` files that stay inside the workspace; a memory module imports only the built-ins, and
/// nothing imports it; the entry module has an empty referrer and is
/// taken as it is.
result<std::string> resolve_import(std::string_view specifier, std::string_view referrer,
                                   script_context context);

/// True when a script of this context may ask `operation`.
bool may_ask(script_context context, std::string_view operation);

} // namespace zako
