// From a transpile job to the transpiler and back.
#include "actors/workers/transpile_worker.hpp"

namespace zako {

result<transpile_job::answer> transpile_behaviour::process(transpile_job&& job,
                                                           const job_control& control) {
  auto done = transpiler_.transpile(job.source, job.file, {.stop = &control.flag()});
  if (!done)
    return tl::unexpected(std::move(done.error()));
  transpile_job::answer answer{std::move(done->javascript), std::move(done->source_map), {}};
  for (auto& x : done->imports)
    if (!x.dynamic)
      answer.imports.push_back({std::move(x.specifier), x.position.line, x.position.column});
  return answer;
}

} // namespace zako
