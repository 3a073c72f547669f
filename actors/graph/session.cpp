// The work of one client.
#include "actors/graph/session.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <unordered_map>
#include <vector>

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/graph/ring.hpp"
#include "actors/graph/sweep.hpp"
#include "actors/tell.hpp"

namespace zako {

namespace {

using namespace std::chrono_literals;

constexpr auto first_look = 50ms;      // when nothing moved for so long, look for a cycle, then
constexpr auto longest_look = 1000ms;  // twice as long after each look that finds none
constexpr auto stop_patience = 3000ms; // how long a stopping session waits for children and records

/// Revisions are moments: whatever was verified later than the client asked is fresh enough for it.
std::uint64_t revision_now() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

class session : public session_actor::base {
public:
  session(caf::actor_config& config, wiring_ptr graph, session_options options,
          listener_actor listener)
      : session_actor::base(config), graph_(std::move(graph)), options_(options),
        listener_(std::move(listener)) {
    // Plain messages that are no part of the client's interface.
    set_default_handler([this](caf::scheduled_actor*, caf::message& what) {
      receive(what);
      return caf::skippable_result{caf::message{}};
    });
  }

  void on_exit() override {
    // A busy session refers to itself, so it can only end by an exit message; an idle one has
    // nobody to tell.
    if (state_ != state::idle) {
      withdraw(false);
      tell(this, caf::actor_cast<caf::strong_actor_ptr>(graph_->hub), unsubscribe{});
    }
    sweep_ = nullptr;
    graph_.reset();
    listener_ = nullptr;
    self_ = nullptr;
  }

protected:
  behavior_type make_behavior() override {
    return {
        [this](key& root) -> caf::result<session_report> {
          if (closing_)
            return session_report{fail(errc::cancelled, "the engine is closing"), {}};
          if (state_ != state::idle)
            return session_report{fail(errc::invalid_argument,
                                       "the session is busy with another root",
                                       "wait for its answer, or open another session"),
                                  {}};
          begin(std::move(root));
          client_ = make_response_promise<session_report>();
          return client_;
        },
        [this](const cancel_session& why) { cancel(why.reason); },
    };
  }

private:
  enum class state : std::uint8_t {
    idle,      // no root
    waiting,   // for the sweep, then for the root's answer
    stopping,  // the root was withdrawn; children and records come to an end
    finishing, // the store makes everything durable
  };

  void receive(caf::message& what) {
    if (what.match_elements<reply>()) {
      if (state_ == state::waiting && what.get_as<reply>(0).slot == slot_) {
        report_.root = what.get_as<reply>(0).what.get();
        end();
      }
    } else if (what.match_elements<swept>()) {
      if (state_ == state::waiting && sweep_ && what.get_as<swept>(0).round == slot_)
        ask_root();
    } else if (what.match_elements<notice>())
      on_notice(what.get_as<notice>(0));
    else if (what.match_elements<action_outcome>())
      on_action(what.get_as<action_outcome>(0));
    else if (what.match_elements<session_tick>())
      on_tick();
    else if (what.match_elements<pool_close>()) {
      closing_ = true;
      cancel("the engine is closing");
    } else if (what.match_elements<waits>())
      on_waits(what.get_as<waits>(0));
  }

  void cancel(const std::string& reason) {
    if (state_ == state::idle)
      return;
    report_.root = fail(errc::cancelled, reason);
    if (state_ == state::waiting)
      stop(false);
    else if (state_ == state::stopping)
      end(); // it was dropped before, and hears of the end of programs no more
  }

  void begin(key root) {
    self_ = caf::strong_actor_ptr{ctrl()};
    root_ = graph_->names->find_or_add(root.text());
    ++slot_;
    report_ = {};
    running_.clear();
    started_ = ended_ = 0;
    failures_.clear();
    stopped_early_ = false;
    state_ = state::waiting;
    revision_ = revision_now();
    request(graph_->hub, caf::infinite, subscribe{})
        .then([this, round = slot_](std::uint32_t sessions) {
          if (state_ != state::waiting || round != slot_)
            return;
          // While others compute, stored records are behind: their nodes know better.
          if (graph_->store && sessions == 1)
            sweep_ = spawn_sweep(system(), graph_, self_, root_, revision_, slot_, origin());
          else
            ask_root();
        });
    moved();
    if (!ticking_)
      tick();
  }

  [[nodiscard]] job_origin origin() const {
    return {static_cast<std::uint32_t>(id()), options_.priority};
  }

  void ask_root() {
    sweep_ = nullptr;
    asked_root_ = true;
    tell(this, graph_->shard_of(root_), question{root_, slot_, revision_, true, 0, 0, origin()});
    moved();
  }

  void on_notice(const notice& what) {
    if (auto* x = std::get_if<action_started>(&what.what)) {
      if (x->session == origin().session || x->session == 0) {
        running_.insert(x->id);
        ++started_;
      }
    } else if (auto* y = std::get_if<action_finished>(&what.what)) {
      running_.erase(y->id);
    } else if (auto* z = std::get_if<progress>(&what.what)) {
      report_.totals = *z;
    }
    moved();
    if (listener_)
      send(listener_, what);
  }

  void on_action(const action_outcome& done) {
    ended_ += done.ran ? 1 : 0;
    if (done.failure && done.failure->code != errc::cancelled) {
      failures_.push_back(*done.failure);
      if (state_ == state::waiting && !options_.keep_going) {
        report_.root = tl::unexpected(failures_.front());
        stopped_early_ = true;
        stop(true);
      }
    }
    if (state_ == state::stopping && running_.empty() && ended_ >= started_)
      end();
  }

  /// Withdraws the root and lets what runs come to its end: by itself when `gentle`, by signal
  /// otherwise.
  void stop(bool gentle) {
    withdraw(gentle);
    gentle_ = gentle;
    state_ = state::stopping;
    stopped_at_ = std::chrono::steady_clock::now();
    if (running_.empty())
      end();
  }

  void withdraw(bool gentle) {
    if (sweep_)
      send(std::exchange(sweep_, nullptr), stop_sweep{gentle});
    if (std::exchange(asked_root_, false))
      tell(this, graph_->shard_of(root_), drop{root_, slot_, gentle});
  }

  void end() {
    state_ = state::finishing;
    if (!graph_->store)
      return deliver(std::nullopt);
    if (stores(root_)) // without a record it would keep others' from being collected
      send(graph_->store, root_asked{root_});
    request(graph_->store, caf::infinite, flush_state{})
        .then([this](const flushed& done) { deliver(done.failure); },
              [this](const caf::error&) {
                deliver(fail(errc::io, "the state could not be saved").value());
              });
  }

  [[nodiscard]] bool stores(key_id node) const {
    auto text = graph_->names->text(node);
    auto* row = graph_->kinds->find(text.substr(0, text.find(':')));
    return !row || row->stored;
  }

  void deliver(std::optional<error> unsaved) {
    if (stopped_early_ && !report_.root && report_.root.error().code != errc::cancelled)
      report_.root = tl::unexpected(sum_up());
    if (unsaved && report_.root)
      report_.root = tl::unexpected(std::move(*unsaved));
    // The hub's answer has the last totals: everything that the nodes told it came before this.
    request(graph_->hub, caf::infinite, unsubscribe{})
        .then([this](const progress& totals) { answer(totals); },
              [this](const caf::error&) { answer(report_.totals); });
  }

  void answer(const progress& totals) {
    report_.totals = totals;
    state_ = state::idle;
    self_ = nullptr;
    client_.deliver(std::move(report_));
  }

  /// All failures that came in until everything had stopped, each once.
  error sum_up() {
    std::vector<error> unique;
    for (auto& x : failures_)
      if (std::find(unique.begin(), unique.end(), x) == unique.end())
        unique.push_back(x);
    if (unique.size() == 1)
      return unique.front();
    auto all = fail(errc::dependency, std::to_string(unique.size()) + " actions failed").value();
    all.causes = std::move(unique);
    return all;
  }

  // -- watching over the root
  // -----------------------------------------------------------------------------------------

  void moved() {
    next_look_ = std::chrono::steady_clock::now() + first_look;
    pause_ = first_look;
  }

  void tick() {
    ticking_ = true;
    remind(this, first_look, session_tick{});
  }

  void on_tick() {
    ticking_ = false;
    auto now = std::chrono::steady_clock::now();
    if (state_ == state::stopping &&
        (running_.empty() || (!gentle_ && now - stopped_at_ > stop_patience)))
      return end();
    if (state_ == state::idle || state_ == state::finishing)
      return;
    if (auto begun = graph_->totals->begun + graph_->totals->computed + graph_->totals->verified;
        begun != seen_moves_) {
      seen_moves_ = begun;
      moved();
    }
    if (state_ == state::waiting && running_.empty() && now >= next_look_) {
      look_for_cycle();
      pause_ = std::min<std::chrono::steady_clock::duration>(2 * pause_, longest_look);
      next_look_ = now + pause_;
    }
    tick();
  }

  void look_for_cycle() {
    ++round_;
    waits_for_.clear();
    shards_heard_ = nodes_expected_ = nodes_heard_ = 0;
    for (auto& shard : graph_->shards)
      tell(this, shard, report_waits{round_});
  }

  void on_waits(const waits& x) {
    if (x.round != round_ || state_ != state::waiting)
      return;
    if (!x.node) {
      ++shards_heard_;
      nodes_expected_ += x.count;
    } else {
      ++nodes_heard_;
      if (!x.on.empty())
        waits_for_.emplace(*x.node, x.on);
    }
    if (shards_heard_ < graph_->shards.size() || nodes_heard_ < nodes_expected_)
      return;
    // Within one revision a node that was answered never asks that question again, so a ring in
    // these reports is a ring in the graph, although they were not made at one moment.
    auto ring = find_ring(waits_for_);
    if (ring.empty())
      return;
    std::vector<key> path;
    for (auto id : ring)
      path.push_back(key::from_text(std::string(graph_->names->text(id))));
    auto why = cycle_error(path);
    for (auto id : ring)
      tell(this, graph_->shard_of(id), break_cycle{id, why});
  }

  wiring_ptr graph_;
  session_options options_;
  caf::strong_actor_ptr self_; // while it has a root: a client may forget it meanwhile
  bool closing_ = false;       // the engine is: nobody would answer a question
  listener_actor listener_;
  state state_ = state::idle;
  caf::typed_response_promise<session_report> client_;
  session_report report_;

  key_id root_;
  std::uint64_t revision_ = 0;
  std::uint32_t slot_ = 0;
  sweep_actor sweep_; // while it works for the root
  bool asked_root_ = false;
  std::set<std::uint64_t> running_; // actions, by id
  std::uint64_t started_ = 0;
  std::uint64_t ended_ = 0;
  std::vector<error> failures_;
  bool stopped_early_ = false; // because of the first of them
  std::chrono::steady_clock::time_point stopped_at_;
  bool gentle_ = false; // what runs may come to its end

  bool ticking_ = false;
  std::uint64_t seen_moves_ = 0; // of nodes, at the last tick
  std::chrono::steady_clock::time_point next_look_;
  std::chrono::steady_clock::duration pause_{};
  std::uint64_t round_ = 0;
  std::unordered_map<key_id, std::vector<key_id>> waits_for_;
  std::size_t shards_heard_ = 0;
  std::uint64_t nodes_expected_ = 0;
  std::uint64_t nodes_heard_ = 0;
};

} // namespace

session_actor spawn_session(caf::actor_system& system, wiring_ptr graph, session_options options,
                            listener_actor listener) {
  return system.spawn<session>(std::move(graph), options, std::move(listener));
}

} // namespace zako
