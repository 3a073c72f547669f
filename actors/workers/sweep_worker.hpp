// What the sweep pool's workers do: read stored records in bulk, and look at the world of leaves.
#pragma once

#include <memory>

#include "actors/messages.hpp"
#include "actors/workers/io_worker.hpp"
#include "actors/workers/job_stop.hpp"
#include "engine/kind.hpp"
#include "storage/interner.hpp"
#include "storage/node_database.hpp"

namespace zako {

/// A worker behaviour (actors/workers/pool.hpp).
class sweep_behaviour {
public:
  using pool = sweep_pool;
  struct context {
    io_behaviour::context machine;
    std::shared_ptr<const node_database> records;
    std::shared_ptr<const key_interner> names;
    std::shared_ptr<const kind_table> kinds;
  };

  static constexpr unsigned retries = 1;

  result<void> init(const context& shared) {
    shared_ = shared;
    return {};
  }
  result<sweep_pool::output> process(sweep_pool::input&& job, const job_control& control);
  std::size_t gc(gc_level) { return 0; } // it keeps nothing between jobs

private:
  [[nodiscard]] scanned_records scan(const scan_records& job) const;
  [[nodiscard]] looked_at_leaves look(const look_at_leaves& job) const;
  void confirm(const leaf_output& known, looked_at_leaves& out) const;

  context shared_;
};

} // namespace zako
