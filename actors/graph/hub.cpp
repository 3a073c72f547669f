// Counts and passes on.
#include "actors/graph/hub.hpp"

#include <vector>

#include <caf/typed_event_based_actor.hpp>

#include "actors/tell.hpp"

namespace zako {

namespace {

class hub : public hub_actor::base {
public:
  explicit hub(caf::actor_config& config) : hub_actor::base(config) {}

protected:
  behavior_type make_behavior() override {
    return {
        [this](const notice& what) { pass_on(what.what); },
        [this](action_wanted) {
          ++totals_.actions_known;
          pass_on(totals_);
        },
        [this](const action_outcome& done) {
          ++(done.ran ? totals_.nodes_computed : totals_.nodes_verified);
          if (done.ran)
            ++(done.failure ? totals_.actions_failed : totals_.actions_run);
          else if (!done.failure)
            ++totals_.actions_reused;
          pass_on(totals_);
          // With several sessions nobody knows here whose step it was: each hears of its failures
          // from its own root.
          if (subscribers_.size() == 1)
            tell(this, subscribers_.front(), done);
        },
        [this](const node_outcome& done) {
          ++(done.computed ? totals_.nodes_computed : totals_.nodes_verified);
          if (done.script) {
            ++totals_.scripts_run;
            pass_on(totals_);
          }
        },
        [this](const nodes_hold& more) {
          totals_.nodes_verified += static_cast<std::uint32_t>(more.nodes);
          totals_.actions_known += static_cast<std::uint32_t>(more.steps);
          totals_.actions_reused += static_cast<std::uint32_t>(more.steps);
          pass_on(totals_);
        },
        [this](subscribe) {
          if (subscribers_.empty())
            totals_ = {};
          subscribers_.push_back(current_sender());
          return static_cast<std::uint32_t>(subscribers_.size());
        },
        [this](unsubscribe) {
          std::erase(subscribers_, current_sender());
          return totals_;
        },
    };
  }

  void on_exit() override { subscribers_.clear(); }

private:
  void pass_on(event what) {
    for (auto& x : subscribers_)
      tell(this, x, notice{what});
  }

  progress totals_;
  std::vector<caf::strong_actor_ptr> subscribers_;
};

} // namespace

hub_actor spawn_hub(caf::actor_system& system) {
  return system.spawn<hub>();
}

} // namespace zako
