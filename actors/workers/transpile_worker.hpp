// What the transpiler pool's workers do.
#pragma once

#include "actors/messages.hpp"
#include "scripting/transpile/transpiler.hpp"

namespace zako {

/// A worker behaviour (actors/workers/pool.hpp): one transpiler, reused.
class transpile_behaviour {
public:
  using pool = transpile_pool;
  struct context {};

  explicit transpile_behaviour(const context&) {}
  result<transpile_job::answer> process(transpile_job&& job);
  std::size_t gc() { return transpiler_.gc(); }

private:
  transpiler transpiler_;
};

} // namespace zako
