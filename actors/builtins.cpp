// Reads the table of built-in modules.
#include "actors/builtins.hpp"

#include "scripting/builtins.hpp"

namespace zako {

namespace {

std::string_view declaration_of(std::string_view id) {
  constexpr std::string_view scheme = "zako:", suffix = ".d.ts";
  for (auto& x : builtin_declarations())
    if (x.name.substr(0, x.name.size() - suffix.size()) == id.substr(scheme.size()))
      return x.text;
  return {};
}

/// What the first line, a comment, says: of a declaration, else of the source.
std::string_view purpose_of(std::string_view text) {
  auto line = text.substr(0, text.find('\n'));
  for (std::string_view lead : {"/** ", "// "})
    if (line.starts_with(lead)) {
      line.remove_prefix(lead.size());
      for (std::string_view end : {" */", "."})
        if (line.ends_with(end))
          line.remove_suffix(end.size());
      return line;
    }
  return {};
}

} // namespace

std::vector<builtin_text> builtin_texts() {
  std::vector<builtin_text> out;
  for (auto& x : builtin_modules()) {
    auto declaration = declaration_of(x.id);
    out.push_back({x.id, purpose_of(declaration.empty() ? x.javascript : declaration), x.javascript,
                   declaration});
  }
  return out;
}

} // namespace zako
