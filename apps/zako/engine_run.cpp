// The main thread as a listener: it receives the session's events and answer, and draws.
#include "apps/zako/engine_run.hpp"

#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>

#include "actors/engine.hpp"
#include "actors/scheduler.hpp"
#include "actors/workers/child.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/display/report.hpp"
#include "apps/zako/display/status.hpp"

namespace zako {

namespace {

/// As many threads as cores; nothing read from files or the command line, nothing logged.
struct system_config : caf::actor_system_config {
  system_config() {
    use_graph_scheduler(*this);
    set("caf.scheduler.max-threads",
        static_cast<std::size_t>(std::max(1u, std::thread::hardware_concurrency())));
  }
};

/// What an engine warns of, from any thread, until it can be shown between two lines of progress.
class warnings {
public:
  [[nodiscard]] std::function<void(const error&)> collector() const {
    return [all = all_](const error& why) {
      std::scoped_lock hold{all->lock};
      if (all->known.insert(why.message).second && ++all->count <= most_shown)
        all->text += warning_text(screen_of(STDERR_FILENO), why);
    };
  }
  ~warnings() {
    std::scoped_lock hold{all_->lock};
    if (all_->count > most_shown)
      all_->text += fmt::format("warning: and {} more; 'zako verify' lists what is damaged\n",
                                all_->count - most_shown);
    write_all(STDERR_FILENO, all_->text);
  }

private:
  static constexpr std::size_t most_shown = 10;
  struct texts {
    std::mutex lock;
    std::set<std::string> known; // a record may be met more than once
    std::size_t count = 0;
    std::string text;
  };
  std::shared_ptr<texts> all_ = std::make_shared<texts>();
};

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

error lost(const char* what, const caf::error& why) {
  error e;
  e.code = errc::internal;
  e.message = fmt::format("{} ended without an answer: {}", what, caf::to_string(why));
  e.remedy = "run the command again; if this comes back, report it with this message";
  return e;
}

result<engine_actor> open_engine(caf::actor_system& system, const place& where, std::uint32_t jobs,
                                 const std::string& purpose, const warnings& warn,
                                 stop_signal& stop) {
  return when_unlocked(stop, [&] {
    engine_options options;
    options.workspace = where.workspace;
    options.cpus = jobs;
    options.purpose = purpose;
    options.on_warning = warn.collector();
    return spawn_engine(system, std::move(options));
  });
}

void close(caf::scoped_actor& self, const engine_actor& engine) {
  self->request(engine, caf::infinite, close_engine{}).receive([] {}, [](const caf::error&) {});
}

result<session_actor> open(caf::scoped_actor& self, const engine_actor& engine, bool keep_going) {
  result<session_actor> out = fail(errc::internal, "no session");
  self->request(engine, caf::infinite, open_session{{.keep_going = keep_going}},
                caf::actor_cast<listener_actor>(caf::strong_actor_ptr{self.address().get(), true}))
      .receive([&](session_actor session) { out = std::move(session); },
               [&](const caf::error& why) { out = fail(lost("the engine", why)); });
  return out;
}

/// Asks on behalf of the main thread, so that the answer comes between the events and not instead
/// of them. What is sent to the returned actor goes on to the session, after the question.
caf::actor ask_for(caf::actor_system& system, const session_actor& session, const key& root,
                   const caf::actor& asker) {
  return system.spawn([session, root, asker](caf::event_based_actor* self) -> caf::behavior {
    auto answer = [self, asker](session_report report) {
      self->send(asker, std::move(report));
      self->quit();
    };
    self->request(session, caf::infinite, root)
        .then([answer](session_report& report) { answer(std::move(report)); },
              [answer](const caf::error& why) {
                session_report report;
                report.root = fail(lost("the session", why));
                answer(std::move(report));
              });
    return {[self, session](const cancel_session& why) { self->send(session, why); }};
  });
}

session_report show_until_answered(caf::scoped_actor& self, status& display, int output,
                                   const stop_signal& stop) {
  session_report report;
  bool answered = false;
  self->receive_while([&] { return !answered; })(
      [&](const notice& x) {
        if (stop.stopped())
          display.stopping();
        write_all(output, display.on(x.what, now_ns()));
      },
      [&](session_report& x) {
        report = std::move(x);
        answered = true;
      },
      caf::after(std::chrono::nanoseconds(redraw_interval)) >>
          [&] {
            display.resize(width_of_terminal(output, 80));
            write_all(output, display.tick(now_ns()));
          });
  write_all(output, display.finish());
  return report;
}

/// The actor system of this process, which is never taken down: a thread that a script has cost the
/// process (scripting/script_host.hpp, `lost`) never ends, and a system waits for its threads. What
/// must not be lost is safe once the engine has answered `close_engine`.
caf::actor_system& process_system() {
  struct lasting {
    system_config config;
    caf::actor_system system{config};
  };
  init_types();
  static auto* only = new lasting;
  return only->system;
}

} // namespace

void tell_waiting(const error& locked) {
  write_all(STDERR_FILENO, "waiting: " + locked.message + "\n");
}

void kill_programs() {
  child_watcher::kill_all();
}

engine_answer ask_engine(const engine_question& question, stop_signal& stop) {
  auto begin = now_ns();
  engine_answer out;
  auto& system = process_system();
  caf::scoped_actor self{system};
  warnings warn;
  auto engine = open_engine(system, question.where, question.jobs, question.purpose, warn, stop);
  if (!engine) {
    out.interrupted = stop.stopped();
    out.root = fail(std::move(engine.error()));
    return out;
  }
  auto session = open(self, *engine, question.keep_going);
  if (!session) {
    out.root = fail(std::move(session.error()));
  } else {
    status display{screen_of(question.output), question.detail, begin};
    auto asker = ask_for(system, *session, question.root, caf::actor_cast<caf::actor>(self));
    stop.when_stopped(
        [asker] { caf::anon_send(asker, cancel_session{"interrupted by the user"}); });
    auto report = show_until_answered(self, display, question.output, stop);
    stop.when_stopped({});
    out.root = std::move(report.root);
    out.totals = report.totals;
    out.shown_failures = display.shown_failures();
    *session = nullptr;
  }
  close(self, *engine);
  out.run_ns = now_ns() - begin;
  out.interrupted = stop.stopped() && !out.root;
  return out;
}

result<std::string> engine_text(const place& where, std::uint32_t jobs, stop_signal& stop) {
  auto& system = process_system();
  caf::scoped_actor self{system};
  warnings warn;
  auto engine = open_engine(system, where, jobs, "zako info", warn, stop);
  if (!engine)
    return fail(std::move(engine.error()));
  result<std::string> out = fail(errc::internal, "no answer");
  self->request(*engine, caf::infinite, ask_info{})
      .receive(
          [&](const engine_info& x) {
            out =
                fmt::format("workspace  {}\n"
                            "state      {} ({} in {})\n"
                            "cache      {} ({})\n"
                            "cpus       {}\n",
                            x.workspace, x.state_folder, count_of(x.nodes_stored, "node"),
                            size_of(x.state_bytes), x.cache_folder, size_of(x.cache_bytes), x.cpus);
          },
          [&](const caf::error& why) { out = fail(lost("the engine", why)); });
  close(self, *engine);
  return out;
}

} // namespace zako
