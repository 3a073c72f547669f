// The main thread as a listener: it receives the session's events and answer, and draws.
#include "apps/zako/engine_run.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>

#include "actors/cgroup.hpp"
#include "actors/editor_types.hpp"
#include "actors/engine.hpp"
#include "actors/machine.hpp"
#include "actors/scheduler.hpp"
#include "actors/workers/child.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/display/report.hpp"
#include "apps/zako/display/resources.hpp"
#include "apps/zako/display/status.hpp"
#include "apps/zako/trace_file.hpp"

namespace zako {

namespace {

constexpr const char* loopback = "127.0.0.1"; // metrics are for this machine only

/// As many threads as cores; nothing read from files or the command line, nothing logged.
struct system_config : caf::actor_system_config {
  explicit system_config(std::uint16_t metrics_port) {
    if (metrics_port != 0) {
      load<caf::io::middleman>();
      set("caf.middleman.prometheus-http.port", metrics_port);
      set("caf.middleman.prometheus-http.address", loopback);
    }
    use_graph_scheduler(*this);
    set("caf.scheduler.max-threads", static_cast<std::size_t>(look_at_machine().cores));
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

result<engine_actor> open_engine(caf::actor_system& system, const engine_question& question,
                                 const warnings& warn, stop_signal& stop) {
  return when_unlocked(stop, [&] {
    engine_options options;
    options.workspace = question.where.workspace;
    options.settings = question.settings;
    options.options = question.options;
    options.purpose = question.purpose;
    options.kinds = question.kinds;
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

session_report show_until_answered(caf::scoped_actor& self, status& display,
                                   const engine_question& question,
                                   std::optional<trace_file>& trace, const stop_signal& stop) {
  auto output = question.output;
  session_report report;
  bool answered = false;
  self->receive_while([&] { return !answered; })(
      [&](const notice& x) {
        if (stop.stopped())
          display.stopping();
        auto now = now_ns();
        auto* printed = std::get_if<script_printed>(&x.what);
        if (printed && question.on_print)
          question.on_print(*printed);
        else
          write_all(output, display.on(x.what, now));
        if (trace) {
          trace->on(x.what, now);
          trace->sample(self->system(), now);
        }
      },
      [&](session_report& x) {
        report = std::move(x);
        answered = true;
      },
      caf::after(std::chrono::nanoseconds(redraw_interval)) >>
          [&] {
            display.resize(width_of_terminal(output, 80));
            write_all(output, display.tick(now_ns()));
            if (trace)
              trace->sample(self->system(), now_ns());
          });
  write_all(output, display.finish());
  return report;
}

/// The actor system of this process, which is never taken down: a thread that a script has cost the
/// process (scripting/script_host.hpp, `lost`) never ends, and a system waits for its threads. What
/// must not be lost is safe once the engine has answered `close_engine`.
caf::actor_system& process_system(std::uint16_t metrics_port = 0) {
  struct lasting {
    system_config config;
    caf::actor_system system{config};
    explicit lasting(std::uint16_t metrics_port) : config(metrics_port) {}
  };
  init_types();
  if (metrics_port != 0)
    caf::io::middleman::init_global_meta_objects();
  static auto* only = new lasting{metrics_port};
  return only->system;
}

/// The actor system says nothing when the port is not to be had.
result<void> can_listen(std::uint16_t port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int yes = 1; // as the actor system does it: what was served just before does not count
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bool good = fd >= 0 && ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
              ::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
              ::listen(fd, 1) == 0;
  int why = errno;
  if (fd >= 0)
    ::close(fd);
  if (good)
    return {};
  return fail(errc::io,
              fmt::format("cannot serve metrics on port {}: {}", port, std::strerror(why)),
              "choose another port");
}

/// "given back in 3 rounds (2 pressure, 1 idle): 34 MB, 120 nodes"
std::string garbage_text(const garbage_totals& x) {
  std::uint64_t rounds = 0, bytes = 0;
  std::string causes, parts;
  for (auto& [cause, count] : x.rounds) {
    rounds += count;
    causes += fmt::format("{}{} {}", causes.empty() ? "" : ", ", count, cause);
  }
  for (auto& [part, freed] : x.freed)
    if (part != "resident" && freed > 0) {
      bytes += freed;
      parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", part, size_of(freed));
    }
  if (rounds == 0)
    return "nothing given back by the last build";
  return fmt::format("given back by the last build in {} ({}): {}{}, {}", count_of(rounds, "round"),
                     causes, size_of(bytes), parts.empty() ? "" : " (" + parts + ")",
                     count_of(x.nodes, "node"));
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
  std::optional<trace_file> trace;
  if (!question.trace.empty()) {
    auto file = trace_file::open(question.trace, question.purpose, begin);
    if (!file) {
      out.root = fail(std::move(file.error()));
      return out;
    }
    trace.emplace(std::move(*file));
  }
  auto metrics_port =
      static_cast<std::uint16_t>(question.settings.find("metrics.port").value_or(0));
  if (metrics_port != 0)
    if (auto can = can_listen(metrics_port); !can) {
      out.root = fail(std::move(can.error()));
      return out;
    }
  auto& system = process_system(metrics_port);
  caf::scoped_actor self{system};
  warnings warn;
  auto engine = open_engine(system, question, warn, stop);
  if (!engine) {
    out.interrupted = stop.stopped();
    out.root = fail(std::move(engine.error()));
    return out;
  }
  refresh_types(question.where.workspace);
  auto session = open(self, *engine, question.keep_going);
  if (!session) {
    out.root = fail(std::move(session.error()));
  } else {
    status display{screen_of(question.output), question.detail, begin};
    auto asker = ask_for(system, *session, question.root, caf::actor_cast<caf::actor>(self));
    stop.when_stopped(
        [asker] { caf::anon_send(asker, cancel_session{"interrupted by the user"}); });
    auto report = show_until_answered(self, display, question, trace, stop);
    stop.when_stopped({});
    out.root = std::move(report.root);
    out.totals = report.totals;
    out.shown_failures = display.shown_failures();
    *session = nullptr;
  }
  close(self, *engine);
  if (trace)
    trace->finish(system, now_ns());
  out.run_ns = now_ns() - begin;
  out.interrupted = stop.stopped() && !out.root;
  return out;
}

result<std::string> engine_text(const place& where, const engine_settings& settings, bool resources,
                                stop_signal& stop) {
  auto& system = process_system();
  caf::scoped_actor self{system};
  warnings warn;
  engine_question question;
  question.where = where;
  question.settings = settings;
  question.purpose = "zako info";
  auto engine = open_engine(system, question, warn, stop);
  if (!engine)
    return fail(std::move(engine.error()));
  result<std::string> out = std::string();
  auto no_answer = [&](const caf::error& why) { out = fail(lost("the engine", why)); };
  engine_info info;
  self->request(*engine, caf::infinite, ask_info{})
      .receive([&](engine_info& x) { info = std::move(x); }, no_answer);
  if (out && !resources)
    out = fmt::format("workspace  {}\n"
                      "state      {} ({} in {})\n"
                      "cache      {} ({})\n"
                      "cpus       {}\n"
                      "memory     {}\n",
                      info.workspace, info.state_folder, count_of(info.nodes_stored, "node"),
                      size_of(info.state_bytes), info.cache_folder, size_of(info.cache_bytes),
                      info.settings.at("resources.cpu"), garbage_text(info.garbage));
  if (out && resources)
    self->request(*engine, caf::infinite, ask_resources{})
        .receive(
            [&](const resource_report& x) {
              out = resources_text(x.resources, cgroups{}.refusal(), info.settings);
            },
            no_answer);
  close(self, *engine);
  return out;
}

} // namespace zako
