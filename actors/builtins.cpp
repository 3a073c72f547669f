// Reads the table of built-in modules.
#include "actors/builtins.hpp"

#include "scripting/builtins.hpp"

namespace zako {

namespace {

/// What the first line, a comment, says.
std::string_view purpose_of(std::string_view javascript) {
  auto line = javascript.substr(0, javascript.find('\n'));
  if (!line.starts_with("// "))
    return {};
  line.remove_prefix(3);
  if (line.ends_with('.'))
    line.remove_suffix(1);
  return line;
}

} // namespace

std::vector<builtin_text> builtin_texts() {
  std::vector<builtin_text> out;
  for (auto& x : builtin_modules())
    out.push_back({x.id, purpose_of(x.javascript), x.javascript, {}});
  return out;
}

} // namespace zako
