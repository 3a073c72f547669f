// Build files: what a BUILD.ts declares, and each of its targets on its own.
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "engine/kinds/common.hpp"
#include "engine/kinds/script_run.hpp"
#include "engine/suggest.hpp"

namespace zako {

namespace {

std::uint32_t line_number(const data& x) {
  auto n = x.as_number();
  return n && *n >= 0 && *n < 4e9 ? static_cast<std::uint32_t>(*n) : 0;
}

/// Takes the attributes out of `x`. Paths for messages are only made when there is one.
result<declared_target> parse_target(data& x, std::size_t number) {
  declared_target out;
  auto path = [&] { return fmt::format("targets[{}]", number); };
  struct field {
    const data& from;
    std::string_view name;
    std::string& to;
  };
  for (auto& f : {field{x["name"], "name", out.what.name},
                  field{x["rule"]["module"], "rule.module", out.what.rule_module},
                  field{x["rule"]["export"], "rule.export", out.what.rule_export}}) {
    auto text = f.from.as_string();
    if (!text)
      return tl::unexpected(want_string(f.from, fmt::format("{}.{}", path(), f.name)).error());
    f.to = *text;
  }
  if (auto& names = x["toolchains"]; !names.as_array() || !names.as_array()->empty()) {
    auto toolchains = want_strings(names, path() + ".toolchains");
    if (!toolchains)
      return tl::unexpected(std::move(toolchains.error()));
    out.what.toolchains = std::move(*toolchains);
  }
  if (auto file = x["position"]["file"].as_string())
    out.position = {*file, line_number(x["position"]["line"]),
                    line_number(x["position"]["column"])};
  if (!x["attrs"].as_object())
    return fail(errc::script,
                fmt::format("{}.attrs must be an object, not {}", path(), x["attrs"].type_name()));
  for (auto& [name, member] : *x.as_object())
    if (name == "attrs")
      out.what.attrs = std::move(member);
  return out;
}

error at_target(errc code, std::string message, const source_position& where, std::string remedy) {
  auto e = error_at(code, std::move(message), where, std::move(remedy));
  if (e.position->file.empty())
    e.position.reset();
  return e;
}

/// Takes what it needs out of `exported`.
result<evaluation_value> parse_targets(data exported, const neutral_path& package) {
  data::array* list = nullptr;
  if (auto members = exported.as_object())
    for (auto& [name, member] : *members)
      if (name == "targets")
        list = member.as_array();
  if (!list)
    return fail(errc::script,
                fmt::format("targets must be an array, not {}", exported["targets"].type_name()));
  evaluation_value out;
  out.targets.reserve(list->size()); // names stay where they are: they are the keys of `first_of`
  std::unordered_map<std::string_view, std::size_t> first_of;
  first_of.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto target = parse_target((*list)[i], i);
    if (!target)
      return tl::unexpected(std::move(target.error()));
    auto& name = target->what.name;
    if (name == "all" || !label::parse(":" + name))
      return fail(at_target(errc::invalid_label, fmt::format("a target cannot be named '{}'", name),
                            target->position,
                            "a name consists of letters, digits and '_', '.', '+', '-'; 'all' has "
                            "another meaning"));
    if (auto known = first_of.find(name); known != first_of.end()) {
      auto e =
          at_target(errc::conflict, fmt::format("{} is declared twice", label{package, name}.str()),
                    target->position, "give one of them another name");
      e.causes.push_back(at_target(errc::conflict, "the first declaration",
                                   out.targets[known->second].position, {}));
      return fail(std::move(e));
    }
    out.targets.push_back(std::move(*target));
    first_of.emplace(out.targets.back().what.name, i);
  }
  return out;
}

task<outcome> compute_evaluation(context& ctx) {
  auto package = neutral_path::parse(ctx.self().payload());
  if (!package)
    co_return fail(std::move(package.error()));
  auto argument = co_await script_argument(ctx, script_context::build, *package);
  if (!argument)
    co_return fail(std::move(argument.error()));
  auto path = (*package / "BUILD.ts").str();
  auto file = co_await ctx.get<file_value>(file_key(path));
  if (!file)
    co_return fail(std::move(file.error()));
  if ((*file)->type == file_type::missing)
    co_return fail(errc::not_found, fmt::format("there is no '{}'", path),
                   package->empty() ? "write BUILD.ts beside zako.toml"
                                    : "check the folder's spelling, or write a BUILD.ts there");
  evaluate_job run;
  run.module = path;
  run.context = script_context::build;
  run.argument = std::move(*argument);
  auto exported = co_await run_script(ctx, std::move(run));
  if (!exported)
    co_return fail(std::move(exported.error()));
  auto targets = parse_targets(std::move(*exported), *package);
  if (!targets) {
    auto& e = targets.error();
    if (!e.position)
      e.position = source_position{path, 0, 0};
    co_return fail(std::move(e));
  }
  co_return value::of(std::move(*targets));
}

task<outcome> compute_label(context& ctx) {
  auto wanted = payload_label(ctx);
  if (!wanted)
    co_return fail(std::move(wanted.error()));
  auto build_file = co_await ctx.get<evaluation_value>(evaluation_key(wanted->package));
  if (!build_file)
    co_return fail(std::move(build_file.error()));
  std::vector<std::string> names;
  for (auto& target : (*build_file)->targets) {
    if (target.what.name == wanted->name)
      co_return value::of(target.what);
    names.push_back(target.what.name);
  }
  auto path = (wanted->package / "BUILD.ts").str();
  std::string otherwise = names.empty() ? fmt::format("{} declares no targets", path)
                                        : fmt::format("{} declares:", path);
  for (std::size_t i = 0; i < names.size() && i < 20; ++i)
    otherwise += " " + names[i];
  if (names.size() > 20)
    otherwise += " ...";
  co_return fail(errc::not_found, fmt::format("there is no target {}", wanted->str()),
                 did_you_mean(wanted->name, names, std::move(otherwise)));
}

} // namespace

void add_evaluation_kinds(kind_table& table) {
  table.add({"evaluation", 1, compute_evaluation, {}});
  table.add({"label", 1, compute_label, {}});
}

} // namespace zako
