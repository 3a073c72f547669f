// Values of options from texts.
#include "engine/options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/suggest.hpp"

namespace zako {

namespace {

error wrong_value(std::string_view name, std::string_view text, std::string_view wanted,
                  std::string remedy) {
  return fail(errc::invalid_argument,
              fmt::format("the option {} must be {}, not '{}'", name, wanted, text),
              std::move(remedy))
      .value();
}

/// A text as the type of the option's default.
result<data> read_value(const option_declaration& option, std::string_view name,
                        const std::string& text) {
  if (option.fallback.as_bool()) {
    if (text != "true" && text != "false")
      return fail(wrong_value(name, text, "true or false", {}));
    return data(text == "true");
  }
  if (option.fallback.as_number()) {
    double x = 0;
    auto end = text.data() + text.size();
    auto [rest, bad] = std::from_chars(text.data(), end, x);
    if (bad != std::errc{} || rest != end || !std::isfinite(x))
      return fail(wrong_value(name, text, "a number", {}));
    return data(x);
  }
  auto& values = option.values;
  if (!values.empty() && std::find(values.begin(), values.end(), text) == values.end())
    return fail(wrong_value(name, text, fmt::format("one of {}", fmt::join(values, ", ")),
                            did_you_mean(text, values, {})));
  return data(text);
}

} // namespace

result<void> read_option_flag(given_options& to, std::string_view text) {
  auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return fail(errc::invalid_argument, fmt::format("--option takes NAME=VALUE, not '{}'", text),
                "write --option debug=true");
  to[std::string(text.substr(0, equals))] = {std::string(text.substr(equals + 1)), "--option"};
  return {};
}

result<data> option_content(const manifest_value& manifest, std::string_view name,
                            const std::optional<std::string>& given) {
  auto declared = manifest.options.find(std::string(name));
  if (declared == manifest.options.end()) {
    std::vector<std::string> known;
    for (auto& [other, option] : manifest.options)
      known.push_back(other);
    auto otherwise = known.empty() ? fmt::format("declare it: [options] {} = false", name)
                                   : fmt::format("[options] has {}", fmt::join(known, ", "));
    return fail(errc::not_found, fmt::format("zako.toml declares no option '{}'", name),
                did_you_mean(name, known, std::move(otherwise)));
  }
  auto& option = declared->second;
  return given ? read_value(option, name, *given) : option.fallback;
}

result<void> check_options(const given_options& given, const manifest_value& manifest) {
  for (auto& [name, x] : given)
    if (auto content = option_content(manifest, name, x.text); !content) {
      auto e = std::move(content.error());
      e.message = fmt::format("{}: {}", x.source, e.message);
      return fail(std::move(e));
    }
  return {};
}

} // namespace zako
