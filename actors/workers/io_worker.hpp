// What the io pool's workers do: look at files, read them, restore outputs.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "actors/messages.hpp"
#include "actors/workers/job_stop.hpp"
#include "storage/content_store.hpp"
#include "storage/file_system.hpp"

namespace zako {

/// A worker behaviour (actors/workers/pool.hpp).
class io_behaviour {
public:
  using pool = io_pool;
  struct context {
    /// Both are null in an engine without a workspace; jobs on files then fail.
    std::shared_ptr<file_system> files;
    std::shared_ptr<content_store> blobs;
    /// What the user gave for the workspace's options.
    std::shared_ptr<const std::map<std::string, std::string>> options;
  };

  static constexpr unsigned retries = 1; // a look is a look

  result<void> init(const context& shared) {
    shared_ = shared;
    return {};
  }
  result<io_pool::output> process(io_pool::input&& job, const job_control& control) {
    (void)control; // a look is over at once
    return perform(std::move(job));
  }
  result<io_pool::output> perform(io_pool::input&& job);
  std::size_t gc(gc_level) { return 0; } // the cache that they share is trimmed by the collector

private:
  context shared_;
};

} // namespace zako
