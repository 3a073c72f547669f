// The payload formats of the build's keys.
#include "engine/keys.hpp"

#include <cassert>

namespace zako {

namespace {

std::string join(const std::vector<std::string>& xs, char separator) {
  std::string out;
  for (auto& x : xs) {
    if (&x != &xs.front())
      out += separator;
    out += x;
  }
  return out;
}

/// "zako-out/<package>/" of a full label.
std::string folder_of_outputs(std::string_view owner) {
  auto package = owner.substr(2, owner.find(':') - 2);
  std::string out(output_folder);
  out += '/';
  if (!package.empty())
    out.append(package) += '/';
  return out;
}

std::string output_payload(std::string_view owner, std::string_view path) {
  auto folder = folder_of_outputs(owner);
  std::string out(owner);
  out += ' ';
  if (path.starts_with(folder))
    path.remove_prefix(folder.size());
  else
    out += '/';
  return out.append(path);
}

} // namespace

key file_key(std::string_view path) {
  return {"file", path};
}
key directory_key(std::string_view path) {
  return {"directory", path};
}
key environment_key(std::string_view name) {
  return {"env", name};
}
key which_key(std::string_view program) {
  return {"which", program};
}
key probe_key(const std::vector<std::string>& argv) {
  return {"probe", join(argv, '\n')};
}

key glob_key(const glob_query& query) {
  auto payload = query.folder.str();
  for (auto& pattern : query.include)
    payload += "\n+" + pattern;
  for (auto& pattern : query.exclude)
    payload += "\n-" + pattern;
  return {"glob", payload};
}

std::optional<glob_query> parse_glob_payload(std::string_view payload) {
  glob_query out;
  auto end = payload.find('\n');
  auto folder = neutral_path::parse(payload.substr(0, end));
  if (!folder)
    return std::nullopt;
  out.folder = std::move(*folder);
  while (end != std::string_view::npos) {
    payload.remove_prefix(end + 1);
    end = payload.find('\n');
    auto line = payload.substr(0, end);
    if (line.starts_with('+'))
      out.include.emplace_back(line.substr(1));
    else if (line.starts_with('-'))
      out.exclude.emplace_back(line.substr(1));
    else
      return std::nullopt;
  }
  return out;
}

key packages_key(const neutral_path& folder) {
  return {"packages", folder.str()};
}
key manifest_key(std::string_view folder) {
  return {"manifest", folder};
}
key dependencies_key() {
  return {"dependencies", ""};
}
key option_key(std::string_view name) {
  return {"option", name};
}
key package_key() {
  return {"package", ""};
}
key module_key(std::string_view id) {
  return {"module", id};
}
key evaluation_key(const neutral_path& package) {
  return {"evaluation", package.str()};
}

key places_key(const neutral_path& package) {
  return {"places", package.str()};
}

key label_key(const label& l) {
  return {"label", l.str()};
}
key toolchain_key(std::string_view name) {
  return {"toolchain", name};
}
key config_key(std::string_view path) {
  return {"config", path};
}
key target_key(const label& l) {
  return {"target", l.str()};
}

key script_key(const script_file& what) {
  return {"script", std::string(to_string(what.as)) + ' ' + what.file.str()};
}

std::optional<script_file> parse_script_payload(std::string_view payload) {
  auto space = payload.find(' ');
  auto as = parse_script_context(payload.substr(0, space));
  if (!as || space == std::string_view::npos)
    return std::nullopt;
  auto path = payload.substr(space + 1);
  auto file = neutral_path::parse(path);
  if (!file || file->str() != path)
    return std::nullopt;
  return script_file{*as, std::move(*file)};
}

key artifact_key(std::string_view owner, std::string_view path) {
  return {"artifact", output_payload(owner, path)};
}

key action_key(std::string_view owner, std::string_view primary_output) {
  return {"action", output_payload(owner, primary_output)};
}

std::optional<output_name> parse_output_payload(std::string_view payload) {
  // A label's folder may hold spaces; its name, after the colon, does not.
  auto space = payload.find(' ', payload.find(':'));
  if (space == std::string_view::npos)
    return std::nullopt;
  auto text = payload.substr(0, space);
  auto owner = label::parse(text);
  if (!owner || owner->str() != text)
    return std::nullopt;
  return output_name{std::move(*owner), output_path(payload)};
}

std::string output_path(std::string_view payload) {
  auto space = payload.find(' ', payload.find(':'));
  assert(space != std::string_view::npos);
  auto path = payload.substr(space + 1);
  if (path.starts_with('/'))
    return std::string(path.substr(1));
  return folder_of_outputs(payload.substr(0, space)).append(path);
}

key pattern_key(std::string_view pattern) {
  return {"pattern", pattern};
}
key analysis_key(const std::vector<std::string>& patterns) {
  return {"analysis", join(patterns, ' ')};
}
key build_key(const std::vector<std::string>& patterns) {
  return {"build", join(patterns, ' ')};
}
key salvage_key(const std::vector<std::string>& patterns) {
  return {"salvage", join(patterns, ' ')};
}
key test_key(const label& l) {
  return {"test", l.str()};
}
key tests_key(const std::vector<std::string>& patterns) {
  return {"tests", join(patterns, ' ')};
}

std::vector<std::string> split_patterns(std::string_view payload) {
  std::vector<std::string> out;
  while (!payload.empty()) {
    auto end = payload.find(" //");
    out.emplace_back(payload.substr(0, end));
    payload.remove_prefix(end == std::string_view::npos ? payload.size() : end + 1);
  }
  return out;
}

} // namespace zako
