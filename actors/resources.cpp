// The resource actor and its slots.
#include "actors/resources.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <vector>

#include <caf/typed_event_based_actor.hpp>

#include "actors/tell.hpp"

namespace zako {

namespace {

/// One slot: free, or held by one actor.
class slot : public slot_actor::base {
public:
  slot(caf::actor_config& config, caf::strong_actor_ptr owner)
      : slot_actor::base(config), owner_(std::move(owner)) {
    set_down_handler([this](caf::down_msg& down) {
      if (holder_ && down.source == holder_)
        become_free();
    });
  }
  void on_exit() override { owner_ = nullptr; }

protected:
  behavior_type make_behavior() override {
    return {
        [this](const caf::strong_actor_ptr& holder) {
          holder_ = holder->address();
          monitor(holder_);
        },
        [this](slot_release) {
          if (holder_) {
            demonitor(holder_);
            become_free();
          }
        },
    };
  }

private:
  void become_free() {
    holder_ = nullptr;
    tell(this, owner_, slot_free{});
  }

  caf::strong_actor_ptr owner_;
  caf::actor_addr holder_;
};

class resource : public resource_actor::base {
public:
  resource(caf::actor_config& config, std::uint32_t slots)
      : resource_actor::base(config), count_(slots) {
    set_down_handler([this](caf::down_msg& down) { holder_lost(down.source); });
  }
  void on_exit() override {
    for (auto& x : slots_)
      send_exit(x, caf::exit_reason::user_shutdown);
    slots_.clear();
    free_.clear();
    leases_.clear();
    waiting_.clear();
  }

protected:
  behavior_type make_behavior() override {
    for (std::uint32_t i = 0; i < count_; ++i) {
      slots_.push_back(spawn<slot>(caf::strong_actor_ptr{ctrl()}));
      free_.push_back(slots_.back());
    }
    return {
        [this](const lease_request& wish) {
          auto client = current_sender();
          if (wish.count > count_)
            return tell(this, client, lease_refused{wish.ticket, count_});
          monitor(client->address());
          waiting_.push_back({std::move(client), wish});
          grant();
        },
        [this](const lease_end& end) {
          finish({current_sender()->address(), end.ticket});
        },
        [this](slot_free) {
          free_.push_back(caf::actor_cast<slot_actor>(current_sender()));
          grant();
        },
        [this](pool_close) { quit(); },
    };
  }

private:
  struct waiter {
    caf::strong_actor_ptr client;
    lease_request wish;
  };
  using lease_name = std::pair<caf::actor_addr, std::uint64_t>;

  void grant() {
    while (!waiting_.empty() && waiting_.front().wish.count <= free_.size()) {
      auto next = std::move(waiting_.front());
      waiting_.pop_front();
      auto& held = leases_[{next.client->address(), next.wish.ticket}];
      for (std::uint32_t i = 0; i < next.wish.count; ++i) {
        held.push_back(free_.back());
        free_.pop_back();
        send(held.back(), next.client);
      }
      tell(this, next.client, lease_granted{next.wish.ticket});
    }
  }

  void finish(const lease_name& name) {
    std::erase_if(waiting_, [&](auto& x) {
      return x.client->address() == name.first && x.wish.ticket == name.second;
    });
    if (auto i = leases_.find(name); i != leases_.end()) {
      for (auto& x : i->second)
        send(x, slot_release{});
      leases_.erase(i);
    }
    demonitor(name.first);
    grant();
  }

  /// The slots notice by themselves that their holder is gone; only the books are put right here.
  void holder_lost(const caf::actor_addr& who) {
    std::erase_if(waiting_, [&](auto& x) { return x.client->address() == who; });
    std::erase_if(leases_, [&](auto& x) { return x.first.first == who; });
    grant();
  }

  std::uint32_t count_;
  std::vector<slot_actor> slots_;
  std::vector<slot_actor> free_;
  std::map<lease_name, std::vector<slot_actor>> leases_;
  std::deque<waiter> waiting_;
};

} // namespace

resource_actor spawn_cpu_slots(caf::actor_system& system, std::uint32_t slots) {
  return system.spawn<resource>(slots);
}

} // namespace zako
