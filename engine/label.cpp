// Labels and patterns: their texts.
#include "engine/label.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace zako {

namespace {

constexpr std::string_view forms = "write '//path:name', '//path' or ':name'";

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '+' || c == '-';
  });
}

tl::unexpected<error> bad(std::string_view what, std::string_view text, std::string_view why,
                          std::string remedy) {
  return fail(errc::invalid_label, fmt::format("the {} '{}' {}", what, text, why),
              std::move(remedy));
}

/// A package's folder, written exactly as it is named: no '.', '..' or doubled '/'.
result<neutral_path> parse_package(std::string_view what, std::string_view whole,
                                   std::string_view text) {
  for (auto c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == ':')
      return bad(what, whole, "holds a ':' or control character in its folder", std::string(forms));
  auto path = neutral_path::parse(text);
  bool dots = ("/" + std::string(text) + "/").find("/.../") != std::string::npos;
  if (!path || path->str() != text || dots)
    return bad(what, whole, "has a malformed folder",
               "name the folder without '.', '..' or empty parts; '...' only ends a pattern");
  return path;
}

} // namespace

std::string label::str() const {
  return fmt::format("//{}:{}", package.str(), name);
}

result<label> label::parse(std::string_view text, const neutral_path& here) {
  label out;
  std::string_view name;
  if (text.starts_with("//")) {
    auto rest = text.substr(2);
    auto colon = rest.rfind(':');
    auto package = parse_package("label", text, rest.substr(0, colon));
    if (!package)
      return tl::unexpected(std::move(package.error()));
    out.package = std::move(*package);
    name = colon == std::string_view::npos ? out.package.name() : rest.substr(colon + 1);
  } else if (text.starts_with(':')) {
    out.package = here;
    name = text.substr(1);
  } else {
    return bad("label", text, "starts with neither '//' nor ':'", std::string(forms));
  }
  if (!is_name(name))
    return bad("label", text, name.empty() ? "has no name" : "has a malformed name",
               "a name consists of letters, digits and '_', '.', '+', '-'");
  out.name = std::string(name);
  return out;
}

std::string target_pattern::str() const {
  switch (what) {
  case scope::one:
    return label{package, name}.str();
  case scope::package:
    return fmt::format("//{}:all", package.str());
  case scope::recursive:
    break;
  }
  return package.empty() ? "//..." : fmt::format("//{}/...", package.str());
}

result<target_pattern> target_pattern::parse(std::string_view text, const neutral_path& here) {
  std::string whole(text); // the text as an absolute pattern
  auto below_here = [&](std::string_view tail) {
    return "//" + here.str() + (here.empty() || tail.empty() ? "" : "/") + std::string(tail);
  };
  if (!text.starts_with("//")) {
    auto rest = text;
    while (rest.starts_with("./"))
      rest.remove_prefix(2);
    if (rest.empty() || rest == "." || rest == "all")
      whole = below_here("") + ":all";
    else if (rest.starts_with(':'))
      whole = below_here("") + std::string(rest);
    else if (rest.starts_with('/'))
      return bad("pattern", text, "is an absolute path", "start a label with '//'");
    else if (rest.find(':') == std::string_view::npos && rest.find('/') == std::string_view::npos &&
             rest != "...")
      whole = below_here("") + ":" + std::string(rest);
    else
      whole = below_here(rest);
  }
  target_pattern out;
  auto body = std::string_view(whole).substr(2);
  if (body == "..." || body.ends_with("/...")) {
    auto package = parse_package(
        "pattern", text, body.substr(0, body.size() - std::min<std::size_t>(4, body.size())));
    if (!package)
      return tl::unexpected(std::move(package.error()));
    out.what = scope::recursive;
    out.package = std::move(*package);
    return out;
  }
  auto one = label::parse(whole);
  if (!one) {
    one.error().message = fmt::format("the pattern '{}' is malformed", text);
    one.error().remedy =
        "write '//path:name', '//path:all', '//path/...', or a name in this folder";
    return tl::unexpected(std::move(one.error()));
  }
  out.package = std::move(one->package);
  if (one->name == "all" && whole.ends_with(":all"))
    out.what = scope::package;
  else
    out.name = std::move(one->name);
  return out;
}

} // namespace zako
