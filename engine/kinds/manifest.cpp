// zako.toml through toml++: every wrong key and value is named with its place.
#include "engine/kinds/manifest.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "engine/suggest.hpp"

namespace zako {

namespace {

constexpr std::string_view minimal =
    R"(write: [package] name = "app" version = "0.1.0", a line each)";

error at(std::string_view text, const toml::source_position& where, std::string message,
         std::string remedy) {
  source_position position{"zako.toml", static_cast<std::uint32_t>(where.line),
                           static_cast<std::uint32_t>(where.column)};
  auto frame = code_frame(text, position.line, position.column);
  auto e =
      error_at(errc::invalid_manifest, std::move(message), std::move(position), std::move(remedy));
  e.frame = std::move(frame);
  return e;
}

/// Every key of a table is one of `known`.
result<void> check_keys(std::string_view text, const toml::table& table, std::string_view what,
                        const std::vector<std::string>& known) {
  for (auto&& [k, node] : table) {
    auto name = std::string(k.str());
    if (std::find(known.begin(), known.end(), name) != known.end())
      continue;
    std::string list;
    for (auto& x : known)
      list += (list.empty() ? "" : ", ") + x;
    return fail(at(text, k.source().begin, fmt::format("{} '{}' is not known", what, name),
                   did_you_mean(name, known, "known are: " + list)));
  }
  return {};
}

result<std::string> read_text_of(std::string_view text, const toml::table& package,
                                 std::string_view name, bool required) {
  auto node = package.get(name);
  if (!node) {
    if (!required)
      return std::string();
    return fail(at(
        text, package.source().begin, fmt::format("[package] has no {}", name),
        fmt::format("add a line such as: {} = \"{}\"", name, name == "version" ? "0.1.0" : "app")));
  }
  auto found = node->value<std::string>();
  if (!found || !node->is_string())
    return fail(at(text, node->source().begin, fmt::format("{} must be a string", name),
                   fmt::format("write it in quotes: {} = \"...\"", name)));
  if (required && found->empty())
    return fail(at(text, node->source().begin, fmt::format("{} is empty", name), {}));
  return std::move(*found);
}

} // namespace

error missing_manifest() {
  error e;
  e.code = errc::invalid_manifest;
  e.message = "there is no zako.toml in the workspace";
  e.remedy = minimal;
  return e;
}

result<manifest_value> parse_manifest(std::string_view text) {
  auto parsed = toml::parse(text);
  if (!parsed)
    return fail(
        at(text, parsed.error().source().begin,
           fmt::format("zako.toml is not TOML: {}", parsed.error().description()),
           "write one key = \"text\" a line; a closed quote and bracket for each opened one"));
  auto& root = parsed.table();
  auto keys = check_keys(text, root, "the table or key", {"package"});
  if (!keys)
    return tl::unexpected(std::move(keys.error()));
  auto package = root.get_as<toml::table>("package");
  if (!package)
    return fail(at(text, toml::source_position{1, 1}, "zako.toml has no [package] table",
                   std::string(minimal)));
  keys = check_keys(text, *package, "the [package] key",
                    {"name", "version", "description", "license"});
  if (!keys)
    return tl::unexpected(std::move(keys.error()));
  manifest_value out;
  struct field {
    std::string_view name;
    std::string& to;
    bool required;
  };
  for (auto& f :
       {field{"name", out.name, true}, field{"version", out.version, true},
        field{"description", out.description, false}, field{"license", out.license, false}}) {
    auto x = read_text_of(text, *package, f.name, f.required);
    if (!x)
      return tl::unexpected(std::move(x.error()));
    f.to = std::move(*x);
  }
  return out;
}

} // namespace zako
