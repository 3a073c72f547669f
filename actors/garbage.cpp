// Rounds of the collector, one at a time.
#include "actors/garbage.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/memory_watch.hpp"
#include "actors/tell.hpp"

namespace zako {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto calm_after_pressure = 5s; // what was given up comes back in less: it is in use
constexpr auto watch_after = 1s;         // of work: most builds are over by then, and watch nothing
constexpr const char* by_command = "command";
constexpr const char* by_pressure = "pressure";
constexpr const char* by_idleness = "idle";

/// What this process has in memory.
std::uint64_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// One line for each number: "rounds pressure 3", "bytes script 4096", "nodes all 12".
void write_totals(const std::string& file, const garbage_totals& totals) {
  std::error_code ignored;
  if (totals.rounds.empty()) {
    std::filesystem::remove(file, ignored);
    return;
  }
  std::ofstream out(file); // of no use to a build: when it cannot be written it is missing
  for (auto& [cause, count] : totals.rounds)
    out << "rounds " << cause << ' ' << count << '\n';
  for (auto& [part, bytes] : totals.freed)
    out << "bytes " << part << ' ' << bytes << '\n';
  out << "nodes all " << totals.nodes << '\n';
}

garbage_totals read_totals(const std::string& file) {
  garbage_totals out;
  std::ifstream in(file);
  std::string what, name;
  for (std::uint64_t n = 0; in >> what >> name >> n;) {
    if (what == "rounds")
      out.rounds[name] = n;
    else if (what == "bytes")
      out.freed[name] = n;
    else if (what == "nodes")
      out.nodes = n;
  }
  return out;
}

class collector : public collector_actor::base {
public:
  collector(caf::actor_config& config, wiring_ptr graph, std::shared_ptr<content_store> blobs,
            garbage_options options)
      : collector_actor::base(config), graph_(std::move(graph)), blobs_(std::move(blobs)),
        options_(std::move(options)) {
    set_default_handler([this](caf::scheduled_actor*, caf::message& what) {
      if (what.match_elements<nodes_collected>())
        on_collected(what.get_as<nodes_collected>(0));
      return caf::skippable_result{caf::message{}};
    });
  }

  void on_exit() override {
    watch_.reset();
    graph_.reset();
    blobs_.reset();
  }

protected:
  behavior_type make_behavior() override {
    send(graph_->hub, watch_sessions{});
    return {
        [this](const collect_garbage& how) -> caf::result<garbage_report> {
          auto promise = make_response_promise<garbage_report>();
          waiting_.push_back({promise, how.level});
          if (!round_)
            begin(by_command, how.level);
          return promise;
        },
        [this](const memory_pressure& x) {
          if (!round_ && clock::now() >= calm_until_)
            begin(by_pressure, x.full ? gc_level::full : gc_level::gentle);
        },
        [this](const sessions_busy& x) {
          ever_busy_ |= x.busy;
          ++epoch_;
          if (!x.busy)
            delayed_send(this, options_.idle, garbage_tick{garbage_tick::idle, epoch_});
          else if (options_.on_pressure && !watch_)
            delayed_send(this, watch_after, garbage_tick{garbage_tick::watch, epoch_});
        },
        [this](const garbage_tick& x) { on_tick(x); },
        [this](ask_garbage) {
          return totals_.rounds.empty() ? read_totals(options_.totals_file) : totals_;
        },
        [this](pool_close) {
          answer_all();
          if (ever_busy_ && !options_.totals_file.empty())
            write_totals(options_.totals_file, totals_);
          quit();
        },
    };
  }

private:
  struct wish {
    caf::typed_response_promise<garbage_report> promise;
    gc_level level;
  };
  /// The round that is under way.
  struct round {
    std::string cause;
    gc_level level;
    clock::time_point began;
    std::uint64_t resident;
    garbage_report report;
    std::size_t pools_left = 0;
    std::size_t shards_left = 0;
    int passes_left = 0;
    std::uint64_t pass = 0; // the number of the present one
  };

  void on_tick(const garbage_tick& x) {
    if (x.epoch != epoch_)
      return;
    if (x.what == garbage_tick::watch) {
      auto self = caf::actor_cast<caf::actor>(caf::strong_actor_ptr{ctrl()});
      watch_ = std::make_unique<memory_watch>(memory_watch::options{}, [self](bool full) {
        caf::anon_send(self, memory_pressure{full});
      });
      return;
    }
    bool first = x.what == garbage_tick::idle;
    if (!round_)
      begin(by_idleness, first ? gc_level::gentle : gc_level::full);
    if (first)
      delayed_send(this, options_.idle, garbage_tick{garbage_tick::long_idle, epoch_});
  }

  void begin(const char* cause, gc_level level) {
    round_.emplace(round{cause, level, clock::now(), resident_bytes(), {}});
    round_->pools_left = 1; // until all are asked
    collect_from(graph_->io);
    collect_from(graph_->transpilers);
    collect_from(graph_->scripts);
    collect_from(graph_->processes);
    if (graph_->sweepers)
      collect_from(graph_->sweepers);
    if (blobs_)
      add("cache", blobs_->trim());
    pool_collected();
  }

  template <class Pool>
  void collect_from(const pool_handle<Pool>& pool) {
    ++round_->pools_left;
    request(pool, caf::infinite, collect_garbage{round_->level})
        .then(
            [this](const garbage_freed& done) {
              add(std::string(Pool::name), done.bytes);
              pool_collected();
            },
            [this](const caf::error&) { pool_collected(); });
  }

  void add(std::string part, std::uint64_t bytes) {
    round_->report.parts.push_back({std::move(part), bytes});
    round_->report.bytes_freed += bytes;
  }

  void pool_collected() {
    if (--round_->pools_left > 0)
      return;
    round_->passes_left = graph_->store ? 2 : 1;
    collect_nodes_once();
  }

  /// A node leaves memory when its record is stored: what it saved before a pass, the next one
  /// finds stored.
  void collect_nodes_once() {
    --round_->passes_left;
    round_->report.nodes_live = 0;
    round_->shards_left = graph_->shards.size();
    round_->pass = ++passes_;
    auto ask = [this] {
      for (auto& shard : graph_->shards)
        tell(this, shard, collect_nodes{round_->pass});
    };
    if (!graph_->store)
      return ask();
    request(graph_->store, caf::infinite, flush_state{})
        .then([this, ask](const flushed& done) { done.failure ? finish() : ask(); },
              [this](const caf::error&) { finish(); });
  }

  void on_collected(const nodes_collected& part) {
    if (!round_ || part.round != round_->pass)
      return;
    round_->report.nodes_freed += part.freed;
    round_->report.nodes_live += part.live;
    if (--round_->shards_left > 0)
      return;
    round_->passes_left > 0 ? collect_nodes_once() : finish();
  }

  void finish() {
    ::malloc_trim(0);
    auto done = std::move(*round_);
    round_.reset();
    auto left = resident_bytes();
    // Measured, and of all parts together: what they say above may stay with the allocator.
    done.report.parts.push_back({"resident", done.resident > left ? done.resident - left : 0});
    note(done);
    std::vector<wish> higher;
    for (auto& x : std::exchange(waiting_, {}))
      if (x.level > done.level)
        higher.push_back(std::move(x));
      else
        x.promise.deliver(done.report);
    waiting_ = std::move(higher);
    if (!waiting_.empty())
      begin(by_command, gc_level::full);
  }

  void note(const round& done) {
    if (done.cause == by_pressure)
      calm_until_ = clock::now() + calm_after_pressure;
    ++totals_.rounds[done.cause];
    for (auto& x : done.report.parts)
      totals_.freed[x.name] += x.bytes;
    totals_.nodes += done.report.nodes_freed;
    auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - done.began);
    send(graph_->hub,
         notice{garbage_collected{done.cause, done.level == gc_level::full, done.report.parts,
                                  done.report.nodes_freed, took.count()}});
  }

  /// The engine closes: what was found so far is the answer.
  void answer_all() {
    for (auto& x : std::exchange(waiting_, {}))
      x.promise.deliver(round_ ? round_->report : garbage_report{});
  }

  wiring_ptr graph_;
  std::shared_ptr<content_store> blobs_;
  garbage_options options_;
  std::unique_ptr<memory_watch> watch_;
  std::optional<round> round_;
  std::vector<wish> waiting_; // clients of this round or the next
  garbage_totals totals_;
  std::uint64_t passes_ = 0;
  std::uint64_t epoch_ = 0; // changes when sessions become busy or idle
  bool ever_busy_ = false;
  clock::time_point calm_until_{};
};

} // namespace

collector_actor spawn_collector(caf::actor_system& system, wiring_ptr graph,
                                std::shared_ptr<content_store> blobs, garbage_options options) {
  return system.spawn<collector>(std::move(graph), std::move(blobs), std::move(options));
}

} // namespace zako
