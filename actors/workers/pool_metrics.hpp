// What a pool tells the actor system's metric registry, from where CAF's Prometheus endpoint reads.
#pragma once

#include <cstdint>
#include <string_view>

#include <caf/actor_system.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>

namespace zako {

/// The instruments of one pool, labelled with its name; pools of one name in one system share them.
/// They belong to the system, and may be used from any thread. Prefix "zako.pool.".
struct pool_metrics {
  pool_metrics(caf::actor_system& system, std::string_view pool);

  caf::telemetry::int_gauge* in_line;    // jobs that wait for credit
  caf::telemetry::int_gauge* queued;     // jobs in the queue
  caf::telemetry::int_gauge* busy;       // workers with a job
  caf::telemetry::int_gauge* idle;       // workers without
  caf::telemetry::int_counter* done;     // jobs that workers have answered
  caf::telemetry::int_counter* refused;  // jobs that the pool has answered
  caf::telemetry::int_counter* restarts; // workers that were lost
  caf::telemetry::int_counter* freed;    // bytes, by garbage collections
  caf::telemetry::dbl_histogram* wait;   // seconds, from the offer or request to a worker
  caf::telemetry::dbl_histogram* run;    // seconds, from there to the worker's answer
};

} // namespace zako
