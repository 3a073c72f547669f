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
//   result    { rules: [ { module, export } ], targets: [ target ] }
//   target    [ name, number of its rule, toolchains: ["cc", "./lua.toolchain.ts"], attrs, place ]
//             a toolchain's path is relative to the rule's module
//   place     { file, line, column }, or null unless the job asks for places
//   attrs     those that are given, after the rule's schema. Files are { path } or references,
//             labels are references, at any depth; everything else is plain.
//   asks      glob { include: [".."], exclude: [".."] } -> [".."]
//             relative to the package's folder, sorted
//             option, read
//
// rule        evaluate_job { module: the rule's module, function: the rule's export, argument }
//   argument  { label, package, name, attrs, toolchains: { cc: .., lua: .. } }
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
// toolchain   evaluate_job { module: "zako:toolchains/cc" or a path, function: "", argument: {} }
//   result    the default export (awaited)
//   asks      which { names: [".."] } -> ".." | null   a name, or an absolute path
//             env { name } -> ".." | null
//             probe { argv: [".."] } -> { code, text }   argv[0] absolute
//             read
//
// config      evaluate_job { module: "app/x.config.ts", function: "", argument: {} }
//   result    the default export
//   asks      option { name } -> boolean | number | ".."   as zako.toml declares it
//             env
//             read { path } -> ".."   relative to the folder of the entry, inside its package
//
// package     evaluate_job { module: "zako.ts", function: "", argument: { manifest } }
//   result    the default export: the `settings` of this package's build files
//   asks      project {} -> { name, version, description, license, options, dependencies }
//             option
//
// library     evaluate_job { module: "x.ts", function: "", argument: {} }
//   result    the default export; without one an object of all exports that are plain data. So is
//             the result of a rule file that is run by itself, and of a memory module in any
//             context
//   asks      nothing
//
// The results of toolchain, config and package files are objects.
#pragma once

#include <optional>
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

/// What a person calls a script of this context: "a build file".
std::string_view script_noun(script_context context);

/// What an imported module is used as, when its importer is used as `importer`: the same, but a
/// build file's `*.rule.ts` is a rule file.
script_context used_as(std::string_view module_id, script_context importer);

/// The context of a file that is imported as data: a `*.toolchain.ts` or `*.config.ts` runs by
/// itself, and its importer gets what it exports. Nothing for other modules.
std::optional<script_context> data_module(std::string_view module_id);

/// errc::import_denied when `importer`, used as a script of this context, may not import this
/// built-in module; says what it may.
result<void> check_builtin_import(std::string_view builtin, std::string_view importer,
                                  script_context context);

/// True when a script of this context may import this built-in module ("zako:build").
bool may_import(script_context context, std::string_view builtin);

/// True when a script of this context may ask `operation`.
bool may_ask(script_context context, std::string_view operation);

} // namespace zako
