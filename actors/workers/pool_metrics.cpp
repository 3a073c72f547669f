// Names, labels and buckets.
#include "actors/workers/pool_metrics.hpp"

#include <array>

#include <caf/telemetry/metric_registry.hpp>

namespace zako {

namespace {

/// Seconds, from a message's way to the longest of tests.
constexpr std::array buckets{0.00001, 0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0};

} // namespace

pool_metrics::pool_metrics(caf::actor_system& system, std::string_view pool) {
  auto& all = system.metrics();
  auto label = caf::string_view{pool.data(), pool.size()};
  auto gauge = [&](caf::string_view name, caf::string_view help) {
    return all.gauge_family("zako.pool", name, {"pool"}, help)->get_or_add({{"pool", label}});
  };
  auto counter = [&](caf::string_view name, caf::string_view help, caf::string_view unit = "1") {
    return all.counter_family("zako.pool", name, {"pool"}, help, unit, true)
        ->get_or_add({{"pool", label}});
  };
  auto histogram = [&](caf::string_view name, caf::string_view help) {
    return all
        .histogram_family<double>("zako.pool", name, {"pool"},
                                  caf::span<const double>{buckets.data(), buckets.size()}, help,
                                  "seconds")
        ->get_or_add({{"pool", label}});
  };
  in_line = gauge("in-line", "Jobs that wait for credit.");
  queued = gauge("queued", "Jobs in the queue.");
  busy = gauge("busy", "Workers with a job.");
  idle = gauge("idle", "Workers without a job.");
  done = counter("done", "Jobs that workers have answered.");
  refused = counter("refused", "Jobs that were cancelled, refused or lost.");
  restarts = counter("restarts", "Workers that were lost.");
  freed = counter("freed", "What garbage collections have freed.", "bytes");
  wait = histogram("wait", "How long jobs waited for a worker.");
  run = histogram("run", "How long workers took for a job.");
}

} // namespace zako
