// Leases of one unit: asked for, granted and given back, through the broker and its slots.
#include <algorithm>
#include <chrono>
#include <thread>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <fmt/format.h>

#include "actors/engine.hpp"
#include "actors/resources.hpp"
#include "actors/scheduler.hpp"
#include "actors/tell.hpp"
#include "test/bench/benchmark.hpp"

namespace zako::bench {

namespace {

constexpr unsigned default_pairs = 1'000'000;
constexpr unsigned runs = 5;
constexpr std::uint64_t uncontended_clients = 2;
constexpr std::uint64_t leases_each = 32; // of an uncontended client, at one moment
constexpr std::uint64_t waiters = 10'000;

/// Takes and gives back leases of one unit until its share is done, with so many at one moment.
class client : public caf::event_based_actor {
public:
  client(caf::actor_config& config, resource_actor broker, std::uint64_t pairs, std::uint64_t open,
         caf::actor done)
      : caf::event_based_actor(config), broker_(caf::actor_cast<caf::strong_actor_ptr>(broker)),
        left_(pairs), open_(std::min(open, pairs)), done_(std::move(done)) {}
  void on_exit() override {
    broker_ = nullptr;
    done_ = nullptr;
  }

protected:
  caf::behavior make_behavior() override {
    for (std::uint64_t i = 0; i < open_; ++i)
      ask(i);
    return {[this](const lease_granted& lease) {
      tell(this, broker_, lease_end{lease.ticket});
      --left_;
      if (left_ >= open_)
        return ask(lease.ticket);
      if (left_ == 0) {
        send(done_, closed{});
        quit();
      }
    }};
  }

private:
  void ask(std::uint64_t ticket) {
    tell(this, broker_, lease_request{ticket, {{"cpu", 1, 1, false}}, job_priority::normal, false});
  }

  caf::strong_actor_ptr broker_;
  std::uint64_t left_, open_;
  caf::actor done_;
};

/// Pairs a second.
double measure(std::uint64_t clients, std::uint64_t each_open, std::uint64_t slots,
               std::uint64_t pairs) {
  init_types();
  caf::actor_system_config config;
  use_graph_scheduler(config);
  config.set("caf.scheduler.max-threads",
             static_cast<std::size_t>(std::max(1u, std::thread::hardware_concurrency())));
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  auto broker = spawn_resources(system, {{"cpu", slots, 0, 1}, {"memory", 8u << 20, 0, 1u << 20}});
  auto begin = std::chrono::steady_clock::now();
  auto done = caf::actor_cast<caf::actor>(caf::strong_actor_ptr{self->ctrl()});
  std::vector<caf::actor> all; // nobody else holds them while they wait
  for (std::uint64_t i = 0; i < clients; ++i)
    all.push_back(system.spawn<client>(broker, pairs / clients, each_open, done));
  std::uint64_t ended = 0;
  self->receive_while([&] { return ended < clients; })([&](closed) { ++ended; });
  // The last leases have come back when the broker answers after them.
  self->request(broker, caf::infinite, ask_resources{})
      .receive(
          [&](const resource_report& x) {
            if (x.resources[0].granted != pairs / clients * clients || x.resources[0].held != 0)
              throw failure("some leases were not granted, or did not come back");
          },
          [](const caf::error& why) { throw failure(caf::to_string(why)); });
  auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  self->send(broker, pool_close{});
  return static_cast<double>(pairs) / seconds;
}

} // namespace

void resources(const settings& given, report& out) {
  auto pairs = std::uint64_t{given.size == 0 ? default_pairs : given.size};
  if (pairs < waiters)
    throw failure(fmt::format("--size takes {} or more", waiters));
  out.note(fmt::format(
      "a pair is a request, a lease of one cpu, and its end: five messages, two of them to the "
      "slot's actor.\n  Uncontended: {} clients with {} leases at one moment, and slots for all. "
      "Contended: {} clients, two\n  slots. From the first request to the last end.",
      uncontended_clients, leases_each, waiters));
  std::vector<double> free, contended;
  for (unsigned i = 0; i < runs; ++i) {
    free.push_back(
        measure(uncontended_clients, leases_each, uncontended_clients * leases_each, pairs));
    contended.push_back(measure(waiters, 1, 2, pairs));
  }
  out.row("uncontended", free, "pairs/s");
  out.row(fmt::format("{} waiters", waiters), contended, "pairs/s");
  out.metric("pairs_per_s", median(free), 0, "1/s");
  out.metric("pairs_contended_per_s", median(contended), 0, "1/s");
}

} // namespace zako::bench
