// Leases through messages: slots that know their holders, and holders that end in any way.
#include <cstdlib>
#include <random>

#include <catch2/catch.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include "actors/resources.hpp"
#include "actors/scheduler.hpp"
#include "actors/tell.hpp"
#include "engine_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

need exact(const char* name, std::uint64_t n) {
  return {name, n, n, false};
}

/// A broker in a system of its own, asked by the test's own actor.
class counter_desk {
public:
  explicit counter_desk(const std::vector<resource_limits>& resources) {
    init_types();
    use_graph_scheduler(config_);
    config_.set("caf.scheduler.max-threads", std::size_t{2});
    system_ = std::make_unique<caf::actor_system>(config_);
    self_ = std::make_unique<caf::scoped_actor>(*system_);
    broker = spawn_resources(*system_, resources);
  }
  ~counter_desk() {
    self()->send(broker, pool_close{});
    broker = nullptr;
    self_.reset();
  }

  caf::scoped_actor& self() { return *self_; }
  caf::actor_system& system() { return *system_; }

  void ask(std::uint64_t ticket, std::vector<need> needs, bool lendable = false) {
    tell(self_->ptr(), target(),
         lease_request{ticket, std::move(needs), job_priority::normal, lendable});
  }
  void end(std::uint64_t ticket) { tell(self_->ptr(), target(), lease_end{ticket}); }
  template <class Message>
  Message get() {
    std::optional<Message> got;
    self()->receive([&](Message& x) { got = std::move(x); },
                    caf::after(std::chrono::seconds(20)) >> [] { FAIL("nothing came"); });
    return std::move(*got);
  }
  resource_state state(std::size_t i = 0) {
    resource_state out;
    self()
        ->request(broker, caf::infinite, ask_resources{})
        .receive([&](resource_report& x) { out = x.resources.at(i); },
                 [](const caf::error&) { FAIL("ask_resources"); });
    return out;
  }
  /// What the slots of a resource say for themselves.
  std::vector<slot_state> slots(const char* name) {
    std::vector<slot_state> out;
    resource_slots all;
    self()
        ->request(broker, caf::infinite, ask_slots{name})
        .receive([&](resource_slots& x) { all = std::move(x); },
                 [](const caf::error&) { FAIL("ask_slots"); });
    for (auto& x : all.slots)
      self()
          ->request(x, caf::infinite, ask_slot{})
          .receive([&](slot_state& y) { out.push_back(std::move(y)); },
                   [](const caf::error&) { FAIL("ask_slot"); });
    return out;
  }
  caf::strong_actor_ptr target() { return caf::actor_cast<caf::strong_actor_ptr>(broker); }

  resource_actor broker;

private:
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<caf::scoped_actor> self_;
};

std::size_t held_by(const std::vector<slot_state>& slots, const caf::actor_addr& who) {
  return static_cast<std::size_t>(
      std::count_if(slots.begin(), slots.end(), [&](auto& x) { return x.holder == who; }));
}

/// Asks for `needs` as soon as it lives, and ends as it is told.
caf::actor spawn_holder(counter_desk& desk, std::vector<need> needs, const caf::actor& listener) {
  return desk.system().spawn(
      [broker = desk.target(), needs, listener](caf::event_based_actor* self) -> caf::behavior {
        tell(self, broker, lease_request{1, needs, job_priority::normal, false});
        self->set_exception_handler([](std::exception_ptr&) { return caf::sec::runtime_error; });
        return {[self, listener](lease_granted& x) { self->send(listener, std::move(x)); },
                [self](pool_close) { self->quit(); },
                [](job_cancel) { throw std::runtime_error("a crash"); }};
      });
}

} // namespace

TEST_CASE("slots know who holds them, and are free again when the lease has ended") {
  counter_desk desk({{"cpu", 3, 0, 1}, {"memory", 256, 0, 64}});
  desk.ask(1, {exact("memory", 100), exact("cpu", 2)});
  CHECK(desk.get<lease_granted>().amounts == std::vector<std::uint64_t>{128, 2});
  auto me = desk.self()->address();
  CHECK(held_by(desk.slots("cpu"), me) == 2);
  CHECK(held_by(desk.slots("memory"), me) == 2);
  desk.end(1);
  CHECK(held_by(desk.slots("cpu"), nullptr) == 3);
  CHECK(held_by(desk.slots("memory"), nullptr) == 4);
  CHECK(desk.state().held == 0);
}

TEST_CASE("a lease ends with its holder: told to quit, crashed, or killed while it waits") {
  counter_desk desk({{"cpu", 2, 0, 1}});
  auto listener = caf::actor_cast<caf::actor>(caf::strong_actor_ptr{desk.self()->ctrl()});
  auto quits = spawn_holder(desk, {exact("cpu", 1)}, listener);
  desk.get<lease_granted>();
  auto crashes = spawn_holder(desk, {exact("cpu", 1)}, listener);
  desk.get<lease_granted>();
  auto waits = spawn_holder(desk, {exact("cpu", 2)}, listener);
  while (desk.state().waiting == 0)
    std::this_thread::yield();
  desk.ask(1, {exact("cpu", 2)}); // behind the one that waits
  CHECK(held_by(desk.slots("cpu"), crashes->address()) == 1);
  caf::anon_send(crashes, job_cancel{});
  caf::anon_send_exit(waits, caf::exit_reason::kill);
  caf::anon_send(quits, pool_close{});
  CHECK(desk.get<lease_granted>().ticket == 1);
  CHECK(held_by(desk.slots("cpu"), desk.self()->address()) == 2);
  desk.end(1);
  CHECK(desk.state().held == 0);
}

TEST_CASE("what can never be is refused, and what is not wanted any more is withdrawn") {
  counter_desk desk({{"cpu", 2, 0, 1}});
  desk.ask(1, {exact("cpu", 3)});
  auto refused = desk.get<lease_refused>();
  CHECK(refused.ticket == 1);
  CHECK_THAT(refused.why.message, Catch::Contains("there are 2"));
  desk.ask(1, {exact("cpu", 2)});
  desk.get<lease_granted>();
  desk.ask(2, {exact("cpu", 1)});
  desk.end(2);
  CHECK(desk.state().waiting == 0);
  desk.end(1);
  CHECK(desk.state().granted == 1);
}

TEST_CASE("a lender is asked for its lease when somebody waits") {
  counter_desk desk({{"cpu", 1, 0, 1}});
  desk.ask(1, {exact("cpu", 1)}, true);
  desk.get<lease_granted>();
  desk.ask(2, {exact("cpu", 1)});
  CHECK(desk.get<lease_recall>().ticket == 1);
  desk.end(1);
  CHECK(desk.get<lease_granted>().ticket == 2);
}

TEST_CASE("metrics show what is free, held and waited for, and are back at 0 when all is over") {
  counter_desk desk({{"gpu", 4, 0, 1}});
  auto gauge = [&](caf::string_view name) {
    return desk.system()
        .metrics()
        .gauge_family("zako.resource", name, {"resource"}, "")
        ->get_or_add({{"resource", "gpu"}})
        ->value();
  };
  desk.ask(1, {exact("gpu", 3)});
  desk.get<lease_granted>();
  desk.ask(2, {exact("gpu", 2)});
  desk.state();
  CHECK(gauge("free") == 1);
  CHECK(gauge("held") == 3);
  CHECK(gauge("waiting") == 1);
  desk.end(1);
  desk.get<lease_granted>();
  CHECK(desk.system()
            .metrics()
            .counter_family("zako.resource", "granted", {"resource"}, "", "1", true)
            ->get_or_add({{"resource", "gpu"}})
            ->value() == 2);
  desk.self()->monitor(desk.broker);
  desk.self()->send(desk.broker, pool_close{});
  desk.get<caf::down_msg>();
  CHECK(gauge("free") == 0);
  CHECK(gauge("held") == 0);
}

TEST_CASE("holders that ask, withdraw, end and crash at random leave nothing behind") {
  auto* text = std::getenv("ZAKO_LEASE_SEED");
  auto seed = text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 1u;
  INFO("ZAKO_LEASE_SEED=" << seed);
  std::mt19937 random(seed);
  counter_desk desk({{"cpu", 4, 0, 1}, {"memory", 640, 128, 64}});
  constexpr int holders = 2000;
  constexpr unsigned tickets = 5;
  std::vector<caf::actor> kept; // the others end when they have nothing to read
  for (int i = 0; i < holders; ++i) {
    auto own = random();
    auto holder = desk.system().spawn(
        [broker = desk.target(), own](caf::event_based_actor* self) -> caf::behavior {
          self->set_exception_handler([](std::exception_ptr&) { return caf::sec::runtime_error; });
          for (std::uint64_t t = 0; t < tickets; ++t)
            tell(self, broker,
                 lease_request{t,
                               {{"memory", 1 + (own >> t) % 300, 400, (own >> t) % 2 == 0},
                                {"cpu", 1 + (own >> (t + 3)) % 4, 4, false}},
                               static_cast<job_priority>((own >> t) % 3),
                               (own >> t) % 5 == 0});
          auto left = std::make_shared<unsigned>(own % tickets); // so many go well
          return {[=](const lease_granted& x) {
                    if ((*left)-- == 0)
                      throw std::runtime_error("a crash");
                    tell(self, broker, lease_end{x.ticket});
                    tell(self, broker, lease_end{(x.ticket + 1) % tickets}); // held or not
                  },
                  [=](const lease_recall& x) { tell(self, broker, lease_end{x.ticket}); }};
        });
    if (random() % 4 == 0)
      caf::anon_send_exit(holder, caf::exit_reason::kill);
    else if (random() % 2 == 0)
      kept.push_back(holder);
  }
  auto begin = std::chrono::steady_clock::now();
  auto idle = [](const resource_state& x) { return x.held == 0 && x.waiting == 0; };
  while (!idle(desk.state(0)) || !idle(desk.state(1))) {
    REQUIRE(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  CHECK(desk.state(0).granted >= kept.size()); // each of these gets one at least
  CHECK(held_by(desk.slots("cpu"), nullptr) == 4);
  CHECK(held_by(desk.slots("memory"), nullptr) == 12);
}
