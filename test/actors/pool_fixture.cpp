// Workers, clients, and the simulated system around them.
#include "pool_fixture.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <stdexcept>

namespace zako::test {

namespace {

result<int> outcome_of(const errand& job) {
  if (job.end == errand::how::throws)
    throw std::runtime_error("errand " + std::to_string(job.number) + " threw");
  if (job.end == errand::how::bad)
    return fail(errc::action_failed, "errand " + std::to_string(job.number) + " failed");
  return job.number;
}

/// A worker whose job takes time: it waits for a message to itself.
class slow_worker : public worker_handle<errand_pool>::base {
public:
  slow_worker(caf::actor_config& config, pool_handle<errand_pool> owner,
              std::shared_ptr<workshop> shared)
      : worker_handle<errand_pool>::base(config), owner_(std::move(owner)),
        shared_(std::move(shared)) {
    good_ = shared_->enter();
    set_default_handler([this](caf::scheduled_actor*, caf::message& what) {
      if (what.match_elements<session_tick>()) // here: the errand's time is over
        finish();
      else if (what.match_elements<lease_granted>())
        on_granted(what.get_as<lease_granted>(0).ticket);
      else if (what.match_elements<lease_refused>())
        on_refused(what.get_as<lease_refused>(0));
      return caf::skippable_result{caf::message{}};
    });
  }
  void on_exit() override {
    shared_->leave();
    shared_.reset(); // it knows this worker
    owner_ = nullptr;
    client_ = nullptr;
  }

protected:
  behavior_type make_behavior() override {
    if (!good_) {
      send(owner_, worker_failed{fail(errc::io, "no tools").value()});
      quit(caf::sec::runtime_error);
    } else {
      send(owner_, worker_ready{});
    }
    return {
        [this](const caf::strong_actor_ptr& client, job_request<errand_pool>& job) {
          assert(!client_ && "a worker has one job at a time");
          client_ = client;
          job_ = std::move(job);
          if (!job_.what.needs.empty()) {
            due_ = {};
            ++lease_;
            return send(shared_->broker,
                        lease_request{lease_, job_.what.needs, job_priority::normal, false});
          }
          work();
        },
        [this](const job_cancel& why) {
          if (client_ && !why.gentle)
            answer(fail(errc::cancelled, why.reason));
        },
        [this](const collect_garbage& how) {
          send(owner_, garbage_freed{1, how.round});
        },
        [this](pool_close) {
          if (client_)
            answer(fail(errc::cancelled, "closed"));
          quit();
        },
    };
  }

private:
  void on_granted(std::uint64_t ticket) {
    if (client_ && ticket == lease_)
      work();
  }
  void on_refused(const lease_refused& x) {
    if (client_ && x.ticket == lease_)
      answer(tl::unexpected(x.why));
  }
  void work() {
    due_ = clock().now() + std::chrono::milliseconds{job_.what.takes_ms};
    remind(this, std::chrono::milliseconds{job_.what.takes_ms}, session_tick{});
  }
  void finish() {
    if (!client_ || due_ == caf::actor_clock::time_point{} || clock().now() < due_)
      return; // of a job that was cancelled
    if (job_.what.end == errand::how::throws)
      return quit(caf::sec::runtime_error); // without a word
    answer(outcome_of(job_.what));
  }
  void answer(result<int> what) {
    shared_->did(job_.what.number);
    if (!job_.what.needs.empty())
      send(shared_->broker, lease_end{lease_});
    tell(this, std::exchange(client_, nullptr),
         job_result<errand_pool>{job_.ticket, job_.about, std::move(what)});
    send(owner_, worker_ready{});
  }

  pool_handle<errand_pool> owner_;
  std::shared_ptr<workshop> shared_;
  bool good_ = true;
  caf::strong_actor_ptr client_;
  job_request<errand_pool> job_;
  caf::actor_clock::time_point due_; // 0: it has no lease yet
  std::uint64_t lease_ = 0;
};

caf::behavior client_behavior(caf::event_based_actor* self,
                              const std::shared_ptr<client_book>& book,
                              const pool_handle<errand_pool>& pool) {
  return {
      [self, book, pool](const job_credit& x) {
        book->credits.push_back(x.ticket);
        if (book->slow)
          return;
        if (auto job = book->offered.extract(x.ticket))
          tell(self, caf::actor_cast<caf::strong_actor_ptr>(pool),
               job_request<errand_pool>{x.ticket, book->contexts[x.ticket], job.mapped()});
      },
      [book](const job_result<errand_pool>& x) {
        book->answers[x.ticket].push_back(x.what);
        book->contexts[x.ticket] = x.about;
        book->offered.erase(x.ticket);
      },
  };
}

} // namespace

unsigned from_environment(const char* name, unsigned fallback) {
  const char* text = std::getenv(name);
  return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : fallback;
}

bool workshop::enter() {
  auto now = ++alive;
  for (auto most = most_alive_.load(); now > most;)
    if (most_alive_.compare_exchange_weak(most, now))
      break;
  for (auto left = failing_inits.load(); left > 0;)
    if (failing_inits.compare_exchange_weak(left, left - 1))
      return false;
  return true;
}

void workshop::did(int number) {
  std::lock_guard hold{lock_};
  done_.push_back(number);
}

std::vector<int> workshop::done() const {
  std::lock_guard hold{lock_};
  return done_;
}

void workshop::add(caf::actor slow_worker) {
  std::lock_guard hold{lock_};
  slow_workers_.push_back(std::move(slow_worker));
}

caf::actor workshop::any(unsigned chance) const {
  std::lock_guard hold{lock_};
  return slow_workers_.empty() ? caf::actor{} : slow_workers_[chance % slow_workers_.size()];
}

std::size_t workshop::started() const {
  std::lock_guard hold{lock_};
  return slow_workers_.size();
}

errand_behaviour::~errand_behaviour() {
  if (shared)
    shared->leave();
}

result<void> errand_behaviour::init(const context& from) {
  shared = from;
  if (!shared->enter())
    return fail(errc::io, "no tools");
  return {};
}

result<int> errand_behaviour::process(errand&& job, const job_control&) {
  auto out = outcome_of(job);
  shared->did(job.number);
  return out;
}

pool_handle<errand_pool> spawn_slow_pool(caf::actor_system& system,
                                         const std::shared_ptr<workshop>& shared,
                                         pool_limits limits, unsigned retries) {
  auto spawn_worker = [&system, shared](pool_handle<errand_pool> owner,
                                        const std::shared_ptr<job_stop>&) {
    auto worker = system.spawn<slow_worker>(std::move(owner), shared);
    shared->add(caf::actor_cast<caf::actor>(worker));
    return worker;
  };
  return system.spawn<pool_actor<errand_pool>>(limits, spawn_worker, retries);
}

simulation::simulation() {
  config_.set("caf.scheduler.policy", "testing");
  system_ = std::make_unique<caf::actor_system>(config_);
  jobs_ = dynamic_cast<caf::scheduler::test_coordinator*>(&system_->scheduler());
  REQUIRE(jobs_ != nullptr);
  system_->await_actors_before_shutdown(false); // a test that fails leaves some
}

simulation::~simulation() {
  settle();
}

void simulation::settle() {
  while (jobs_->try_run_once()) {
  }
}

void simulation::settle(std::mt19937& random, std::size_t most) {
  for (std::size_t n = 0; n < most && !jobs_->jobs.empty(); ++n) {
    auto chosen = jobs_->jobs.begin() + static_cast<std::ptrdiff_t>(random() % jobs_->jobs.size());
    std::rotate(jobs_->jobs.begin(), chosen, chosen + 1);
    jobs_->run_once();
  }
}

void simulation::pass(std::chrono::milliseconds time) {
  settle();
  // In steps, so that what is set in motion at one moment happens before the next.
  auto step = std::max(time / 50, std::chrono::milliseconds{1});
  for (auto passed = std::chrono::milliseconds{0}; passed < time; passed += step) {
    jobs_->advance_time(step);
    settle();
  }
}

caf::actor simulation::spawn_client(const std::shared_ptr<client_book>& book,
                                    const pool_handle<errand_pool>& pool) {
  return system_->spawn<caf::lazy_init>(client_behavior, book, pool);
}

void simulation::offer(const caf::actor& client, const std::shared_ptr<client_book>& book,
                       const pool_handle<errand_pool>& pool, std::uint64_t ticket, errand what,
                       job_context about) {
  book->offered[ticket] = what;
  book->contexts[ticket] = about;
  send_from(client, pool, job_offer{ticket, about});
}

bool simulation::alive(const caf::actor_addr& who) const {
  auto strong = caf::actor_cast<caf::strong_actor_ptr>(who);
  return strong &&
         !static_cast<caf::monitorable_actor*>(caf::actor_cast<caf::abstract_actor*>(strong))
              ->getf(caf::abstract_actor::is_terminated_flag);
}

void simulation::close(pool_handle<errand_pool>& pool, bool drain) {
  caf::anon_send(pool, pool_close{drain});
  settle();
  for (int i = 0; i < (drain ? 100 : 1) && alive(pool.address()); ++i)
    pass(std::chrono::seconds{20});
  if (alive(pool.address())) {
    auto now = ask(pool);
    FAIL_CHECK("the pool does not end, drain "
               << drain << ": in line " << now.in_line << ", credits " << now.credits << ", queued "
               << now.queued << ", busy " << now.busy << ", idle " << now.idle);
  }
  pool = nullptr;
}

} // namespace zako::test
