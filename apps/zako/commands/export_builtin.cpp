// zako export-builtin: shows the built-in modules. Starts no engine, and V8 stays unloaded.
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "actors/builtins.hpp"
#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/exit_code.hpp"
#include "engine/suggest.hpp"

namespace zako {

namespace {

std::string list_of(const std::vector<builtin_text>& modules) {
  std::size_t width = 0;
  for (auto& x : modules)
    width = std::max(width, x.id.size());
  std::string out;
  for (auto& x : modules)
    out += fmt::format("{:{}}  {}\n", x.id, width, x.purpose);
  return out;
}

} // namespace

int export_builtin_command(const request& what) {
  auto modules = builtin_texts();
  if (what.module.empty()) {
    write_all(STDOUT_FILENO, list_of(modules));
    return exit_good;
  }
  auto found =
      std::find_if(modules.begin(), modules.end(), [&](auto& x) { return x.id == what.module; });
  if (found == modules.end()) {
    std::vector<std::string> known;
    for (auto& x : modules)
      known.emplace_back(x.id);
    fail_with(fail(errc::not_found, fmt::format("there is no built-in module '{}'", what.module),
                   did_you_mean(what.module, known, "'zako export-builtin' lists them"))
                  .value());
    return exit_usage;
  }
  bool declared = !what.javascript && !found->declaration.empty();
  write_all(STDOUT_FILENO, declared ? found->declaration : found->javascript);
  return exit_good;
}

} // namespace zako
