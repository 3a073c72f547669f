// zako gc: removes stored state that nothing needs. Starts no engine.
#include <unistd.h>

#include <fmt/format.h>

#include "actors/maintenance.hpp"
#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/display/report.hpp"
#include "apps/zako/exit_code.hpp"

namespace zako {

int gc_command(const request& what, const place& where, stop_signal& stop) {
  garbage_limits limits;
  if (what.most_age_s)
    limits.most_age_s = static_cast<std::int64_t>(*what.most_age_s);
  limits.most_bytes = what.most_bytes;
  auto done = when_unlocked(stop, [&] { return collect_garbage({where.workspace, {}}, limits); });
  if (stop.stopped() && !done)
    return say_interrupted();
  if (!done)
    return fail_with(done.error());
  for (auto& why : done->warnings)
    write_all(STDERR_FILENO, warning_text(screen_of(STDERR_FILENO), why));
  write_all(STDOUT_FILENO,
            fmt::format("removed {}, {}, {}\nkept {}, {}, {}\n", count_of(done->records, "record"),
                        count_of(done->blobs, "blob"),
                        size_of(done->blob_bytes + done->state_bytes),
                        count_of(done->kept_records, "record"), count_of(done->kept_blobs, "blob"),
                        size_of(done->kept_bytes)));
  return exit_good;
}

} // namespace zako
