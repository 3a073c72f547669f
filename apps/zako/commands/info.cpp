// zako info: folders, sizes and versions.
#include <unistd.h>

#include <fmt/format.h>

#include "apps/version.hpp"
#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/exit_code.hpp"

namespace zako {

int info_command(const request& what, const place& where, stop_signal& stop) {
  auto settings = settings_of(what, where);
  if (!settings)
    return exit_usage;
  auto text = engine_text(where, *settings, what.resources, stop);
  if (stop.stopped() && !text)
    return say_interrupted();
  if (!text)
    return fail_with(text.error());
  if (what.resources)
    write_all(STDOUT_FILENO, *text);
  else
    write_all(STDOUT_FILENO, fmt::format("{}zako       {}\nCAF        {}\nV8         {}\n", *text,
                                         ZAKO_VERSION, ZAKO_CAF_VERSION, ZAKO_V8_VERSION));
  return exit_good;
}

} // namespace zako
