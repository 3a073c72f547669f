// zako.toml through toml++: every wrong key and value is named with its place.
#include "engine/kinds/manifest.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "engine/path.hpp"
#include "engine/suggest.hpp"

namespace zako {

namespace {

constexpr std::string_view minimal =
    R"(write: [package] name = "app" version = "0.1.0", a line each)";

/// Letters, digits, '_', '-' and '.', beginning with a letter.
bool is_name(std::string_view text) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
         });
}

error placed(error e, std::string_view text, const std::string& file,
             const toml::source_position& where) {
  e.position = source_position{file, static_cast<std::uint32_t>(where.line),
                               static_cast<std::uint32_t>(where.column)};
  e.frame = code_frame(text, e.position->line, e.position->column);
  return e;
}

class manifest_reader {
public:
  manifest_reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  result<manifest_value> read() {
    auto parsed = toml::parse(text_);
    if (!parsed)
      return wrong(
          parsed.error().source().begin,
          fmt::format("{} is not TOML: {}", file_, parsed.error().description()),
          "write one key = \"text\" a line; a closed quote and bracket for each opened one");
    auto& root = parsed.table();
    auto done =
        check_keys(root, "the table or key", {"package", "options", "imports", "dependencies"});
    auto package = root.get_as<toml::table>("package");
    if (done && !package)
      return wrong(toml::source_position{1, 1}, file_ + " has no [package] table",
                   std::string(minimal));
    if (done)
      done = read_package(*package);
    if (done)
      done = each(root, "options", [this](auto& key, auto& node) { return option(key, node); });
    if (done)
      done = each(root, "imports", [this](auto& key, auto& node) { return import(key, node); });
    if (done)
      done = each(root, "dependencies",
                  [this](auto& key, auto& node) { return dependency(key, node); });
    if (!done)
      return fail(std::move(done.error()));
    return std::move(out_);
  }

private:
  [[nodiscard]] tl::unexpected<error> wrong(const toml::source_position& where, std::string message,
                                            std::string remedy) const {
    auto e = fail(errc::invalid_manifest, std::move(message), std::move(remedy)).value();
    return fail(placed(std::move(e), text_, file_, where));
  }

  /// Every key of a table is one of `known`.
  [[nodiscard]] result<void> check_keys(const toml::table& table, std::string_view what,
                                        const std::vector<std::string>& known) const {
    for (auto&& [k, node] : table) {
      auto name = std::string(k.str());
      if (std::find(known.begin(), known.end(), name) != known.end())
        continue;
      std::string list;
      for (auto& x : known)
        list += (list.empty() ? "" : ", ") + x;
      return wrong(k.source().begin, fmt::format("{} '{}' is not known", what, name),
                   did_you_mean(name, known, "known are: " + list));
    }
    return {};
  }

  result<void> read_package(const toml::table& package) {
    auto done =
        check_keys(package, "the [package] key", {"name", "version", "description", "license"});
    for (auto& [name, to] :
         {std::pair<std::string_view, std::string&>{"name", out_.name}, {"version", out_.version}})
      if (done && !package.get(name))
        done = wrong(package.source().begin, fmt::format("[package] has no {}", name),
                     fmt::format("add a line such as: {} = \"{}\"", name,
                                 name == "version" ? "0.1.0" : "app"));
      else if (done && (done = read_text(package, name, to)) && to.empty())
        done = wrong(package.get(name)->source().begin, fmt::format("{} is empty", name), {});
    if (done)
      done = read_text(package, "description", out_.description);
    return done ? read_text(package, "license", out_.license) : done;
  }

  /// A text that need not be there.
  result<void> read_text(const toml::table& table, std::string_view name, std::string& to) const {
    auto node = table.get(name);
    if (!node)
      return {};
    auto found = node->value<std::string>();
    if (!found || !node->is_string())
      return wrong(node->source().begin, fmt::format("{} must be a string", name),
                   fmt::format("write it in quotes: {} = \"...\"", name));
    to = std::move(*found);
    return {};
  }

  template <class F>
  result<void> each(const toml::table& root, std::string_view name, F f) {
    auto node = root.get(name);
    if (!node)
      return {};
    if (!node->is_table())
      return wrong(node->source().begin, fmt::format("{} must be a table", name),
                   fmt::format("write [{}] and one line for each below it", name));
    for (auto&& [key, value] : *node->as_table())
      if (result<void> done = f(key, value); !done)
        return done;
    return {};
  }

  result<void> option(const toml::key& key, const toml::node& node) {
    auto name = std::string(key.str());
    if (!is_name(name))
      return wrong(key.source().begin, fmt::format("'{}' is no name for an option", name),
                   "use letters, digits, '_' and '-'");
    option_declaration x;
    auto table = node.as_table();
    auto* fallback = table ? table->get("default") : &node;
    if (!fallback)
      return wrong(node.source().begin, fmt::format("the option {} has no default", name),
                   "a default gives the option its type: default = false");
    if (auto text = fallback->value<std::string>(); fallback->is_string())
      x.fallback = std::move(*text);
    else if (auto flag = fallback->value<bool>(); fallback->is_boolean())
      x.fallback = *flag;
    else if (auto number = fallback->value<double>(); fallback->is_number())
      x.fallback = *number;
    else
      return wrong(fallback->source().begin,
                   fmt::format("the default of {} must be a text, a number, true or false", name),
                   {});
    if (table)
      if (auto done = option_details(*table, name, x); !done)
        return done;
    out_.options.emplace(std::move(name), std::move(x));
    return {};
  }

  result<void> option_details(const toml::table& table, const std::string& name,
                              option_declaration& x) {
    auto done = check_keys(table, "the key of an option", {"default", "values", "description"});
    if (done)
      done = read_text(table, "description", x.description);
    auto values = table.get("values");
    if (!done || !values)
      return done;
    auto list = values->as_array();
    auto* fallback = x.fallback.as_string();
    if (!list || !fallback || (!list->empty() && !list->is_homogeneous<std::string>()))
      return wrong(
          values->source().begin,
          fmt::format("the values of {} must be a list of texts, and its default too", name),
          "write values = [\"a\", \"b\"]");
    for (auto& value : *list)
      x.values.push_back(*value.value<std::string>());
    if (std::find(x.values.begin(), x.values.end(), *fallback) == x.values.end())
      return wrong(table.get("default")->source().begin,
                   fmt::format("the default of {} is not one of its values", name), {});
    return {};
  }

  result<void> import(const toml::key& key, const toml::node& node) {
    auto name = std::string(key.str());
    auto target = node.value<std::string>();
    auto folder = name.ends_with('/');
    if (name.empty() || name.starts_with('.') || name.starts_with('/') ||
        name.find_first_of(":%\\") != std::string::npos)
      return wrong(key.source().begin, fmt::format("'{}' is no name for imports", name),
                   "use a name such as words, or \"#lib/\" for a folder");
    if (!node.is_string() || !target->starts_with("./") || !neutral_path::parse(*target))
      return wrong(node.source().begin,
                   fmt::format("'{}' must lead to a path of this package", name),
                   fmt::format("write \"{}\" = \"./path/{}\"", name, folder ? "" : "file.ts"));
    if (folder != target->ends_with('/'))
      return wrong(node.source().begin,
                   fmt::format("'{}' and '{}' must both end in '/', or neither", name, *target),
                   "a name that ends in '/' stands for a folder");
    if (!folder && !target->ends_with(".ts") && !target->ends_with(".json"))
      return wrong(node.source().begin, fmt::format("'{}' is not a .ts or .json file", *target),
                   "write the file's whole name");
    out_.imports.emplace(std::move(name), std::move(*target));
    return {};
  }

  result<void> dependency(const toml::key& key, const toml::node& node) {
    auto name = std::string(key.str());
    auto remedy = fmt::format("write {} = {{ path = \"libs/{}\" }}", name, name);
    if (!is_name(name))
      return wrong(key.source().begin, fmt::format("'{}' is no name for a dependency", name),
                   "use letters, digits, '_', '-' and '.': it is the name in the [package] there");
    auto table = node.as_table();
    if (!table)
      return wrong(node.source().begin, fmt::format("the dependency {} must be a table", name),
                   std::move(remedy));
    if (auto done = check_keys(*table, "the key of a dependency", {"path"}); !done)
      return done;
    std::string path;
    if (auto done = read_text(*table, "path", path); !done)
      return done;
    if (auto whole = join_path({}, path); path.empty() || !whole)
      return wrong(node.source().begin,
                   fmt::format("the dependency {} must have the path of a folder, relative to "
                               "this one",
                               name),
                   std::move(remedy));
    out_.dependencies.emplace(std::move(name), std::move(path));
    return {};
  }

  std::string_view text_;
  const std::string& file_;
  manifest_value out_;
};

} // namespace

error missing_manifest(const std::string& file) {
  error e;
  e.code = errc::invalid_manifest;
  e.message = file == "zako.toml" ? "there is no zako.toml in the workspace"
                                  : fmt::format("there is no '{}'", file);
  e.remedy = minimal;
  return e;
}

result<manifest_value> parse_manifest(std::string_view text, const std::string& file) {
  return manifest_reader{text, file}.read();
}

error at_manifest_key(error e, std::string_view text, const std::string& file,
                      std::string_view table, std::string_view key) {
  auto parsed = toml::parse(text);
  auto* members = parsed ? parsed.table().get_as<toml::table>(table) : nullptr;
  if (members)
    for (auto&& [k, node] : *members)
      if (k.str() == key)
        return placed(std::move(e), text, file, k.source().begin);
  e.position = source_position{file, 0, 0};
  return e;
}

data manifest_data(const manifest_value& manifest) {
  data options{data::object()};
  for (auto& [name, x] : manifest.options)
    options.set(name, data(data::object{{"default", x.fallback},
                                        {"values", data::strings(x.values)},
                                        {"description", x.description}}));
  data dependencies{data::object()};
  for (auto& [name, path] : manifest.dependencies)
    dependencies.set(name, data(data::object{{"path", path}}));
  return data(data::object{{"name", manifest.name},
                           {"version", manifest.version},
                           {"description", manifest.description},
                           {"license", manifest.license},
                           {"options", std::move(options)},
                           {"dependencies", std::move(dependencies)}});
}

} // namespace zako
