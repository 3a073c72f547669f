// What the transpiler pool's workers do.
#pragma once

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
  std::size_t gc(gc_level) { return transpiler_.gc(); }

private:
  transpiler transpiler_;
};

} // namespace zako
