// What the modules of one run import, and as what each of them is used.
//
// The entry is used as the run's context; what a module imports is used as it is itself, except
// that a build file's *.rule.ts is a rule file (`used_as`). So a module may be used in several
// ways: then each of them must allow what it imports, in whatever order the imports come to light.
// A module that is imported as data (`data_module`) has a run of its own and ends here.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/error.hpp"
#include "engine/job.hpp"

namespace zako {

class import_graph {
public:
  /// An import that is not allowed, perhaps an earlier one of a module that is now used in one more
  /// way.
  struct refusal {
    error why; // without a position
    import_request import;
    script_context importer = script_context::library; // what it is used as there
  };

  /// The module that the run begins with.
  void enter(const std::string& id, script_context context);

  /// Notes that `import` leads to the module `id`.
  std::optional<refusal> add(const import_request& import, const std::string& id);

  /// How the run came to use `id` as it does (in this way, or in the first one), from the import of
  /// `id` up to one of the entry; empty for the entry itself.
  [[nodiscard]] std::vector<std::pair<import_request, std::string>>
  chain(const std::string& id, std::optional<script_context> as = std::nullopt) const;

private:
  static constexpr std::size_t contexts = 6;

  /// How a module came to be used as something.
  struct use {
    import_request import; // no referrer: it is the entry
    script_context importer = script_context::library;
  };
  struct module {
    std::array<std::optional<use>, contexts> uses;
    std::optional<script_context> first;                      // the way in which it was used first
    std::vector<std::pair<std::string, std::string>> imports; // specifier, id
  };

  std::map<std::string, module> modules_;
};

} // namespace zako
