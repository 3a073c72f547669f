// What `zako types` writes into a workspace, as texts: the declarations of the built-in modules,
// and tsconfig files for editors and for tsc. Reads no files.
//
//   tsconfig.json             every script with every declaration: what an editor shows
//   tsconfig.<context>.json   a gate: fails on what scripts of that context must not import
//
// TypeScript declares a module for a whole program, not for one file. So a gate is a program of its
// own that has only the declarations of its context, and only its files: those with the context's
// names and the libraries that they import, themselves or through others. What else they import
// (a build file its rule files, say) is not looked at: it has the type any. A library that scripts
// of two contexts import is in both gates, and one that none imports in the gate of libraries.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/digest.hpp"

namespace zako {

struct script_file {
  std::string path;                 // neutral, in the workspace: "app/BUILD.ts"
  std::vector<std::string> imports; // as written, types too: "zako:build", "./flags.ts"
};

/// What imports may begin with besides ".": a name ("words" is "words.ts"), or a prefix that ends
/// in
/// '/' ("#lib/" is "lib/"). From the workspace's folder; may lead out of it with "../".
using editor_names = std::vector<std::pair<std::string, std::string>>;

struct editor_workspace {
  std::vector<script_file> scripts; // all .ts files but declarations
  /// Folders with a tsconfig.json of their own: another program's business.
  std::vector<std::string> foreign;
  editor_names names;
};

struct editor_file {
  std::string name; // "rules/cc.d.ts"
  std::string text;
};

/// What a script imports: for programs that only need to know where to look further. Reads words
/// and texts and knows no more of TypeScript, so that it may find too much in odd places, never too
/// little.
std::vector<std::string> imported_names(std::string_view source);

/// All files for the folder .zako/types of the workspace; the tsconfig files count from there.
std::vector<editor_file> editor_files(const editor_workspace& workspace);

/// Of what this program makes of any workspace: another program that makes something else has
/// another one.
digest editor_files_digest();

} // namespace zako
