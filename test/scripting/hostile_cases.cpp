// The cases of hostile/*.txt, read.
#include "hostile_cases.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

#include <catch2/catch.hpp>

namespace zako::test {

namespace {

std::string path_of(const std::string& name) {
  return std::string(ZAKO_HOSTILE_DIR) + "/" + name;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

hostile_case begin_case(std::string_view title) {
  hostile_case out;
  for (auto [suffix, context] : {std::pair{std::string_view(" [build]"), script_context::build},
                                 std::pair{std::string_view(" [rule]"), script_context::rule}})
    if (title.ends_with(suffix)) {
      title.remove_suffix(suffix.size());
      out.context = context;
    }
  out.name = title;
  return out;
}

/// True when the line ends a case.
bool read_expectation(std::string_view line, hostile_case& x) {
  x.succeeds = take(line, "⇒");
  if (!x.succeeds && !take(line, "⇏"))
    return false;
  x.may_cost_thread = take(line, "!");
  take(line, " ");
  x.expected = line;
  return true;
}

} // namespace

std::string hostile_case::entry() const {
  switch (context) {
  case script_context::build:
    return "BUILD.ts";
  case script_context::rule:
    return "evil.rule.ts";
  default:
    return "a.ts";
  }
}

std::string hostile_case::difference(const result<data>& end) const {
  if (end)
    return succeeds && end->to_json() == expected ? "" : "results in " + end->to_json();
  auto& e = end.error();
  auto said = std::string(to_string(e.code)) + " " + e.message;
  auto code = expected.substr(0, expected.find(' '));
  auto part = expected.substr(std::min(code.size() + 1, expected.size()));
  bool as_expected = !succeeds && said.starts_with(code) && said.find(part) != said.npos;
  return as_expected && e.code != errc::internal && !e.message.empty() ? "" : "fails: " + said;
}

bool hostile_case::runs_out_of_time() const {
  return !succeeds && (expected.empty() || expected.starts_with("limit"));
}

std::vector<hostile_case> hostile_cases(const std::string& group) {
  std::ifstream in(path_of(group + ".txt"));
  REQUIRE(in);
  std::vector<hostile_case> out;
  bool open = false;
  for (std::string line; std::getline(in, line);) {
    std::string_view text = line;
    if (take(text, "== ")) {
      out.push_back(begin_case(text));
      open = true;
    } else if (open) {
      if (read_expectation(text, out.back()))
        open = false;
      else
        out.back().source += line + '\n';
    } else {
      INFO(group << ": " << line);
      REQUIRE((text.empty() || text.starts_with("#")));
    }
  }
  REQUIRE_FALSE(open);
  REQUIRE_FALSE(out.empty());
  return out;
}

std::map<std::string, std::string> hostile_files() {
  std::ifstream canary(path_of("canary.ts"));
  std::map<std::string, std::string> out{
      {"canary.ts", {std::istreambuf_iterator<char>(canary), {}}},
      {"x.ts", "export const x = 1;"},
      {"other-x.ts", "export const x = 2;"},
      {"thenable.ts", "export function then() { for (;;) ; }"},
      {"waits.ts", "await new Promise(() => {});"},
      {"waits-for-a.ts", "await import('./a.ts');"},
      {"ring-a.ts", "await import('./ring-b.ts');"},
      {"ring-b.ts", "await import('./ring-a.ts');"},
      {"natives.ts", "export default %DebugPrint(1);"},
      {"evil.json", "1); for (;;) ; ("},
      {"proto.json", R"({"__proto__": {"polluted": 1}})"},
      {"make.rule.ts", R"(import { attr, rule } from 'zako:rule';
const toolchains: string[] = [];
const implement = () => ({});
export const make = rule({ attrs: { srcs: attr.files() }, toolchains, implement });
export const odd = rule({ attrs: { toString: attr.string({ default: 'none' }) }, toolchains, implement });)"},
  };
  for (int i = 0; i < 600; ++i)
    out["many/" + std::to_string(i) + ".ts"] = "export {};";
  return out;
}

} // namespace zako::test
