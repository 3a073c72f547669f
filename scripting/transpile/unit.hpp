// One file being transpiled: what every concern (erasing, enums, classes, modules) reads and adds
// to.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "scripting/transpile/bindings.hpp"
#include "scripting/transpile/constants.hpp"
#include "scripting/transpile/edits.hpp"
#include "scripting/transpile/jsx.hpp"
#include "scripting/transpile/namespaces.hpp"
#include "scripting/transpile/syntax_tree.hpp"
#include "scripting/transpile/text.hpp"
#include "scripting/transpile/transpiler.hpp"

namespace zako::transpile {

/// All declarations of one enum, as far as they have been emitted.
struct enum_group {
  std::unordered_map<std::string_view, constant> members; // without a value: not constant
};

struct problem {
  std::uint32_t begin; // in the source
  error what;
};

struct unit {
  std::string_view source;
  std::string file;
  transpile_options options;
  syntax_tree tree;
  edit_list edits;
  bindings names;
  namespace_table namespaces;
  std::unordered_set<node_id>
      declared_objects; // names of enums and namespaces that have been declared
  std::unordered_set<std::string_view> type_names; // top-level names that stand for types only
  std::unordered_set<node_id> used_imports;        // names in import statements that a value needs
  std::unordered_map<node_id, enum_group> enums;   // by the first declaration's name
  bool is_module = false;                          // it has imports or exports
  jsx_names jsx;
  std::vector<import_site> imports;
  std::vector<problem> problems;

  void start(std::string_view text, const std::string& file_name, const transpile_options& how);

  const line_index& lines();
  /// Notes that the construct at `id` cannot be done.
  void refuse(node_id id, std::string message, std::string remedy);
  /// Notes that the text at `id` is no TypeScript although the grammar takes it.
  void refuse_syntax(node_id id, std::string message, std::string remedy = {});
  void refuse_at(errc code, std::uint32_t begin, std::uint32_t end, std::string message,
                 std::string remedy);

private:
  std::optional<line_index> lines_;
};

/// One error for all of `problems`: itself when there is one, else a summary that has them as
/// causes.
error summarize(const std::string& file, std::vector<problem> problems);

} // namespace zako::transpile
