// From stored records to what must be computed.
#include "actors/graph/sweep.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <caf/typed_event_based_actor.hpp>

#include "actors/tell.hpp"

namespace zako {

namespace {

constexpr std::size_t leaves_per_job = 4096; // some milliseconds of work
constexpr std::size_t most_asked = 4096;     // questions under way

class sweep : public sweep_actor::base {
public:
  sweep(caf::actor_config& config, wiring_ptr graph, caf::strong_actor_ptr client, key_id root,
        std::uint64_t revision, std::uint32_t round, job_origin origin)
      : sweep_actor::base(config), graph_(std::move(graph)), client_(std::move(client)),
        root_(root), revision_(revision), round_(round), origin_(origin) {
    set_default_handler([this](caf::scheduled_actor*, caf::message& what) {
      if (what.match_elements<job_credit>())
        send_job(what.get_as<job_credit>(0).ticket);
      return caf::skippable_result{caf::message{}};
    });
  }

  void on_exit() override {
    if (graph_)
      for (auto ticket : unanswered_)
        send(graph_->sweepers, job_cancel{ticket, "nobody waits for it any more"});
    graph_.reset();
    client_ = nullptr;
  }

protected:
  behavior_type make_behavior() override {
    // What an earlier session left unsaved would be missing in the records.
    request(graph_->store, caf::infinite, flush_state{})
        .then([this](const flushed& done) { done.failure ? end() : begin_scan(); },
              [this](const caf::error&) { end(); });
    return {
        [this](job_result<sweep_pool>& done) { on_job(done); },
        [this](const reply& answer) { on_reply(answer); },
        [this](const stop_sweep& how) {
          for (auto& [slot, node] : asked_)
            tell(this, graph_->shard_of(node), drop{node, slot, how.gentle});
          quit();
        },
    };
  }

private:
  void submit(sweep_pool::input what) {
    ++jobs_;
    offered_.emplace(++ticket_, std::move(what));
    unanswered_.insert(ticket_);
    send(graph_->sweepers, job_offer{ticket_, {origin_, 0}});
  }

  void send_job(std::uint64_t ticket) {
    if (auto job = offered_.extract(ticket))
      send(graph_->sweepers,
           job_request<sweep_pool>{ticket, {origin_, 0}, std::move(job.mapped())});
  }

  void begin_scan() {
    auto parts = static_cast<std::uint32_t>(graph_->shards.size());
    for (std::uint32_t i = 0; i < parts; ++i)
      submit(scan_records{i, parts});
  }

  void on_job(job_result<sweep_pool>& done) {
    unanswered_.erase(done.ticket);
    if (!done.what)
      return end();
    --jobs_;
    if (auto* part = std::get_if<scanned_records>(&*done.what)) {
      parts_.push_back(std::move(*part));
      if (jobs_ == 0)
        begin_look();
    } else {
      auto& looked = std::get<looked_at_leaves>(*done.what);
      for (auto leaf : looked.changed)
        facts_->changed(leaf);
      for (auto& [node, record] : looked.refreshed)
        send(graph_->store, save_record{node, std::move(record)});
      if (jobs_ == 0)
        verify();
    }
  }

  void begin_look() {
    // Only now: every key that these records name is interned.
    auto& facts = facts_.emplace(graph_->names->size());
    for (auto& part : parts_)
      facts.add(part.rows, std::move(part.edges));
    parts_.clear();
    facts.reach(root_);
    auto leaves = facts.leaves();
    // In the order of the ids neighbours lie together in the database, and mostly in folders.
    for (std::size_t i = 0; i < leaves.size(); i += leaves_per_job) {
      auto end = std::min(leaves.size(), i + leaves_per_job);
      submit(look_at_leaves{{leaves.begin() + static_cast<std::ptrdiff_t>(i),
                             leaves.begin() + static_cast<std::ptrdiff_t>(end)}});
    }
    if (jobs_ == 0)
      verify();
  }

  template <class Message>
  void tell_shards(Message what) {
    auto shared = caf::make_message(std::move(what));
    for (auto& shard : graph_->shards)
      shard->enqueue(caf::strong_actor_ptr{ctrl()}, caf::make_message_id(), shared, context());
  }

  void verify() {
    tell_shards(leaves_swept{revision_, facts_->holding_outputs()});
    count();
    go_on(facts_->begin());
  }

  void on_reply(const reply& answer) {
    auto i = asked_.find(answer.slot);
    if (i == asked_.end())
      return;
    auto node = i->second;
    asked_.erase(i);
    go_on(facts_->answered(node, answer.output.prefix()));
  }

  void go_on(verifier::step next) {
    if (!next.cleared.empty())
      tell_shards(cleared{revision_, std::move(next.cleared)});
    if (next.done)
      return end();
    waiting_.insert(waiting_.end(), next.ask.begin(), next.ask.end());
    while (!waiting_.empty() && asked_.size() < most_asked) {
      auto node = waiting_.back();
      waiting_.pop_back();
      asked_.emplace(++slot_, node);
      tell(this, graph_->shard_of(node), question{node, slot_, revision_, false, 0, 0, origin_});
    }
  }

  /// Tells the hub how many more nodes hold than it knows of.
  void count() {
    if (!facts_)
      return;
    auto now = facts_->holding();
    send(graph_->hub, nodes_hold{now.nodes - told_.nodes, now.steps - told_.steps});
    told_ = now;
  }

  void end() {
    count();
    tell(this, client_, swept{round_});
    quit();
  }

  wiring_ptr graph_;
  caf::strong_actor_ptr client_;
  key_id root_;
  std::uint64_t revision_;
  std::uint32_t round_;
  job_origin origin_;
  std::vector<scanned_records> parts_; // until all are there
  std::optional<verifier> facts_;
  verifier::counts told_;
  std::uint64_t jobs_ = 0;                                       // under way
  std::unordered_map<std::uint64_t, sweep_pool::input> offered_; // by ticket, until there is credit
  std::unordered_set<std::uint64_t> unanswered_;
  std::uint64_t ticket_ = 0;
  std::vector<key_id> waiting_;
  std::unordered_map<std::uint32_t, key_id> asked_; // by slot
  std::uint32_t slot_ = 0;
};

} // namespace

sweep_actor spawn_sweep(caf::actor_system& system, wiring_ptr graph, caf::strong_actor_ptr client,
                        key_id root, std::uint64_t revision, std::uint32_t round,
                        job_origin origin) {
  return system.spawn<sweep>(std::move(graph), std::move(client), root, revision, round, origin);
}

} // namespace zako
