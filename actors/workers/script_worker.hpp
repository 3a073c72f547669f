// A worker of the script pool: one V8 isolate on a thread of its own.
#pragma once

#include <memory>

#include <caf/actor_system.hpp>

#include "actors/messages.hpp"
#include "scripting/script_host.hpp"
#include "storage/content_store.hpp"

namespace zako {

/// The worker has a front, an ordinary actor that always reads its messages, and a thread with the
/// isolate, which does not while JavaScript runs. What a script asks goes to the job's client as a
/// `job_result` with a query; the client sends `resume_job` to the sender of that. What it prints
/// goes to the hub at once. V8 is loaded by the first job. A thread that is lost (script_host.hpp)
/// takes its worker with it; the pool replaces both. `blobs` keeps bytecode; null: nobody does.
worker_handle<script_pool> spawn_script_worker(caf::actor_system& system,
                                               pool_handle<script_pool> owner, hub_actor hub,
                                               std::shared_ptr<content_store> blobs,
                                               const script_limits& limits);

} // namespace zako
