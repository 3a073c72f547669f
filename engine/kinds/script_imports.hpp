// Answers the imports of one run: finds what each means, gets the modules from their nodes, and
// keeps the policy (engine/imports.hpp, engine/import_graph.hpp).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/context.hpp"
#include "engine/import_graph.hpp"
#include "engine/values.hpp"

namespace zako {

/// Finds modules by what imports say. The manifests that it looks into become dependencies of the
/// node: that of a package only when something is imported by name.
class module_finder {
public:
  explicit module_finder(context& ctx) : ctx_(ctx) {}

  /// The module id that `specifier` means in the module `referrer`.
  task<result<std::string>> find(std::string specifier, std::string referrer);

private:
  context& ctx_;
  std::shared_ptr<const dependencies_value> packages_;
};

class script_imports {
public:
  script_imports(context& ctx, const evaluate_job& job) : ctx_(ctx), job_(job), finder_(ctx) {}

  /// A module that lies in no file, and so has no node.
  void adopt(module_value module) {
    auto id = module.source.id;
    loaded_[id] = std::make_shared<const module_value>(std::move(module));
  }
  /// Gets the entry and every file that it imports statically, directly or through others: before a
  /// worker is taken. What is imported as data is run by another worker, and who holds one must
  /// never wait for that.
  task<result<void>> prepare();

  /// The modules of one batch that the running script asks for, in its order. A failure has the
  /// place of the import, and the way to it from the entry as causes.
  task<result<std::vector<module_source>>> answer(const std::vector<import_request>& imports);

private:
  /// What the imports mean. Built-in modules are checked here: what may not be imported is not even
  /// looked at, when its name tells.
  task<result<std::vector<std::string>>> find(const std::vector<import_request>& imports);
  /// Gets what is not loaded yet, and notes who imports it.
  task<result<void>> load(const std::vector<import_request>& imports,
                          const std::vector<std::string>& ids);
  result<void> keep(const std::string& id, bool as_data, const outcome& answer);
  [[nodiscard]] error at_import(error why, const import_request& import,
                                std::optional<script_context> as = std::nullopt) const;
  [[nodiscard]] source_position place_of(const import_request& import) const;

  context& ctx_;
  const evaluate_job& job_;
  module_finder finder_;
  import_graph graph_;
  std::map<std::string, std::shared_ptr<const module_value>> loaded_; // by id, and by links to it
  bool prepared_ = false;                                             // from now on a worker waits
};

} // namespace zako
