// zako dump: shows stored records. Starts no engine.
#include <unistd.h>

#include "actors/maintenance.hpp"
#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/display/report.hpp"
#include "apps/zako/exit_code.hpp"

namespace zako {

int dump_command(const request& what, const place& where, stop_signal& stop) {
  auto show = [](std::string_view record) { write_all(STDOUT_FILENO, record); };
  auto warn = [](const error& why) {
    write_all(STDERR_FILENO, warning_text(screen_of(STDERR_FILENO), why));
  };
  auto shown = when_unlocked(stop, [&] {
    return dump_records({where.workspace, {}}, what.patterns, show, warn);
  });
  if (stop.stopped() && !shown)
    return say_interrupted();
  if (!shown)
    return fail_with(shown.error());
  if (*shown > 0 || what.patterns.empty())
    return exit_good;
  return fail_with(
      fail(errc::not_found, "no stored record has such a key", "see 'zako dump' for all of them")
          .value());
}

} // namespace zako
