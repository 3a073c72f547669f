// The contract between the engine and the scripts: what each context may import and ask, and the
// shapes of results.
//
// Shapes are plain data; `path` texts are neutral and relative to the workspace.
//
//   file reference    { path, owner? }   owner: the label of the target whose action makes it; none
//   for a source label reference   { label }          always "//path:name"
//
// build      evaluate_job { module: "app/BUILD.ts", function: "", argument: { package: "app",
// settings } }
//   result   { targets: [ { name, rule: { module, export }, toolchains: ["cc"], attrs, position: {
//   file, line, column } } ] }
//            attrs: after the rule's schema; members of files attributes are { path } or { label },
//            of labels attributes { label }; everything else plain.
//   asks     glob { include: [..], exclude: [..] } -> [".."]   relative to the package's folder,
//   sorted
// rule       evaluate_job { module: the rule's module, function: the rule's export, argument:
//              { label, package, name, attrs, toolchains: { cc: .. } } }
//            attrs as declared, but each { label } is { label, files: [file reference], providers }
//   result   { actions: [ action ], files: [file reference], providers: {..}, executable: file
//   reference | null,
//              test: { argv: [".."], env: {..}, inputs: [file reference], timeout } | null }
//   action   { mnemonic, title, argv: [".."], env: {..}, inputs: [file reference], outputs: [".."],
//   stdout, depfile, cpus }
//            outputs lie below zako-out/<package>/; stdout and depfile are one of them, or null
//   asks     nothing
// toolchain  evaluate_job { module: "zako:toolchains/cc", function: "", argument: {} }
//   result   the default export (awaited)
//   asks     which { names: [".."] } -> ".." | null     env { name } -> ".." | null
//            probe { argv: [".."] } -> { code, text }   argv[0] absolute
// package    evaluate_job { module: "zako.ts", function: "", argument: { manifest } }
//   result   the default export: the `settings` of this package's build files
// config, library: the namespace's default export
#pragma once

#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/job.hpp"

namespace zako {

/// True for module ids of built-in modules ("zako:build").
bool is_builtin(std::string_view module_id);

/// The module id that `specifier` means in `referrer`, or errc::import_denied with what may be
/// imported instead. Policy: a built-in imports only built-ins; a script imports the built-ins of
/// its context and relative `.ts` and
/// `.json` files that stay inside the workspace; the entry module has an empty referrer and is
/// taken as it is.
result<std::string> resolve_import(std::string_view specifier, std::string_view referrer,
                                   script_context context);

/// True when a script of this context may ask `operation`.
bool may_ask(script_context context, std::string_view operation);

} // namespace zako
