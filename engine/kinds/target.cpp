// Configured targets: a declaration, its dependencies and toolchains, put through its rule.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/kinds/common.hpp"
#include "engine/kinds/script_imports.hpp"
#include "engine/kinds/script_run.hpp"
#include "engine/kinds/target_result.hpp"

namespace zako {

namespace {

using target_ptr = std::shared_ptr<const target_value>;

/// A label reference is an object whose only member is a full `label`.
const std::string* label_reference(const data& x) {
  auto members = x.as_object();
  if (!members || members->size() != 1 || members->front().first != "label")
    return nullptr;
  auto text = members->front().second.as_string();
  return text && text->starts_with("//") ? text : nullptr;
}

/// Every label that the attributes name, in order, each once.
void collect_labels(const data& x, std::vector<std::string>& out, std::set<std::string>& seen) {
  if (auto text = label_reference(x)) {
    if (seen.insert(*text).second)
      out.push_back(*text);
  } else if (auto list = x.as_array()) {
    for (auto& item : *list)
      collect_labels(item, out, seen);
  } else if (auto members = x.as_object()) {
    for (auto& member : *members)
      collect_labels(member.second, out, seen);
  }
}

data as_data(const file_reference& file) {
  data out;
  out.set("path", file.path);
  if (!file.owner.empty())
    out.set("owner", file.owner);
  return out;
}

/// What a rule sees of a target that it depends on.
data as_data(const std::string& label, const target_value& target) {
  data::array files;
  for (auto& file : target.files)
    files.push_back(as_data(file));
  data out;
  out.set("label", label);
  out.set("files", data(std::move(files)));
  out.set("providers", target.providers);
  out.set("executable", target.executable ? as_data(*target.executable) : data());
  return out;
}

data with_targets(const data& x, const std::map<std::string, data>& targets) {
  if (auto text = label_reference(x))
    return targets.at(*text);
  if (auto list = x.as_array()) {
    data::array out;
    for (auto& item : *list)
      out.push_back(with_targets(item, targets));
    return data(std::move(out));
  }
  if (auto members = x.as_object()) {
    data::object out;
    for (auto& [name, item] : *members)
      out.emplace_back(name, with_targets(item, targets));
    return data(std::move(out));
  }
  return x;
}

/// A dependency that does not exist is this target's mistake, so it is shown at this target; every
/// other error of a dependency stays as it is. Asks for the dependency's label only when there is
/// an error.
task<error> dependency_error(context& ctx, label self, label dependency, error why) {
  auto declaration = co_await ctx.get<target_declaration>(label_key(dependency));
  if (declaration || declaration.error() != why || why.position)
    co_return why;
  why.message = fmt::format("{} depends on {}: {}", self.str(), dependency.str(), why.message);
  co_return co_await located(ctx, std::move(self), std::move(why));
}

/// A toolchain that a rule asks for.
struct wanted_toolchain {
  std::string name; // by which the rule finds it: "lua" of "./lua.toolchain.ts"
  key node;
};

/// A built-in toolchain has a plain name; another one is a file, named as the rule's module would
/// import it.
task<result<std::vector<wanted_toolchain>>> find_toolchains(context& ctx,
                                                            target_declaration declared) {
  std::vector<wanted_toolchain> out;
  constexpr std::string_view suffix = ".toolchain.ts";
  module_finder finder(ctx);
  for (auto& wanted : declared.toolchains) {
    auto name = wanted;
    auto found = toolchain_key(name);
    if (name.ends_with(suffix)) {
      auto id = co_await finder.find(name, declared.rule_module);
      if (!id)
        co_return fail(std::move(id.error()));
      found = toolchain_key(*id);
      name = id->substr(id->rfind('/') + 1);
      name.resize(name.size() - suffix.size());
    } else if (name.find('/') != std::string::npos) {
      co_return fail(errc::invalid_attribute,
                     fmt::format("the rule {} asks for the toolchain '{}', which is no "
                                 "*.toolchain.ts file",
                                 declared.rule_export, name),
                     "write its whole name, as in './lua.toolchain.ts'");
    }
    auto same = std::find_if(out.begin(), out.end(), [&](auto& x) { return x.name == name; });
    if (same != out.end() && same->node != found)
      co_return fail(errc::conflict,
                     fmt::format("the rule {} asks for two toolchains that it would find as '{}'",
                                 declared.rule_export, name),
                     "rename one of their files");
    if (same == out.end())
      out.push_back({std::move(name), std::move(found)});
  }
  co_return out;
}

struct dependencies {
  std::map<std::string, data> targets; // by label
  data toolchains = data(data::object());
};

task<result<dependencies>> get_dependencies(context& ctx, label self,
                                            std::vector<std::string> labels,
                                            std::vector<wanted_toolchain> toolchains) {
  std::vector<key> keys;
  std::vector<label> parsed_labels;
  for (auto& text : labels) {
    auto parsed = label::parse(text);
    if (!parsed) {
      auto e = co_await located(ctx, self, std::move(parsed.error()));
      co_return fail(std::move(e));
    }
    keys.push_back(target_key(*parsed));
    parsed_labels.push_back(std::move(*parsed));
  }
  for (auto& wanted : toolchains)
    keys.push_back(wanted.node);
  auto answers = co_await ctx.request_all(std::move(keys));
  dependencies out;
  error_list errors;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) {
      auto why = std::move(answers[i].error());
      if (i < labels.size())
        why = co_await dependency_error(ctx, self, parsed_labels[i], std::move(why));
      errors.add(std::move(why));
    } else if (i < labels.size()) {
      auto target = answers[i]->as<target_value>();
      if (!target)
        co_return fail(std::move(target.error()));
      out.targets[labels[i]] = as_data(labels[i], **target);
    } else {
      auto found = answers[i]->as<data_value>();
      if (!found)
        co_return fail(std::move(found.error()));
      out.toolchains.set(toolchains[i - labels.size()].name, (*found)->content);
    }
  }
  if (!errors.empty())
    co_return fail(std::move(errors).merged());
  co_return out;
}

task<outcome> compute_target(context& ctx) {
  auto self = payload_label(ctx);
  if (!self)
    co_return fail(std::move(self.error()));
  auto declaration = co_await ctx.get<target_declaration>(label_key(*self));
  if (!declaration)
    co_return fail(std::move(declaration.error()));
  auto& declared = **declaration;
  std::vector<std::string> labels;
  std::set<std::string> seen;
  collect_labels(declared.attrs, labels, seen);
  auto toolchains = co_await find_toolchains(ctx, declared);
  if (!toolchains) {
    auto why = co_await located(ctx, *self, std::move(toolchains.error()));
    co_return fail(std::move(why));
  }
  auto found = co_await get_dependencies(ctx, *self, labels, std::move(*toolchains));
  if (!found)
    co_return fail(std::move(found.error()));

  evaluate_job run;
  run.module = declared.rule_module;
  run.context = script_context::rule;
  run.function = declared.rule_export;
  run.argument.set("label", self->str());
  run.argument.set("package", self->package.str());
  run.argument.set("name", self->name);
  run.argument.set("attrs", with_targets(declared.attrs, found->targets));
  run.argument.set("toolchains", std::move(found->toolchains));
  auto returned = co_await run_script(ctx, std::move(run));
  if (!returned) {
    auto why = co_await located(ctx, *self, std::move(returned.error()));
    co_return fail(std::move(why));
  }
  auto target = parse_target_result(*self, *returned);
  if (!target) {
    auto why = std::move(target.error());
    why.message = fmt::format("the rule {} gave a wrong result for {}: {}", declared.rule_export,
                              self->str(), why.message);
    why = co_await located(ctx, *self, std::move(why));
    co_return fail(std::move(why));
  }
  target->deps = std::move(labels);
  co_return value::of(std::move(*target));
}

} // namespace

void add_target_kind(kind_table& table) {
  table.add({"target", 3, compute_target, {}});
}

} // namespace zako
