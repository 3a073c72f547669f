// Counts and passes on.
#include "actors/graph/hub.hpp"

#include <vector>

#include <caf/typed_event_based_actor.hpp>

#include "actors/tell.hpp"

namespace zako {

namespace {

class hub : public hub_actor::base {
public:
  hub(caf::actor_config& config, std::shared_ptr<const graph_totals> nodes)
      : hub_actor::base(config), nodes_(std::move(nodes)) {}

protected:
  behavior_type make_behavior() override {
    return {
        [this](const notice& what) { pass_on(what.what); },
        [this](action_wanted) {
          ++totals_.actions_known;
          pass_on(totals());
        },
        [this](const action_outcome& done) {
          ++(done.ran ? totals_.nodes_computed : totals_.nodes_verified);
          if (done.ran)
            ++(done.failure ? totals_.actions_failed : totals_.actions_run);
          else if (!done.failure)
            ++totals_.actions_reused;
          pass_on(totals());
          // Whoever else wants the step hears of it from its own root.
          for (auto& x : subscribers_)
            if (static_cast<std::uint32_t>(x->id()) == done.session)
              tell(this, x, done);
        },
        [this](script_ran) {
          ++totals_.scripts_run;
          pass_on(totals());
        },
        [this](const nodes_hold& more) {
          totals_.nodes_verified += static_cast<std::uint32_t>(more.nodes);
          totals_.actions_known += static_cast<std::uint32_t>(more.steps);
          totals_.actions_reused += static_cast<std::uint32_t>(more.steps);
          pass_on(totals());
        },
        [this](watch_sessions) {
          watcher_ = current_sender();
          if (!subscribers_.empty())
            tell(this, watcher_, sessions_busy{true});
        },
        [this](subscribe) {
          if (subscribers_.empty()) {
            totals_ = {};
            since_ = count_nodes();
          }
          subscribers_.push_back(current_sender());
          if (subscribers_.size() == 1)
            tell(this, watcher_, sessions_busy{true});
          return static_cast<std::uint32_t>(subscribers_.size());
        },
        [this](unsubscribe) {
          if (std::erase(subscribers_, current_sender()) > 0 && subscribers_.empty())
            tell(this, watcher_, sessions_busy{false});
          return totals();
        },
    };
  }

  void on_exit() override {
    subscribers_.clear();
    watcher_ = nullptr;
  }

private:
  [[nodiscard]] progress count_nodes() const {
    progress out;
    out.nodes_computed = static_cast<std::uint32_t>(nodes_->computed.load());
    out.nodes_verified = static_cast<std::uint32_t>(nodes_->verified.load());
    return out;
  }
  /// With what the nodes have counted since the first subscriber came.
  [[nodiscard]] progress totals() const {
    auto out = totals_;
    auto now = count_nodes();
    out.nodes_computed += now.nodes_computed - since_.nodes_computed;
    out.nodes_verified += now.nodes_verified - since_.nodes_verified;
    return out;
  }
  void pass_on(event what) {
    for (auto& x : subscribers_)
      tell(this, x, notice{what});
  }

  std::shared_ptr<const graph_totals> nodes_;
  progress totals_; // from messages
  progress since_;  // what the nodes had counted when the totals began
  std::vector<caf::strong_actor_ptr> subscribers_;
  caf::strong_actor_ptr watcher_; // of whether there are any
};

} // namespace

hub_actor spawn_hub(caf::actor_system& system, std::shared_ptr<const graph_totals> totals) {
  return system.spawn<hub>(std::move(totals));
}

} // namespace zako
