// The keys of a build's nodes, made and taken apart in one place. engine/README.md lists the kinds
// with their values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/job.hpp"
#include "engine/key.hpp"
#include "engine/label.hpp"

namespace zako {

/// A path relative to the workspace (neutral) or absolute.
key file_key(std::string_view path);
key directory_key(std::string_view path);

key environment_key(std::string_view name);
key which_key(std::string_view program);
/// argv, one argument a line. Arguments hold no line break.
key probe_key(const std::vector<std::string>& argv);

/// What a glob looks for. Payload: the folder, then one pattern a line, '+' before an included and
/// '-' before an excluded one.
struct glob_query {
  neutral_path folder;
  std::vector<std::string> include;
  std::vector<std::string> exclude;
};
/// Patterns that check_glob() accepts.
key glob_key(const glob_query& query);
std::optional<glob_query> parse_glob_payload(std::string_view payload);
/// The folders with a BUILD.ts at or below `folder`.
key packages_key(const neutral_path& folder);

/// Of the package in a folder, the workspace's in the empty one.
key manifest_key(std::string_view folder = {});
key dependencies_key();
key option_key(std::string_view name);
key package_key();
key module_key(std::string_view id);
key evaluation_key(const neutral_path& package);
key places_key(const neutral_path& package);
key label_key(const label& l);
/// The name of a built-in toolchain, or the path of a *.toolchain.ts.
key toolchain_key(std::string_view name);
/// The path of a *.config.ts.
key config_key(std::string_view path);
key target_key(const label& l);

/// A script file that is run for its result. Payload: "CONTEXT PATH".
struct script_file {
  script_context as = script_context::library;
  neutral_path file;
};
key script_key(const script_file& what);
std::optional<script_file> parse_script_payload(std::string_view payload);

/// Where all outputs lie, relative to the workspace: those of a package below zako-out/<package>/.
inline constexpr std::string_view output_folder = "zako-out";

/// One output of a target, and the action that makes it, named by its first output. `owner` is a
/// full label's text.
key artifact_key(std::string_view owner, std::string_view path);
key action_key(std::string_view owner, std::string_view primary_output);
/// The payload of both: "//package:name path", with the path below zako-out/<package>/; or, for a
/// path that lies elsewhere (no action makes it), "//package:name /path".
struct output_name {
  label owner;
  std::string path; // relative to the workspace
};
std::optional<output_name> parse_output_payload(std::string_view payload);
/// Its `path` alone, for a payload that one of the two functions above made.
std::string output_path(std::string_view payload);

/// Patterns are target_pattern::str() texts: absolute and normalised.
key pattern_key(std::string_view pattern);
key analysis_key(const std::vector<std::string>& patterns);
key build_key(const std::vector<std::string>& patterns);
key salvage_key(const std::vector<std::string>& patterns);
key test_key(const label& l);
key tests_key(const std::vector<std::string>& patterns);
/// Takes a payload of patterns joined by one space apart; a folder's name may hold spaces, but
/// never " //".
std::vector<std::string> split_patterns(std::string_view payload);

} // namespace zako
