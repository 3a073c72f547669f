// What the compute functions share: reading many answers, merging errors, and reading a text file
// safely.
//
// A compute function keeps what it moves into an awaiting expression in named locals: GCC 12
// destroys some braced temporaries of such an expression twice.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/context.hpp"
#include "engine/keys.hpp"
#include "engine/kind.hpp"
#include "engine/values.hpp"

namespace zako {

/// Errors of one parallel group, each once, in the order of the group. What is itself a collection
/// is taken apart, so that the root of a build holds one flat list of first causes.
class error_list {
public:
  void add(error e);
  [[nodiscard]] bool empty() const { return errors_.empty(); }
  /// A single error as it is; several as the causes of one errc::dependency. Cancellations are left
  /// out beside others.
  [[nodiscard]] error merged() &&;

private:
  std::vector<error> errors_;
  std::set<digest> seen_;
};

/// The values of one group of answers, or their merged errors.
template <class T>
result<std::vector<std::shared_ptr<const T>>> all_of(std::vector<outcome> answers) {
  std::vector<std::shared_ptr<const T>> out;
  error_list errors;
  for (auto& answer : answers) {
    if (!answer) {
      errors.add(std::move(answer.error()));
      continue;
    }
    auto x = answer->as<T>();
    if (x)
      out.push_back(std::move(*x));
    else
      errors.add(std::move(x.error()));
  }
  if (!errors.empty())
    return fail(std::move(errors).merged());
  return out;
}

/// Awaits many dependencies of one type in one parallel group.
template <class T>
task<result<std::vector<std::shared_ptr<const T>>>> get_all(context& ctx, std::vector<key> keys) {
  auto answers = co_await ctx.request_all(std::move(keys));
  co_return all_of<T>(std::move(answers));
}

/// The previous value as a T, when there is one.
template <class T>
std::shared_ptr<const T> previous_as(const context& ctx) {
  if (!ctx.previous())
    return nullptr;
  auto x = ctx.previous()->as<T>();
  return x ? *x : nullptr;
}

/// The text of a workspace file, with the file as a dependency; nothing when there is no such file.
/// What is read is what the file's node saw: errc::io when the file changed in between.
task<result<std::optional<std::string>>> read_text(context& ctx, std::string path);

/// The same of a file that was looked at before.
task<result<std::string>> read_looked_at(context& ctx, std::string path, file_value file);

/// TypeScript as a module that is ready to compile.
task<result<module_value>> transpiled_module(context& ctx, std::string id, std::string text);

/// The label that a key's payload is; errc::invalid_label otherwise.
result<label> payload_label(const context& ctx);

/// Where a target is declared. Evaluates its file once more: used only on the way to an error, so
/// that an error's position is never stale and a target does not depend on where it stands.
task<std::optional<source_position>> locate(context& ctx, label target);

/// `why` at the place of the target's declaration, with the lines around it, unless it has a place
/// of its own.
task<error> located(context& ctx, label target, error why);

/// The folders of the packages at or below this one.
task<result<std::vector<neutral_path>>> package_folders(context& ctx, neutral_path folder);

// One function for each file of this folder: adds the kinds that it holds.
void add_file_kinds(kind_table& table);
void add_machine_kinds(kind_table& table);
void add_glob_kinds(kind_table& table);
void add_manifest_kinds(kind_table& table);
void add_package_kind(kind_table& table);
void add_module_kind(kind_table& table);
void add_evaluation_kinds(kind_table& table);
void add_data_script_kinds(kind_table& table);
void add_script_kind(kind_table& table);
void add_target_kind(kind_table& table);
void add_action_kinds(kind_table& table);
void add_pattern_kind(kind_table& table);
void add_request_kinds(kind_table& table);
void add_salvage_kind(kind_table& table);
void add_test_kinds(kind_table& table);

} // namespace zako
