// Settings and options from files, variables and flags: every wrong key and value is named with its
// place.
#include <algorithm>

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "engine/options.hpp"
#include "engine/settings.hpp"
#include "engine/suggest.hpp"

namespace zako {

namespace {

class file_reader {
public:
  file_reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  [[nodiscard]] result<toml::table> parse() const {
    auto parsed = toml::parse(text_);
    if (parsed)
      return std::move(parsed).table();
    return fail(placed(fail(errc::invalid_argument,
                            fmt::format("{} is not TOML: {}", file_, parsed.error().description()),
                            "write one key = value a line, and texts in quotes")
                           .value(),
                       parsed.error().source().begin));
  }

  result<void> settings(const toml::table& x, const std::string& prefix,
                        engine_settings& to) const {
    for (auto&& [k, node] : x) {
      auto key = prefix + std::string(k.str());
      if (key == "options") // of the build: read_options_file
        continue;
      auto done =
          node.is_table() ? settings(*node.as_table(), key + ".", to) : setting(key, k, node, to);
      if (!done)
        return done;
    }
    return {};
  }

  /// [options], as texts.
  result<void> options(const toml::node& table, given_options& to) const {
    if (!table.is_table())
      return fail(placed(fail(errc::invalid_argument, "options must be a table",
                              "write [options] and one NAME = VALUE a line below it")
                             .value(),
                         table.source().begin));
    for (auto&& [k, node] : *table.as_table()) {
      auto text = text_of(node);
      if (!text)
        return fail(placed(
            fail(errc::invalid_argument,
                 fmt::format("the option {} must be a text, a number, true or false", k.str()))
                .value(),
            node.source().begin));
      to[std::string(k.str())] = {std::move(*text),
                                  fmt::format("{}:{}", file_, node.source().begin.line)};
    }
    return {};
  }

private:
  [[nodiscard]] error placed(error e, const toml::source_position& where) const {
    e.position = source_position{file_, static_cast<std::uint32_t>(where.line),
                                 static_cast<std::uint32_t>(where.column)};
    e.frame = code_frame(text_, e.position->line, e.position->column);
    return e;
  }

  static std::optional<std::string> text_of(const toml::node& node) {
    if (auto text = node.value<std::string>(); node.is_string())
      return text;
    if (auto flag = node.value<bool>(); node.is_boolean())
      return *flag ? "true" : "false";
    if (auto number = node.value<double>(); node.is_number())
      return fmt::format("{}", *number);
    return std::nullopt;
  }

  result<void> setting(const std::string& key, const toml::key& k, const toml::node& node,
                       engine_settings& to) const {
    auto where = node.source().begin;
    auto source = fmt::format("{}:{}", file_, where.line);
    auto done = result<void>{};
    if (!setting_row_of(key)) {
      done = to.set(key, "", source);
      where = k.source().begin;
    } else if (auto text = node.value<std::string>(); node.is_string()) {
      done = to.set(key, *text, source);
    } else if (auto n = node.value<std::int64_t>(); node.is_integer()) {
      done = to.set(key, fmt::format("{}", *n), source);
    } else if (auto flag = node.value<bool>(); node.is_boolean()) {
      done = to.set(key, *flag ? "true" : "false", source);
    } else {
      done = fail(errc::invalid_argument,
                  fmt::format("{} must be a number, a text, true or false", key));
    }
    if (!done)
      return fail(placed(std::move(done.error()), where));
    return {};
  }

  std::string_view text_;
  const std::string& file_;
};

std::string variable_of(std::string_view key) {
  std::string out = "ZAKO_";
  for (auto c : key)
    out += c == '.' || c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

/// The key that a variable sets: one of the table, or a resource of the user's own. Nothing when it
/// is no setting.
std::optional<std::string> key_of(std::string_view variable) {
  std::vector<std::string_view> groups;
  for (auto& row : setting_rows()) {
    if (variable_of(row.key) == variable)
      return std::string(row.key);
    if (auto dot = row.key.find('.'); dot != std::string_view::npos)
      groups.push_back(row.key.substr(0, dot));
  }
  for (auto group : groups) {
    auto prefix = variable_of(group) + "_";
    if (!variable.starts_with(prefix))
      continue;
    auto key = std::string(group) + ".";
    for (auto c : variable.substr(prefix.size()))
      key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return key; // perhaps one that there is not: a slip is told, not passed over
  }
  return std::nullopt;
}

} // namespace

result<void> read_settings_file(engine_settings& to, std::string_view text,
                                const std::string& file) {
  file_reader reader{text, file};
  return reader.parse().and_then([&](auto&& x) { return reader.settings(x, "", to); });
}

result<void> read_options_file(given_options& to, std::string_view text, const std::string& file) {
  file_reader reader{text, file};
  return reader.parse().and_then([&](auto&& x) -> result<void> {
    auto* options = x.get("options");
    return options ? reader.options(*options, to) : result<void>{};
  });
}

result<void> read_settings_environment(engine_settings& to,
                                       const std::vector<std::string>& variables) {
  for (auto& x : variables) {
    auto equals = x.find('=');
    if (!x.starts_with("ZAKO_") || equals == std::string::npos)
      continue;
    auto name = x.substr(0, equals);
    auto key = key_of(name);
    if (!key)
      continue;
    if (!setting_row_of(*key)) {
      std::vector<std::string> known;
      for (auto& row : setting_rows())
        known.push_back(variable_of(row.key));
      return fail(errc::invalid_argument,
                  fmt::format("the environment variable {} sets nothing", name),
                  did_you_mean(name, known, "'zako info --resources' lists the settings"));
    }
    if (auto done = to.set(*key, std::string_view(x).substr(equals + 1), name); !done) {
      auto e = std::move(done.error());
      e.message = name + ": " + e.message;
      return fail(std::move(e));
    }
  }
  return {};
}

result<void> read_settings_flag(engine_settings& to, std::string_view text) {
  auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return fail(errc::invalid_argument, fmt::format("--set takes KEY=VALUE, not '{}'", text),
                "write --set resources.cpu=4");
  return to.set(text.substr(0, equals), text.substr(equals + 1), "--set");
}

} // namespace zako
