// Reads the files and the environment; what they mean is in engine/settings.hpp.
#include "apps/zako/settings.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "engine/kinds/manifest.hpp"
#include "engine/options.hpp"

namespace zako {

namespace {

/// The text of a file; nothing when it is not there.
result<std::optional<std::string>> read_file(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0)
    return std::nullopt;
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  if (!in)
    return fail(errc::io, "cannot read '" + path + "': " + std::strerror(errno));
  return text.str();
}

/// Reads a settings file that may be there with `read`, read_settings_file or read_options_file.
template <class To>
result<void> read_optional(To& to, result<void> (*read)(To&, std::string_view, const std::string&),
                           const std::string& path, const std::string& shown) {
  auto text = read_file(path);
  if (!text)
    return fail(std::move(text.error()));
  return *text ? read(to, **text, shown) : result<void>{};
}

/// ~/.zakorc; empty when there is no home.
std::string home_file() {
  auto* home = std::getenv("HOME");
  return home && *home ? std::string(home) + "/.zakorc" : std::string();
}

} // namespace

result<engine_settings> gather_settings(const request& what, const place& where) {
  engine_settings out;
  auto done = read_optional(out, read_settings_file, home_file(), "~/.zakorc");
  if (done)
    done = read_optional(out, read_settings_file, where.workspace + "/.zakorc", ".zakorc");
  std::vector<std::string> variables;
  for (auto** x = environ; *x; ++x)
    variables.emplace_back(*x);
  if (done)
    done = read_settings_environment(out, variables);
  for (auto& x : what.settings)
    if (done)
      done = read_settings_flag(out, x);
  if (done && what.jobs > 0)
    done = out.set("resources.cpu", what.jobs, "-j");
  if (done && what.metrics_port > 0)
    done = out.set("metrics.port", what.metrics_port, "--metrics-port");
  if (done)
    done = out.check();
  if (!done)
    return tl::unexpected(std::move(done.error()));
  return out;
}

result<std::map<std::string, std::string>> gather_options(const request& what, const place& where) {
  given_options home, given;
  auto done = read_optional(home, read_options_file, home_file(), "~/.zakorc");
  if (done)
    done = read_optional(given, read_options_file, where.workspace + "/.zakorc", ".zakorc");
  for (auto& x : what.options)
    if (done)
      done = read_option_flag(given, x);
  if (!done)
    return fail(std::move(done.error()));
  std::map<std::string, std::string> out;
  if (home.empty() && given.empty())
    return out;
  auto text = read_file(where.workspace + "/zako.toml");
  if (auto manifest = parse_manifest(text ? text->value_or("") : ""); manifest) {
    std::erase_if(home, [&](auto& x) { return !manifest->options.contains(x.first); });
    given.merge(home);
    if (done = check_options(given, *manifest); !done)
      return fail(std::move(done.error()));
  } // otherwise the build will say what is wrong with it
  for (auto& [name, x] : given)
    out[name] = x.text;
  return out;
}

} // namespace zako
