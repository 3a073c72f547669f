// From a transpile job to the transpiler and back.
#include "actors/workers/transpile_worker.hpp"

#include <functional>

namespace zako {

namespace {
constexpr std::size_t max_seen = 1U << 16; // names
} // namespace

result<transpile_job::answer> transpile_behaviour::process(transpile_job&& job,
                                                           const job_control& control) {
  if (seen_.size() >= max_seen)
    seen_.clear();
  transpile_options options;
  options.keep = !seen_.insert(std::hash<std::string>{}(job.file)).second;
  options.stop = &control.flag();
  auto done = transpiler_.transpile(job.source, job.file, options);
  if (!done)
    return tl::unexpected(std::move(done.error()));
  transpile_job::answer answer{std::move(done->javascript), std::move(done->source_map), {}};
  for (auto& x : done->imports)
    if (!x.dynamic)
      answer.imports.push_back(
          {std::move(x.specifier), x.position.line, x.position.column, x.dynamic});
  return answer;
}

} // namespace zako
