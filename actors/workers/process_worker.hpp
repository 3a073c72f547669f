// A worker of the process pool: takes CPU slots, runs one program at a time, keeps what it made.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <caf/actor_system.hpp>

#include "actors/cgroup.hpp"
#include "actors/messages.hpp"
#include "actors/workers/child.hpp"
#include "storage/content_store.hpp"
#include "storage/file_system.hpp"

namespace zako {

struct process_context {
  std::shared_ptr<child_watcher> watcher;
  std::shared_ptr<file_system> files;   // null in an engine without a workspace
  std::shared_ptr<content_store> blobs; // likewise
  std::string state_folder; // where captured output is kept while a program runs; may be empty
  int leash_fd = -1;        // what each program inherits (leash.hpp); likewise
  resource_actor resources;
  hub_actor hub;
  std::chrono::milliseconds grace{500}; // between SIGTERM and SIGKILL
  bool offer_jobserver = true;          // to programs that speak make's
  /// For programs that say how much memory they need; null: nothing is limited.
  std::shared_ptr<cgroups> groups = {};
};

worker_handle<process_pool> spawn_process_worker(caf::actor_system& system,
                                                 pool_handle<process_pool> owner,
                                                 const process_context& context);

} // namespace zako
