// Puts an engine together, and takes it apart.
#include "actors/engine.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <caf/init_global_meta_objects.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/garbage.hpp"
#include "actors/graph/hub.hpp"
#include "actors/graph/session.hpp"
#include "actors/graph/shard.hpp"
#include "actors/machine.hpp"
#include "actors/resources.hpp"
#include "actors/store.hpp"
#include "actors/tell.hpp"
#include "actors/workers/cooperative_worker.hpp"
#include "actors/workers/io_worker.hpp"
#include "actors/workers/leash.hpp"
#include "actors/workers/process_worker.hpp"
#include "actors/workers/script_worker.hpp"
#include "actors/workers/sweep_worker.hpp"
#include "actors/workers/transpile_worker.hpp"
#include "storage/workspace_lock.hpp"

namespace zako {

namespace {

constexpr std::uint64_t worth_compacting = 4u << 20; // smaller files of records are read in no time

/// What the files in a folder take; files that come and go meanwhile may be counted or not.
std::uint64_t folder_bytes(const std::string& folder) {
  namespace fs = std::filesystem;
  std::uint64_t sum = 0;
  std::error_code ignored;
  for (fs::recursive_directory_iterator i{folder, ignored}, end; i != end; i.increment(ignored))
    if (i->is_regular_file(ignored))
      if (auto size = i->file_size(ignored); !ignored)
        sum += size;
  return sum;
}

/// Everything of an engine that is not an actor. Outlives its actors.
struct engine_state {
  engine_options options;
  std::string state_folder;
  std::string cache_folder;
  engine_settings settings; // every key has a value
  kind_table kinds;
  key_interner names;
  std::optional<workspace_lock> lock;
  std::optional<leash> programs; // goes before the lock
  std::shared_ptr<file_system> files;
  std::shared_ptr<content_store> blobs;
  std::shared_ptr<node_database> records;
  std::shared_ptr<child_watcher> watcher;
  std::function<void(const error&)> warn = [](const error&) {};
};

class engine : public engine_actor::base {
public:
  engine(caf::actor_config& config, std::shared_ptr<engine_state> state)
      : engine_actor::base(config), state_(std::move(state)) {
    set_down_handler([this](caf::down_msg& down) { ended(down.source); });
    set_default_handler([this](caf::scheduled_actor*, caf::message& what) {
      if (what.match_elements<closed>())
        ended(current_sender()->address());
      return caf::skippable_result{caf::message{}};
    });
  }

  void on_exit() override {
    graph_.reset();
    resources_ = nullptr;
    collector_ = nullptr;
    sessions_.clear();
    state_.reset();
  }

protected:
  behavior_type make_behavior() override {
    start();
    return {
        [this](const open_session& how,
               const listener_actor& listener) -> caf::result<session_actor> {
          if (stage_ != stage::open)
            return caf::make_error(caf::sec::runtime_error, "the engine is closing");
          auto session = spawn_session(system(), graph_, how.options, listener);
          std::erase_if(sessions_,
                        [](auto& x) { return !caf::actor_cast<caf::strong_actor_ptr>(x); });
          sessions_.push_back(caf::actor_cast<caf::weak_actor_ptr>(session));
          return session;
        },
        [this](ask_info) -> caf::result<engine_info> {
          if (stage_ != stage::open)
            return caf::make_error(caf::sec::runtime_error, "the engine is closing");
          auto promise = make_response_promise<engine_info>();
          request(collector_, caf::infinite, ask_garbage{})
              .then(
                  [this, promise](garbage_totals& garbage) mutable {
                    auto info = describe();
                    info.garbage = std::move(garbage);
                    promise.deliver(std::move(info));
                  },
                  [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
          return promise;
        },
        [this](ask_resources what) -> caf::result<resource_report> {
          if (stage_ != stage::open)
            return caf::make_error(caf::sec::runtime_error, "the engine is closing");
          return delegate(resources_, what);
        },
        [this](const collect_garbage& how) -> caf::result<garbage_report> {
          if (stage_ != stage::open)
            return caf::make_error(caf::sec::runtime_error, "the engine is closing");
          return delegate(collector_, how);
        },
        [this](close_engine) -> caf::result<void> {
          if (stage_ != stage::open)
            return caf::make_error(caf::sec::runtime_error, "the engine is closing already");
          closed_ = make_response_promise<void>();
          close_workers();
          return closed_;
        },
    };
  }

private:
  /// The engine ends in this order: nobody may need what is already gone.
  enum class stage : std::uint8_t {
    open,
    closing_workers, // sessions are cancelled; the pools stop what runs
    closing_store,   // the last records are written
    closed,
  };

  void start() {
    auto graph = caf::make_counted<wiring>();
    graph->totals = std::make_shared<graph_totals>();
    graph->names = {state_, &state_->names};
    graph->kinds = {state_, &state_->kinds};
    graph->hub = spawn_hub(system(), graph->totals);
    resources_ = spawn_resources(system(), state_->settings.resources());
    if (state_->records)
      graph->store = spawn_store(system(), state_->records, state_->blobs, state_->warn);

    auto& sys = system();
    io_behaviour::context machine{state_->files, state_->blobs, {state_, &state_->options.options}};
    graph->io = spawn_pool<io_behaviour>(sys, machine, limits_of("io"));
    graph->transpilers = spawn_pool<transpile_behaviour>(sys, {}, limits_of("transpile"));
    graph->scripts = sys.spawn<pool_actor<script_pool>>(
        limits_of("script"),
        [&sys, hub = graph->hub, blobs = state_->blobs, limits = limits_of_scripts()](
            pool_handle<script_pool> pool, const std::shared_ptr<job_stop>&) {
          return spawn_script_worker(sys, std::move(pool), hub, blobs, limits);
        });
    if (graph->store)
      graph->sweepers = spawn_pool<sweep_behaviour>(
          sys, {machine, state_->records, graph->names, graph->kinds}, limits_of("sweep"));
    process_context children{state_->watcher,
                             state_->files,
                             state_->blobs,
                             state_->state_folder,
                             state_->programs ? state_->programs->fd() : -1,
                             resources_,
                             graph->hub};
    children.grace = milliseconds_of("process.grace");
    children.offer_jobserver = state_->settings.at("jobserver") != 0;
    children.groups = std::make_shared<cgroups>();
    graph->processes = sys.spawn<pool_actor<process_pool>>(
        limits_of("process"),
        [&sys, children](pool_handle<process_pool> pool, const std::shared_ptr<job_stop>&) {
          return spawn_process_worker(sys, std::move(pool), children);
        });
    // As many shards as threads can run them. They refer to the wiring that lists them;
    // `pool_close` takes that circle apart.
    for (std::size_t i = 0; i < system().scheduler().num_workers(); ++i)
      graph->shards.push_back(spawn_lean<graph_shard>(sys, context(), graph, state_->records));
    graph_ = std::move(graph);
    garbage_options how;
    how.idle = milliseconds_of("gc.idle");
    how.on_pressure = state_->settings.at("gc.on_pressure") != 0;
    if (!state_->state_folder.empty())
      how.totals_file = state_->state_folder + "/collected";
    collector_ = spawn_collector(sys, graph_, state_->blobs, std::move(how));
  }

  [[nodiscard]] std::chrono::milliseconds milliseconds_of(const std::string& key) const {
    return std::chrono::milliseconds(state_->settings.at(key));
  }

  [[nodiscard]] pool_limits limits_of(const std::string& pool) const {
    pool_limits out;
    out.max_workers = state_->settings.at("pools." + pool + ".max");
    out.min_workers = state_->settings.at("pools." + pool + ".min");
    out.idle_timeout = milliseconds_of("pools." + pool + ".idle");
    return out;
  }

  [[nodiscard]] script_limits limits_of_scripts() const {
    auto& settings = state_->settings;
    script_limits out;
    out.time_ms = static_cast<std::uint32_t>(settings.at("script.time"));
    out.heap_bytes = settings.at("script.heap");
    out.array_buffer_bytes = settings.at("script.array_buffers");
    out.stack_bytes = settings.at("script.stack");
    out.modules = settings.at("script.modules");
    out.values = settings.at("script.values");
    out.text_bytes = settings.at("script.text");
    out.console_bytes = settings.at("script.console");
    return out;
  }

  engine_info describe() {
    engine_info info;
    info.workspace = state_->options.workspace;
    info.state_folder = state_->state_folder;
    info.cache_folder = state_->cache_folder;
    info.settings = state_->settings;
    if (state_->records) {
      auto figures = state_->records->measure();
      info.nodes_stored = figures.records;
      info.state_bytes = figures.used_bytes;
      info.cache_bytes = folder_bytes(state_->cache_folder);
    }
    return info;
  }

  template <class Handle>
  void close_one(const Handle& handle) {
    monitor(handle);
    open_.push_back(handle.address());
    send(handle, pool_close{});
  }

  void close_workers() {
    stage_ = stage::closing_workers;
    for (auto& x : sessions_)
      if (auto session = caf::actor_cast<caf::strong_actor_ptr>(x))
        tell(this, session, pool_close{});
    close_one(collector_);
    close_one(graph_->scripts);
    close_one(graph_->processes);
    close_one(graph_->transpilers);
    close_one(graph_->io);
    if (graph_->sweepers)
      close_one(graph_->sweepers);
  }

  void ended(const caf::actor_addr& who) {
    std::erase(open_, who);
    if (!open_.empty())
      return;
    if (stage_ == stage::closing_workers) {
      stage_ = stage::closing_store;
      for (auto& x : graph_->shards) {
        open_.push_back(x->address());
        tell(this, x, pool_close{});
      }
      send_exit(graph_->hub, caf::exit_reason::user_shutdown);
      close_one(resources_);
      if (graph_->store)
        close_one(graph_->store);
    } else if (stage_ == stage::closing_store) {
      stage_ = stage::closed;
      close_records();
      // Whoever gets the answer may open the workspace again.
      state_->programs.reset();
      state_->lock.reset();
      closed_.deliver();
      quit();
    }
  }

  /// Commits in the order in which a build goes leave pages half empty. After many, the file is
  /// written anew, when that pays: what unchanged builds read gets smaller.
  void close_records() {
    if (!state_->records)
      return;
    auto now = state_->records->measure();
    // What was found damaged and not computed again is set aside, so that it is told once.
    if (now.damaged > 0)
      if (auto done = state_->records->quarantine_damaged(); !done)
        state_->warn(done.error());
    state_->records.reset();
    if (now.written * 4 >= now.records && now.used_bytes >= worth_compacting)
      (void)node_database::compact(state_->state_folder); // without it the file is as good
  }

  std::shared_ptr<engine_state> state_;
  stage stage_ = stage::open;
  wiring_ptr graph_;
  resource_actor resources_;
  collector_actor collector_;
  std::vector<caf::weak_actor_ptr> sessions_;
  std::vector<caf::actor_addr> open_; // who has to end before the next stage
  caf::typed_response_promise<void> closed_;
};

/// Ends what a killed build has left running.
result<leash> take_leash(const std::string& state_folder) {
  return leash::take(state_folder + "/programs");
}

result<void> open_workspace(engine_state& state) {
  auto& options = state.options;
  state.state_folder = options.workspace + "/.zako";
  auto lock = workspace_lock::try_lock(state.state_folder, options.purpose);
  if (!lock)
    return tl::unexpected(std::move(lock.error()));
  state.lock = std::move(*lock);
  auto programs = take_leash(state.state_folder);
  if (!programs)
    return tl::unexpected(std::move(programs.error()));
  state.programs.emplace(std::move(*programs));
  auto files = real_file_system(options.workspace);
  if (!files)
    return tl::unexpected(std::move(files.error()));
  state.files = std::move(*files);
  state.cache_folder = options.cache_folder;
  if (state.cache_folder.empty()) {
    auto folder = default_store_folder();
    if (!folder)
      return tl::unexpected(std::move(folder.error()));
    state.cache_folder = std::move(*folder);
  }
  blob_cache::limits cache;
  cache.bytes = state.settings.at("cache.memory");
  auto blobs = content_store::open(state.cache_folder, cache);
  if (!blobs)
    return tl::unexpected(std::move(blobs.error()));
  state.blobs = std::make_shared<content_store>(std::move(*blobs));
  if (auto& notice = state.blobs->notice())
    state.warn(*notice);
  // Should it fail, a collector may take what has to be made again then.
  if (auto known = state.blobs->add_workspace(state.state_folder); !known)
    state.warn(known.error());
  auto records = node_database::open(state.state_folder, state.names, {.on_damage = state.warn});
  if (!records)
    return tl::unexpected(std::move(records.error()));
  state.records = std::make_shared<node_database>(std::move(*records));
  if (auto& notice = state.records->notice())
    state.warn(*notice);
  return {};
}

} // namespace

void init_types() {
  caf::init_global_meta_objects<caf::id_block::zako>();
  caf::core::init_global_meta_objects();
}

result<engine_actor> spawn_engine(caf::actor_system& system, engine_options options) {
  auto state = std::make_shared<engine_state>();
  state->options = std::move(options);
  state->settings = state->options.settings;
  set_machine_defaults(state->settings, look_at_machine());
  if (auto good = state->settings.check(); !good)
    return tl::unexpected(std::move(good.error()));
  state->kinds = state->options.kinds;
  if (state->options.on_warning)
    state->warn = state->options.on_warning;
  if (!state->options.workspace.empty())
    if (auto done = open_workspace(*state); !done)
      return tl::unexpected(std::move(done.error()));
  add_build_kinds(state->kinds);
  auto watcher = child_watcher::create();
  if (!watcher)
    return tl::unexpected(std::move(watcher.error()));
  state->watcher = std::move(*watcher);
  return system.spawn<engine>(std::move(state));
}

result<void> clean_workspace(const std::string& workspace) {
  auto state = workspace + "/.zako";
  auto lock = workspace_lock::try_lock(state, "zako clean");
  if (!lock)
    return tl::unexpected(std::move(lock.error()));
  auto programs = take_leash(state);
  if (!programs)
    return tl::unexpected(std::move(programs.error()));
  std::error_code failed;
  std::filesystem::remove_all(workspace + "/zako-out", failed);
  if (!failed)
    for (auto& entry : std::filesystem::directory_iterator(state, failed))
      if (entry.path().filename() != "lock") // it is held
        if (std::filesystem::remove_all(entry.path(), failed); failed)
          break;
  if (failed)
    return fail(errc::io, "cannot clean '" + workspace + "': " + failed.message());
  return {};
}

} // namespace zako
