// Groups records into transactions.
#include "actors/store.hpp"

#include <chrono>
#include <unordered_map>
#include <unordered_set>

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace zako {

namespace {

constexpr std::size_t batch_records =
    20'000; // a transaction of this size takes some tens of milliseconds

// What was finished so long ago survives a crash. A commit waits some milliseconds for the disk.
constexpr std::chrono::milliseconds time_to_disk{500};

class store : public store_actor::base {
public:
  store(caf::actor_config& config, std::shared_ptr<node_database> records,
        std::shared_ptr<content_store> blobs, std::function<void(const error&)> warn)
      : store_actor::base(config), records_(std::move(records)), blobs_(std::move(blobs)),
        warn_(std::move(warn)) {}

  /// Others may still hold this actor's handle; the files are closed now.
  void on_exit() override {
    records_.reset();
    blobs_.reset();
  }

protected:
  behavior_type make_behavior() override {
    return {
        [this](save_record& x) {
          pending_[x.node] = std::move(x.record);
          if (pending_.size() >= batch_records)
            failure_ = commit();
          else if (!reminded_)
            remind();
        },
        [this](const root_asked& x) {
          if (records_->root_due(x.node))
            roots_.insert(x.node);
        },
        [this](flush_state) {
          reminded_ = false;
          auto why = commit();
          if (!why)
            why = std::exchange(failure_, std::nullopt);
          return flushed{std::move(why)};
        },
        [this](pool_close) {
          if (auto why = commit())
            warn_(*why);
          quit();
        },
    };
  }

private:
  /// The answer of this flush goes to nobody: what it cannot write stays, and the session's own
  /// flush fails for the same reason or writes it.
  void remind() {
    reminded_ = true;
    caf::delayed_anon_send(store_actor(this), time_to_disk, flush_state{});
  }

  /// What could not be written stays for the next try.
  std::optional<error> commit() {
    if (pending_.empty() && roots_.empty())
      return std::nullopt;
    if (auto done = blobs_->flush(); !done)
      return done.error();
    write_batch batch;
    batch.records.reserve(pending_.size());
    for (auto& [node, record] : pending_)
      batch.records.emplace_back(node, record);
    batch.roots.assign(roots_.begin(), roots_.end());
    if (auto done = records_->commit(batch); !done)
      return done.error();
    pending_.clear();
    roots_.clear();
    return std::nullopt;
  }

  std::shared_ptr<node_database> records_;
  std::shared_ptr<content_store> blobs_;
  std::function<void(const error&)> warn_;
  std::unordered_map<key_id, node_record> pending_;
  std::unordered_set<key_id> roots_;
  std::optional<error> failure_;
  bool reminded_ = false; // a flush is on its way
};

} // namespace

store_actor spawn_store(caf::actor_system& system, std::shared_ptr<node_database> records,
                        std::shared_ptr<content_store> blobs,
                        std::function<void(const error&)> warn) {
  return system.spawn<store, caf::detached>(std::move(records), std::move(blobs), std::move(warn));
}

} // namespace zako
