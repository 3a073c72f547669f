// Spreads the ways of use along imports.
#include "engine/import_graph.hpp"

#include <algorithm>

#include "engine/script.hpp"

namespace zako {

void import_graph::enter(const std::string& id, script_context context) {
  auto& entry = modules_[id];
  entry.uses[static_cast<std::size_t>(context)] = use{};
  entry.first = context;
}

std::optional<import_graph::refusal> import_graph::add(const import_request& import,
                                                       const std::string& id) {
  if (is_builtin(import.referrer))
    return std::nullopt; // built-in modules trust each other
  struct step {
    import_request import;
    std::string id;
    script_context importer;
  };
  std::vector<step> open;
  auto& importer = modules_[import.referrer];
  if (std::pair edge(import.specifier, id);
      std::find(importer.imports.begin(), importer.imports.end(), edge) == importer.imports.end())
    importer.imports.push_back(std::move(edge));
  if (!importer.first) // nobody may ask for it: it was never imported
    return refusal{fail(errc::internal, "an import from a module that is not loaded").value(),
                   import};
  for (std::size_t i = 0; i < contexts; ++i)
    if (importer.uses[i])
      open.push_back({import, id, static_cast<script_context>(i)});
  while (!open.empty()) {
    auto now = std::move(open.back());
    open.pop_back();
    if (is_builtin(now.id)) {
      if (auto ok = check_builtin_import(now.id, now.import.referrer, now.importer); !ok)
        return refusal{std::move(ok.error()), std::move(now.import), now.importer};
      continue;
    }
    if (data_module(now.id))
      continue;
    auto as = used_as(now.id, now.importer);
    auto& module = modules_[now.id];
    auto& known = module.uses[static_cast<std::size_t>(as)];
    if (known)
      continue;
    known = use{std::move(now.import), now.importer};
    if (!module.first)
      module.first = as;
    for (auto& [specifier, imported] : module.imports)
      open.push_back({{specifier, now.id}, imported, as});
  }
  return std::nullopt;
}

std::vector<std::pair<import_request, std::string>>
import_graph::chain(const std::string& id, std::optional<script_context> as) const {
  std::vector<std::pair<import_request, std::string>> out;
  for (auto at = id;;) {
    auto module = modules_.find(at);
    if (module == modules_.end())
      return out;
    auto wanted = as ? as : module->second.first;
    if (!wanted)
      return out;
    auto& how = module->second.uses[static_cast<std::size_t>(*wanted)];
    if (!how || how->import.referrer.empty())
      return out;
    out.emplace_back(how->import, at);
    at = how->import.referrer;
    as = how->importer;
  }
}

} // namespace zako
