// The broker, its slots, and what they show as metrics.
#include "actors/resources.hpp"

#include <array>
#include <cassert>
#include <chrono>
#include <unordered_map>
#include <vector>

#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/lean_actor.hpp"
#include "actors/tell.hpp"

namespace zako {

namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// One slot: free, or held by one actor. Only its broker takes and releases it.
class slot final : public lean_actor {
public:
  slot(caf::actor_config& config, std::string resource) : lean_actor(config) {
    now_.resource = std::move(resource);
  }

protected:
  void receive(caf::mailbox_element_ptr& element, caf::execution_unit* host) override {
    auto& what = element->payload;
    if (what.match_elements<slot_take>()) {
      assert(now_.holder == nullptr && "a slot is taken twice");
      auto& taken = what.get_as<slot_take>(0);
      now_.holder = taken.holder;
      now_.ticket = taken.ticket;
    } else if (what.match_elements<slot_release>()) {
      assert(now_.holder != nullptr && "a free slot is released");
      now_.holder = nullptr;
      now_.ticket = 0;
    } else if (what.match_elements<ask_slot>() && element->sender) {
      element->sender->enqueue(caf::strong_actor_ptr{ctrl()}, element->mid.response_id(),
                               caf::make_message(now_), host);
    }
  }

private:
  slot_state now_;
};

/// The metrics of one resource. Several engines of a system add up.
class resource_metrics {
public:
  resource_metrics(caf::telemetry::metric_registry& all, const std::string& resource) {
    auto gauge = [&](caf::string_view name, caf::string_view help) {
      return all.gauge_family("zako.resource", name, {"resource"}, help)
          ->get_or_add({{"resource", resource}});
    };
    free_ = gauge("free", "Units that nobody holds");
    held_ = gauge("held", "Units that are held");
    waiting_ = gauge("waiting", "Requests that wait");
    granted_ =
        all.counter_family("zako.resource", "granted", {"resource"}, "Requests granted", "1", true)
            ->get_or_add({{"resource", resource}});
    static constexpr std::array bounds{0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0};
    waited_ = all.histogram_family<double>("zako.resource", "waiting-time", {"resource"}, bounds,
                                           "Time from the request to its lease", "seconds")
                  ->get_or_add({{"resource", resource}});
  }

  void show(const resource_state& now) {
    set(free_, shown_.free, now.free());
    set(held_, shown_.held, now.held);
    set(waiting_, shown_.waiting, now.waiting);
  }
  void granted(std::int64_t waited_ns) {
    granted_->inc();
    waited_->observe(static_cast<double>(waited_ns) / 1e9);
  }
  /// The engine has closed: nothing of it is there any more.
  void withdraw() {
    set(free_, shown_.free, 0);
    set(held_, shown_.held, 0);
    set(waiting_, shown_.waiting, 0);
  }

private:
  static void set(caf::telemetry::int_gauge* to, std::int64_t& shown, std::uint64_t now) {
    auto value = static_cast<std::int64_t>(now);
    if (value == shown)
      return;
    to->inc(value - shown);
    shown = value;
  }

  caf::telemetry::int_gauge *free_, *held_, *waiting_;
  caf::telemetry::int_counter* granted_;
  caf::telemetry::dbl_histogram* waited_;
  struct {
    std::int64_t free = 0, held = 0, waiting = 0;
  } shown_;
};

class broker : public resource_actor::base {
public:
  broker(caf::actor_config& config, const std::vector<resource_limits>& resources)
      : resource_actor::base(config), book_(resources, {}) {
    set_down_handler([this](caf::down_msg& down) { lost(down.source); });
    for (auto& x : resources)
      metrics_.emplace_back(system().metrics(), x.name);
    slots_.resize(book_.slot_count());
    show();
  }

  void on_exit() override {
    for (auto& x : metrics_)
      x.withdraw();
    slots_.clear();
    holders_.clear();
  }

protected:
  behavior_type make_behavior() override {
    return {
        [this](const lease_request& wish) {
          auto client = current_sender();
          if (!client) // nobody could be told
            return;
          auto done = book_.request({known(client), wish.ticket}, wish.needs, wish.priority,
                                    wish.lendable, now_ns(), changes_);
          if (!done)
            tell(this, client, lease_refused{wish.ticket, std::move(done.error())});
          settle();
        },
        [this](const lease_end& end) {
          book_.finish({number_of(current_sender().get()), end.ticket}, now_ns(), changes_);
          settle();
        },
        [this](ask_resources) {
          resource_report out;
          for (std::size_t i = 0; i < book_.resource_count(); ++i)
            out.resources.push_back(book_.state(i));
          return out;
        },
        [this](const ask_slots& which) {
          resource_slots out;
          for (std::uint32_t i = 0; i < slots_.size(); ++i)
            if (book_.state(book_.resource_of(i)).limits.name == which.resource)
              out.slots.push_back(caf::actor_cast<slot_actor>(slot_at(i)));
          return out;
        },
        [this](pool_close) { quit(); },
    };
  }

private:
  /// A holder's number in the book: the address of its control block, which stays its own as long
  /// as somebody refers to it, as `holders_` does.
  static std::uint64_t number_of(const caf::actor_control_block* holder) {
    return reinterpret_cast<std::uintptr_t>(holder);
  }

  /// Each holder is monitored once, from its first request until it terminates.
  std::uint64_t known(const caf::strong_actor_ptr& client) {
    auto number = number_of(client.get());
    if (auto [i, fresh] = holders_.try_emplace(number); fresh) {
      i->second = client->address();
      monitor(i->second);
    }
    return number;
  }

  void lost(const caf::actor_addr& who) {
    auto number = number_of(who.get());
    book_.holder_lost(number, now_ns(), changes_);
    settle();
    holders_.erase(number);
  }

  /// Slots are spawned when they are needed first: most machines have more memory than is asked
  /// for.
  const caf::strong_actor_ptr& slot_at(std::uint32_t number) {
    auto& x = slots_[number];
    if (!x)
      x = spawn_lean<slot>(system(), context(), book_.state(book_.resource_of(number)).limits.name);
    return x;
  }

  /// Tells everybody what has changed. A slot gets its messages in the order in which they are
  /// sent, so it may be granted again as soon as it was told that it is released.
  void settle() {
    for (auto slot : changes_.released)
      tell(this, slot_at(slot), slot_release{});
    for (auto& x : changes_.granted) {
      auto& holder = holders_.at(x.who.holder);
      auto last = book_.resource_count();
      for (auto slot : x.slots) {
        tell(this, slot_at(slot), slot_take{holder, x.who.ticket});
        if (auto at = book_.resource_of(slot); at != last) { // they come in the order of these
          metrics_[at].granted(x.waited_ns);
          last = at;
        }
      }
      tell(this, caf::actor_cast<caf::strong_actor_ptr>(holder),
           lease_granted{x.who.ticket, std::move(x.amounts)});
    }
    for (auto& x : changes_.recalled)
      tell(this, caf::actor_cast<caf::strong_actor_ptr>(holders_.at(x.holder)),
           lease_recall{x.ticket});
    changes_.clear();
    show();
  }

  void show() {
    for (std::size_t i = 0; i < metrics_.size(); ++i)
      metrics_[i].show(book_.state(i));
  }

  lease_book book_;
  lease_changes changes_;
  std::vector<resource_metrics> metrics_; // by resource
  std::vector<caf::strong_actor_ptr> slots_;
  std::unordered_map<std::uint64_t, caf::actor_addr> holders_;
};

} // namespace

resource_actor spawn_resources(caf::actor_system& system,
                               const std::vector<resource_limits>& resources) {
  return system.spawn<broker>(resources);
}

} // namespace zako
