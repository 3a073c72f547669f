// zako clean: removes what builds have left behind. Starts no engine.
#include <unistd.h>

#include "actors/engine.hpp"
#include "apps/zako/commands/commands.hpp"
#include "apps/zako/exit_code.hpp"

namespace zako {

int clean_command(const place& where, stop_signal& stop) {
  auto cleaned = when_unlocked(stop, [&] { return clean_workspace(where.workspace); });
  if (stop.stopped() && !cleaned)
    return say_interrupted();
  return cleaned ? exit_good : fail_with(cleaned.error());
}

} // namespace zako
