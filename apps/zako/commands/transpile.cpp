// zako transpile: TypeScript files to JavaScript. Starts no engine, and V8 stays unloaded.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "actors/transpile.hpp"
#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/exit_code.hpp"

namespace zako {

namespace fs = std::filesystem;

namespace {

constexpr const char* standard_input = "-";

result<std::string> read_source(const std::string& file) {
  if (file == standard_input)
    return std::string{std::istreambuf_iterator<char>(std::cin), {}};
  std::error_code ignored;
  if (fs::is_directory(file, ignored))
    return fail(errc::invalid_argument, fmt::format("'{}' is a folder", file),
                "name the files in it");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  if (in && in.peek() != std::ifstream::traits_type::eof())
    content << in.rdbuf();
  if (errno != 0)
    return fail(errc::io, fmt::format("cannot read '{}': {}", file, std::strerror(errno)));
  return std::move(content).str();
}

result<void> write_file(const fs::path& path, std::string_view text) {
  std::error_code bad;
  fs::create_directories(path.parent_path(), bad);
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  if (!out)
    return fail(errc::io, fmt::format("cannot write '{}': {}", path.string(),
                                      bad ? bad.message() : std::strerror(errno)));
  return {};
}

/// Below `folder` like below the current one; by its name alone when it lies elsewhere.
fs::path output_path(const std::string& file, const transpile_request& what) {
  auto path = file == standard_input ? fs::path("stdin.ts") : fs::path(file).lexically_normal();
  if (path.is_absolute() || *path.begin() == "..")
    path = path.filename();
  auto kind = path.extension();
  auto tsx = kind == ".tsx" || what.tsx;
  path.replace_extension(kind == ".mts"                     ? ".mjs"
                         : kind == ".cts"                   ? ".cjs"
                         : tsx && what.preserve_jsx         ? ".jsx"
                         : kind == ".mjs" || kind == ".cjs" ? kind.string()
                                                            : ".js");
  return what.out_folder / path;
}

std::string base64(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    auto byte = [&](std::size_t k) {
      return k < text.size() ? static_cast<unsigned char>(text[k]) : 0U;
    };
    auto bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (int digit = 0; digit < 4; ++digit)
      out += i + static_cast<std::size_t>(digit) > text.size()
                 ? '='
                 : digits[bits >> (18 - 6 * digit) & 63];
  }
  return out;
}

/// The map with the source's path as seen from the JavaScript's folder.
std::string map_beside(const std::string& map, const fs::path& source, const fs::path& javascript) {
  auto json = nlohmann::ordered_json::parse(map);
  auto seen_from = fs::absolute(javascript.parent_path()).lexically_normal();
  json["file"] = javascript.filename().string();
  json["sources"] = {
      fs::absolute(source).lexically_normal().lexically_relative(seen_from).string()};
  return json.dump();
}

class transpile_run {
public:
  explicit transpile_run(const transpile_request& what) : what_(what) {
    options_.verbatim_module_syntax = what.verbatim_module_syntax;
    options_.tsx = what.tsx;
    options_.jsx = what.preserve_jsx ? jsx_mode::preserve : jsx_mode::automatic;
    options_.jsx_import_source = what.jsx_import_source;
    options_.target = what.for_engine ? script_target::engine : script_target::esnext;
  }

  int all() {
    int code = exit_good;
    for (auto& file : what_.files)
      if (auto done = one(file); !done)
        code = std::max(code, show(done.error()));
    return code;
  }

private:
  result<void> one(const std::string& file) {
    auto source = read_source(file);
    if (!source)
      return fail(std::move(source.error()));
    auto name = file == standard_input ? "<stdin>" : file;
    auto made = transpiler_.transpile(*source, name, options_);
    if (!made)
      return fail(std::move(made.error()));
    if (what_.check)
      return {};
    if (what_.map && made->source_map.empty())
      made->source_map = map_in_place(made->javascript, name);
    return what_.out_folder.empty() ? print(*made) : write(file, *made);
  }

  result<void> print(transpiled& made) const {
    if (what_.map)
      made.javascript +=
          "\n//# sourceMappingURL=data:application/json;base64," + base64(made.source_map) + "\n";
    write_all(STDOUT_FILENO, made.javascript);
    return {};
  }

  result<void> write(const std::string& file, transpiled& made) {
    auto path = output_path(file, what_);
    std::error_code ignored;
    if (!written_.insert(path.string()).second || fs::equivalent(path, file, ignored))
      return fail(errc::conflict,
                  fmt::format("'{}' would be written over '{}'", file, path.string()),
                  "transpile it into another folder");
    if (what_.map) {
      auto map = path;
      map += ".map";
      made.javascript += "\n//# sourceMappingURL=" + map.filename().string() + "\n";
      if (auto done = write_file(map, map_beside(made.source_map, file, path)); !done)
        return done;
    }
    return write_file(path, made.javascript);
  }

  /// Each error of a file by itself.
  static int show(const error& e) {
    int code = exit_failed;
    if (e.causes.empty())
      return fail_with(e);
    for (auto& cause : e.causes)
      code = std::max(code, fail_with(cause));
    return code;
  }

  const transpile_request& what_;
  transpile_options options_;
  transpiler transpiler_;
  std::set<std::string> written_;
};

} // namespace

int transpile_command(const request& what) {
  if (!what.folder.empty() && chdir(what.folder.c_str()) != 0) {
    fail_with(fail(errc::not_found,
                   fmt::format("cannot go to '{}': {}", what.folder, std::strerror(errno)))
                  .value());
    return exit_usage;
  }
  return transpile_run{what.transpile}.all();
}

} // namespace zako
