// Positions and collected problems of one file.
#include "scripting/transpile/unit.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace zako::transpile {

namespace {

constexpr std::size_t most_problems = 100; // that are told; nobody reads more of one file

} // namespace

void unit::start(std::string_view text, const std::string& file_name,
                 const transpile_options& how) {
  source = text;
  file = file_name;
  options = how;
  edits.clear();
  names.clear();
  namespaces.clear();
  declared_objects.clear();
  type_names.clear();
  used_imports.clear();
  enums.clear();
  jsx = {};
  imports.clear();
  problems.clear();
  lines_.reset();
}

const line_index& unit::lines() {
  if (!lines_)
    lines_.emplace(source);
  return *lines_;
}

void unit::refuse(node_id id, std::string message, std::string remedy) {
  refuse_at(errc::unsupported, tree[id].begin, tree[id].end, std::move(message), std::move(remedy));
}

void unit::refuse_syntax(node_id id, std::string message, std::string remedy) {
  refuse_at(errc::syntax, tree[id].begin, tree[id].end, std::move(message), std::move(remedy));
}

void unit::refuse_at(errc code, std::uint32_t begin, std::uint32_t end, std::string message,
                     std::string remedy) {
  if (problems.size() == most_problems)
    return;
  auto line_end = std::min<std::size_t>(source.find('\n', begin), end);
  auto length = std::max(1U, utf16_length(source.substr(begin, line_end - begin)));
  auto where = lines().position(file, begin);
  auto frame = code_frame(source, where.line, where.column, length);
  auto e = error_at(code, std::move(message), std::move(where), std::move(remedy));
  e.frame = std::move(frame);
  problems.push_back({.begin = begin, .what = std::move(e)});
}

error summarize(const std::string& file, std::vector<problem> problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const problem& a, const problem& b) { return a.begin < b.begin; });
  if (problems.size() == 1)
    return std::move(problems.front().what);
  error e;
  e.code = errc::unsupported;
  e.position = problems.front().what.position;
  for (auto& p : problems) {
    if (p.what.code == errc::syntax)
      e.code = errc::syntax;
    e.causes.push_back(std::move(p.what));
  }
  e.message = fmt::format(
      "'{}' has {} {}{}", file, problems.size(), problems.size() == most_problems ? "or more " : "",
      e.code == errc::syntax ? "syntax errors" : "constructs that cannot be transpiled");
  return e;
}

} // namespace zako::transpile
