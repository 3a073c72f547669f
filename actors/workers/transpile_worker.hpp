// What the transpiler pool's workers do.
#pragma once

#include <unordered_set>

#include "actors/messages.hpp"
#include "actors/workers/job_stop.hpp"
#include "scripting/transpile/transpiler.hpp"

namespace zako {

/// A worker behaviour (actors/workers/pool.hpp): one transpiler, reused.
class transpile_behaviour {
public:
  using pool = transpile_pool;
  struct context {};

  result<void> init(const context&) { return {}; }
  result<transpile_job::answer> process(transpile_job&& job, const job_control& control);
  std::size_t gc(gc_level) {
    seen_.clear();
    return transpiler_.gc();
  }

private:
  transpiler transpiler_;
  /// Hashes of the files' names. A file that comes again is being edited, and worth keeping.
  std::unordered_set<std::size_t> seen_;
};

} // namespace zako
