// Reads the files and the environment; what they mean is in engine/settings.hpp.
#include "apps/zako/settings.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace zako {

namespace {

result<void> read_file(engine_settings& to, const std::string& path, const std::string& shown) {
  if (::access(path.c_str(), F_OK) != 0)
    return {};
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  if (!in)
    return fail(errc::io, "cannot read '" + path + "': " + std::strerror(errno));
  return read_settings_file(to, text.str(), shown);
}

} // namespace

result<engine_settings> gather_settings(const request& what, const place& where) {
  engine_settings out;
  auto done = result<void>{};
  if (auto* home = std::getenv("HOME"); home && *home)
    done = read_file(out, std::string(home) + "/.zakorc", "~/.zakorc");
  if (done)
    done = read_file(out, where.workspace + "/.zakorc", ".zakorc");
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

} // namespace zako
