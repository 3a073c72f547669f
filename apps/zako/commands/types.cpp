// zako types: what editors and tsc need to know of build files. Starts no engine.
#include <unistd.h>

#include "actors/editor_types.hpp"
#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/exit_code.hpp"

namespace zako {

int types_command(const place& where) {
  if (auto written = write_types(where.workspace); !written)
    return fail_with(written.error());
  auto config = provide_root_config(where.workspace);
  if (!config)
    return fail_with(config.error());
  if (*config == root_config::written)
    write_all(STDOUT_FILENO, "wrote tsconfig.json, which takes all from .zako/types/\n");
  if (*config == root_config::other)
    write_all(STDOUT_FILENO,
              "tsconfig.json is left as it is: for build files in editors, let it say\n"
              "  \"extends\": \"./.zako/types/tsconfig.json\"\n");
  return exit_good;
}

} // namespace zako
