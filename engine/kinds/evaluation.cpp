// Build files: what a BUILD.ts declares, and each of its targets on its own.
#include <string_view>
#include <vector>

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

/// What a script's result calls `name`; taken out of it, so that nothing is copied.
data take(data& result, std::string_view name) {
  if (auto members = result.as_object())
    for (auto& [key, member] : *members)
      if (key == name)
        return std::move(member);
  return {};
}

tl::unexpected<error> not_a_list(std::string_view path, const data& x) {
  return fail(errc::script, fmt::format("{} must be an array, not {}", path, x.type_name()));
}

/// The places in a target's list: engine/script.hpp.
enum target_field : std::size_t {
  name_field,
  rule_field,
  toolchains_field,
  attrs_field,
  place_field
};
constexpr std::size_t target_fields = 5;

struct declared_rule {
  std::string module;
  std::string name; // its export
};

result<std::vector<declared_rule>> parse_rules(const data& list) {
  if (!list.as_array())
    return not_a_list("rules", list);
  std::vector<declared_rule> out;
  for (auto& x : *list.as_array()) {
    auto path = fmt::format("rules[{}]", out.size());
    auto module = want_string(x["module"], path + ".module");
    auto name = want_string(x["export"], path + ".export");
    if (!module)
      return tl::unexpected(std::move(module.error()));
    if (!name)
      return tl::unexpected(std::move(name.error()));
    out.push_back({std::move(*module), std::move(*name)});
  }
  return out;
}

/// Takes what it needs out of `x`. Paths for messages are only made when there is one.
result<target_declaration> parse_target(data& x, std::size_t number,
                                        const std::vector<declared_rule>& rules) {
  auto path = [&](std::string_view field) { return fmt::format("targets[{}].{}", number, field); };
  auto* fields = x.as_array();
  if (!fields || fields->size() != target_fields)
    return fail(errc::script, fmt::format("targets[{}] is not a target", number));
  target_declaration out;
  auto& given = (*fields)[name_field];
  if (!given.as_string())
    return tl::unexpected(want_string(given, path("name")).error());
  out.name = *given.as_string();
  auto* rule = (*fields)[rule_field].as_number();
  if (!rule || *rule < 0 || *rule >= static_cast<double>(rules.size()))
    return fail(errc::script, path("rule") + " is not the number of a rule");
  out.rule_module = rules[static_cast<std::size_t>(*rule)].module;
  out.rule_export = rules[static_cast<std::size_t>(*rule)].name;
  auto toolchains = want_strings((*fields)[toolchains_field], "toolchains");
  if (!toolchains)
    return tl::unexpected(std::move(toolchains.error()));
  out.toolchains = std::move(*toolchains);
  if (!(*fields)[attrs_field].as_object())
    return fail(errc::script, fmt::format("{} must be an object, not {}", path("attrs"),
                                          (*fields)[attrs_field].type_name()));
  out.attrs = std::move((*fields)[attrs_field]);
  return out;
}

/// The script has checked its targets; whatever passes for one here is one.
result<evaluation_value> parse_targets(data exported, const neutral_path& package) {
  auto rules = parse_rules(take(exported, "rules"));
  if (!rules)
    return tl::unexpected(std::move(rules.error()));
  auto list = take(exported, "targets");
  if (!list.as_array())
    return not_a_list("targets", list);
  evaluation_value out;
  out.targets.reserve(list.as_array()->size());
  for (auto& x : *list.as_array()) {
    auto target = parse_target(x, out.targets.size(), *rules);
    if (!target)
      return tl::unexpected(std::move(target.error()));
    if (target->name == "all" || !label::parse(":" + target->name))
      return fail(errc::invalid_label, fmt::format("a target cannot be named '{}'", target->name),
                  "a name consists of letters, digits and '_', '.', '+', '-'; 'all' has another "
                  "meaning");
    out.targets.push_back(std::move(*target));
  }
  out.index_names();
  for (auto& target : out.targets)
    if (out.find(target.name) != &target)
      return fail(errc::conflict,
                  fmt::format("{} is declared twice", label{package, target.name}.str()),
                  "give one of them another name");
  return out;
}

/// Runs a package's BUILD.ts; `places`: to tell where its targets stand.
task<result<data>> run_build_file(context& ctx, neutral_path package, bool places) {
  auto argument = co_await script_argument(ctx, script_context::build, package);
  if (!argument)
    co_return fail(std::move(argument.error()));
  auto path = (package / "BUILD.ts").str();
  auto file = co_await ctx.get<file_value>(file_key(path));
  if (!file)
    co_return fail(std::move(file.error()));
  if ((*file)->type == file_type::missing)
    co_return fail(errc::not_found, fmt::format("there is no '{}'", path),
                   package.empty() ? "write BUILD.ts beside zako.toml"
                                   : "check the folder's spelling, or write a BUILD.ts there");
  evaluate_job run;
  run.module = path;
  run.context = script_context::build;
  run.places = places;
  run.argument = std::move(*argument);
  co_return co_await run_script(ctx, std::move(run));
}

task<outcome> compute_evaluation(context& ctx) {
  auto package = neutral_path::parse(ctx.self().payload());
  if (!package)
    co_return fail(std::move(package.error()));
  auto exported = co_await run_build_file(ctx, *package, false);
  if (!exported)
    co_return fail(std::move(exported.error()));
  auto targets = parse_targets(std::move(*exported), *package);
  if (!targets) {
    auto& e = targets.error();
    if (!e.position)
      e.position = source_position{(*package / "BUILD.ts").str(), 0, 0};
    co_return fail(std::move(e));
  }
  co_return value::of(std::move(*targets));
}

/// Only on the way to an error that names a target: the evaluation itself knows no places, so that
/// it is the same when a line is inserted above.
task<outcome> compute_places(context& ctx) {
  auto package = neutral_path::parse(ctx.self().payload());
  if (!package)
    co_return fail(std::move(package.error()));
  auto exported = co_await run_build_file(ctx, *package, true);
  if (!exported)
    co_return fail(std::move(exported.error()));
  places_value out;
  auto list = take(*exported, "targets");
  if (auto* targets = list.as_array())
    for (auto& x : *targets)
      if (auto* fields = x.as_array(); fields && fields->size() == target_fields) {
        auto& where = (*fields)[place_field];
        out.targets.push_back(
            {(*fields)[name_field].as_string() ? *(*fields)[name_field].as_string() : "",
             {where["file"].as_string() ? *where["file"].as_string() : "",
              line_number(where["line"]), line_number(where["column"])}});
      }
  co_return value::of(std::move(out));
}

task<outcome> compute_label(context& ctx) {
  auto wanted = payload_label(ctx);
  if (!wanted)
    co_return fail(std::move(wanted.error()));
  auto build_file = co_await ctx.get<evaluation_value>(evaluation_key(wanted->package));
  if (!build_file)
    co_return fail(std::move(build_file.error()));
  if (auto* found = (*build_file)->find(wanted->name))
    co_return value::of(*found);
  std::vector<std::string> names;
  for (auto& target : (*build_file)->targets)
    names.push_back(target.name);
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
  table.add({"evaluation", 2, compute_evaluation, {}});
  table.add({"label", 2, compute_label, {}});
  table.add({"places", 1, compute_places, {}});
}

} // namespace zako
