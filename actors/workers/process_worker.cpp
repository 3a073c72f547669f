// Runs programs.
#include "actors/workers/process_worker.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <caf/typed_event_based_actor.hpp>

#include "actors/tell.hpp"
#include "actors/workers/holders.hpp"
#include "actors/workers/jobserver.hpp"
#include "engine/depfile.hpp"

namespace zako {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t text_limit = 4u << 20; // of captured output that is kept
constexpr std::uint64_t depfile_limit = 64u << 20;

/// A file descriptor that closes itself.
class unique_fd {
public:
  explicit unique_fd(int fd = -1) : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  unique_fd& operator=(unique_fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~unique_fd() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

private:
  int fd_;
};

/// A nameless file for captured output, appended to by both streams: on the disk, or in memory
/// where the folder's file system has no nameless files.
unique_fd open_capture(const std::string& folder) {
  unique_fd fd;
  if (!folder.empty())
    fd = unique_fd{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600)};
  if (!fd.valid())
    fd = unique_fd{::memfd_create("zako-output", MFD_CLOEXEC)};
  return fd;
}

/// What a file takes in memory or on the disk.
std::uint64_t room_of(int fd) {
  constexpr std::uint64_t block = 512; // as stat(2) counts
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? static_cast<std::uint64_t>(info.st_blocks) * block : 0;
}

std::string read_capture(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0)
    return {};
  auto size = static_cast<std::size_t>(info.st_size);
  std::string text(std::min(size, text_limit), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    auto n = ::pread(fd, text.data() + have, text.size() - have, static_cast<off_t>(have));
    if (n <= 0)
      break;
    have += static_cast<std::size_t>(n);
  }
  text.resize(have);
  if (size > text_limit)
    text +=
        "\n[" + std::to_string(size - text_limit) + " more bytes were printed and are not kept]\n";
  return text;
}

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// An id that no other worker of the process gives: the actor's own in the upper half.
std::uint64_t unique_id(std::uint64_t actor, std::uint64_t count) {
  return (actor << 24) | (count & 0xffffff);
}

/// A program runs on one core at least, unless it is said otherwise.
std::vector<need> needs_of(const command_job& job) {
  auto needs = job.needs;
  if (std::none_of(needs.begin(), needs.end(), [](auto& x) { return x.resource == cpu_resource; }))
    needs.push_back({std::string(cpu_resource), 1, 1, false});
  return needs;
}

class process_worker : public worker_handle<process_pool>::base {
public:
  using super = worker_handle<process_pool>::base;

  process_worker(caf::actor_config& config, pool_handle<process_pool> owner,
                 process_context context)
      : super(config), owner_(std::move(owner)), context_(std::move(context)) {
    set_default_handler([this](caf::scheduled_actor*, caf::message& what) {
      receive(what);
      return caf::skippable_result{caf::message{}};
    });
  }

  void on_exit() override {
    server_.reset();
    if (now_ == state::running) { // it was lost with its program, and nobody else ends that
      context_.watcher->signal(child_, SIGKILL);
      kill_strays(capture_.get(), mark_);
      if (!job_.title.empty())
        send(context_.hub, notice{action_finished{lease_, job_.title, 128 + SIGKILL, {}, {}}});
    }
    redirect_ = unique_fd{};
    group_.reset();
    owner_ = nullptr;
    client_ = nullptr;
    capture_ = unique_fd{};
    context_ = {};
  }

protected:
  super::behavior_type make_behavior() override {
    send(owner_, worker_ready{});
    return {
        [this](const caf::strong_actor_ptr& client, job_request<process_pool>& job) {
          client_ = client;
          ticket_ = job.ticket;
          about_ = job.about;
          job_ = std::move(job.what);
          lease_ = unique_id(id(), ++count_);
          cancelled_.reset();
          timed_out_ = false;
          now_ = state::waiting;
          tell(this, resources(),
               lease_request{lease_, needs_of(job_), job.about.origin.priority, false});
        },
        [this](const job_cancel& why) {
          if (now_ == state::waiting)
            finish(fail(errc::cancelled, why.reason));
          else if (now_ == state::running && !why.gentle)
            terminate(why.reason);
        },
        [this](const collect_garbage& how) {
          std::uint64_t freed = 0;
          if (now_ != state::running && capture_.valid()) {
            freed = room_of(capture_.get());
            capture_ = unique_fd{}; // the next program gets a new one
          }
          send(owner_, garbage_freed{freed, how.round});
        },
        [this](pool_close) {
          closing_ = true;
          if (now_ == state::idle)
            quit();
          else if (now_ == state::waiting)
            finish(fail(errc::cancelled, "the engine is closing"));
          else
            terminate("the engine is closing");
        },
    };
  }

private:
  enum class state : std::uint8_t {
    idle,
    waiting, // for its lease
    running, // its child lives
  };

  void receive(caf::message& what) {
    if (what.match_elements<lease_granted>()) {
      auto& x = what.get_as<lease_granted>(0);
      if (now_ == state::waiting && x.ticket == lease_)
        start(x.amounts);
      else if (server_ && x.ticket == wanted_slot_)
        lend_slot();
    } else if (what.match_elements<lease_recall>()) {
      if (server_)
        server_->recall(what.get_as<lease_recall>(0).ticket);
    } else if (what.match_elements<slot_returned>()) {
      tell(this, resources(), lease_end{what.get_as<slot_returned>(0).ticket});
    } else if (what.match_elements<lease_refused>()) {
      if (now_ == state::waiting && what.get_as<lease_refused>(0).ticket == lease_)
        finish(tl::unexpected(refused(what.get_as<lease_refused>(0).why)));
    } else if (what.match_elements<child_exited>()) {
      auto& x = what.get_as<child_exited>(0);
      if (now_ == state::running && x.ticket == lease_)
        ended(x);
    } else if (what.match_elements<child_overdue>()) {
      auto& x = what.get_as<child_overdue>(0);
      if (now_ != state::running || x.ticket != lease_)
        return;
      if (x.asked) {
        context_.watcher->signal(child_, SIGKILL);
      } else {
        timed_out_ = true;
        ask_to_end();
      }
    }
  }

  [[nodiscard]] error refused(error why) const {
    why.message = job_.title + " cannot run: " + why.message;
    return why;
  }

  /// What was granted is in the order of `needs_of`: what the job says first.
  void start(const std::vector<std::uint64_t>& granted) {
    if (auto ready = prepare(granted); !ready)
      return finish(tl::unexpected(std::move(ready.error())));
    child_options options{.argv = job_.what.argv,
                          .env = job_.what.env,
                          .folder = {},
                          .stdout_fd = {},
                          .stderr_fd = {},
                          .inherited_fds = {capture_.get()}}; // how kill_strays knows its family
    if (context_.leash_fd >= 0)
      options.inherited_fds.push_back(context_.leash_fd);
    if (group_)
      options.group_door_fd = group_->door_fd();
    if (server_) {
      auto& flags = options.env["MAKEFLAGS"];
      flags += (flags.empty() ? "" : " ") + server_->make_flags();
      for (int fd : server_->fds())
        options.inherited_fds.push_back(fd);
    }
    if (context_.files)
      options.folder = context_.files->root();
    options.stdout_fd = redirect_.valid() ? redirect_.get() : capture_.get();
    options.stderr_fd = capture_.get();
    started_wall_ = wall_ns();
    started_ = clock::now();
    mark_ = start_mark();
    auto self = caf::actor_cast<caf::actor>(caf::strong_actor_ptr{ctrl()});
    auto child = context_.watcher->start(options, [self, ticket = lease_](const child_end& how) {
      caf::anon_send(self, child_exited{ticket, how.status, how.cpu_ns, how.peak_bytes, how.alone});
    });
    if (!child)
      return finish(tl::unexpected(std::move(child.error())));
    child_ = *child;
    now_ = state::running;
    if (!job_.title.empty())
      send(context_.hub, notice{action_started{lease_, job_.title, about_.origin.session}});
    if (job_.what.timeout_s > 0)
      remind(std::chrono::seconds(job_.what.timeout_s), false);
    if (server_)
      want_slot();
  }

  /// How much memory the program may use, if it says so itself; 0: it does not. What others have
  /// estimated is no limit.
  [[nodiscard]] std::uint64_t memory_limit(const std::vector<std::uint64_t>& granted) const {
    for (std::size_t i = 0; i < job_.needs.size() && i < granted.size(); ++i)
      if (auto& x = job_.needs[i]; x.resource == memory_resource && !x.soft && x.most != everything)
        return std::min(granted[i], x.most); // slots may be larger than what is needed
    return 0;
  }

  /// The program has a slot for each core of its own lease but one, which it needs itself, and what
  /// nobody else wants: those are asked for one by one, and given back when somebody does.
  result<void> open_jobserver(const std::vector<std::uint64_t>& granted) {
    auto needs = needs_of(job_);
    std::uint64_t cores = 1;
    for (std::size_t i = 0; i < needs.size() && i < granted.size(); ++i)
      if (needs[i].resource == cpu_resource)
        cores = std::max<std::uint64_t>(1, granted[i]);
    auto self = caf::actor_cast<caf::actor>(caf::strong_actor_ptr{ctrl()});
    auto made = jobserver::open(
        cores - 1, [self](jobserver::lease back) { caf::anon_send(self, slot_returned{back}); });
    if (!made)
      return tl::unexpected(std::move(made.error()));
    server_ = std::move(*made);
    return {};
  }

  void want_slot() {
    wanted_slot_ = unique_id(id(), ++count_);
    tell(this, resources(),
         lease_request{wanted_slot_,
                       {{std::string(cpu_resource), 1, 1, false}},
                       job_priority::background,
                       true});
  }

  void lend_slot() {
    server_->lend(wanted_slot_);
    want_slot();
  }

  /// Whatever tokens the program had taken when it ended.
  void close_jobserver() {
    if (!server_)
      return;
    for (auto lease : server_->leases())
      tell(this, resources(), lease_end{lease});
    tell(this, resources(), lease_end{wanted_slot_});
    server_.reset();
  }

  [[nodiscard]] caf::strong_actor_ptr resources() const {
    return caf::actor_cast<caf::strong_actor_ptr>(context_.resources);
  }

  /// Clears the way for the outputs, and opens where the output goes; makes the program's limits.
  result<void> prepare(const std::vector<std::uint64_t>& granted) {
    if (auto limit = memory_limit(granted); limit > 0 && context_.groups)
      if (auto made = context_.groups->make(limit))
        group_.emplace(std::move(*made));
    if (job_.jobserver && context_.offer_jobserver)
      if (auto done = open_jobserver(granted); !done)
        return done;
    if (!context_.files && !(job_.what.outputs.empty() && job_.what.depfile.empty()))
      return fail(errc::invalid_argument,
                  "this engine has no workspace, and '" + job_.title + "' has output files",
                  "set engine_options::workspace");
    for (auto& x : job_.what.outputs) {
      if (auto done = context_.files->remove_all(x); !done)
        return done;
      auto slash = x.rfind('/');
      if (auto done =
              context_.files->make_folder(slash == std::string::npos ? "" : x.substr(0, slash));
          !done)
        return done;
    }
    if (!capture_.valid())
      capture_ = open_capture(context_.state_folder);
    redirect_ = unique_fd{};
    if (!capture_.valid())
      return fail(errc::io, std::string("cannot open a file for the output of a program: ") +
                                std::strerror(errno));
    if (!job_.what.stdout_path.empty()) {
      auto path = context_.files->absolute(job_.what.stdout_path);
      redirect_ = unique_fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
      if (!redirect_.valid())
        return fail(errc::io,
                    "cannot write '" + job_.what.stdout_path + "': " + std::strerror(errno));
    }
    return {};
  }

  void terminate(const std::string& reason) {
    if (!cancelled_)
      cancelled_ = reason;
    ask_to_end();
  }

  void ask_to_end() {
    context_.watcher->signal(child_, SIGTERM);
    remind(context_.grace, true);
  }

  void remind(clock::duration after, bool asked) {
    zako::remind(this, after, child_overdue{lease_, asked});
  }

  void ended(const child_exited& how) {
    // Whatever the program left running ends with it when the job was given up: its group has been
    // killed, but it may have begun other groups.
    if (cancelled_ || timed_out_)
      kill_strays(capture_.get(), mark_);
    close_jobserver();
    command_job::answer done;
    done.exit_code = WIFEXITED(how.status) ? WEXITSTATUS(how.status) : 128 + WTERMSIG(how.status);
    done.cpu_ns = how.cpu_ns;
    done.peak_bytes = how.peak_bytes;
    bool too_large = false;
    if (group_) {
      too_large = group_->ran_out_of_memory() && done.exit_code != 0;
      if (auto peak = group_->peak_bytes(); peak > 0)
        done.peak_bytes = peak;
      group_.reset(); // with whatever it has left running: that had the same limit
    }
    done.timed_out = timed_out_;
    done.started_ns = started_wall_;
    done.run_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - started_).count();
    done.text = read_capture(capture_.get());
    // It serves again when nobody is left who could write into it: a new file costs more than a
    // small program.
    if (!done.text.empty() || !how.alone || cancelled_ || timed_out_)
      capture_ = unique_fd{};
    if (cancelled_ || done.exit_code != 0)
      for (auto& path : job_.what.outputs) // nobody takes what is half-written for a result
        (void)context_.files->remove_all(path);
    if (!job_.title.empty())
      send(context_.hub,
           notice{action_finished{lease_, job_.title, done.exit_code, done.text, job_.what.argv,
                                  done.run_ns, done.cpu_ns, done.peak_bytes}});
    if (cancelled_)
      return finish(fail(errc::cancelled, *cancelled_));
    if (too_large)
      return finish(fail(out_of_memory(done)));
    if (done.exit_code == 0)
      if (auto kept = keep_results(done); !kept)
        return finish(tl::unexpected(std::move(kept.error())));
    finish(std::move(done));
  }

  /// With a cause that is what the program did, so that nobody keeps it for what will always be.
  [[nodiscard]] error out_of_memory(const command_job::answer& done) const {
    error e;
    e.code = errc::limit;
    for (auto& x : job_.needs)
      if (x.resource == memory_resource)
        e.message = job_.title + " used more than its " + amount_text(memory_resource, x.most);
    e.remedy = "raise 'memory' in the resources of the action";
    e.causes.push_back(fail(errc::action_failed,
                            "the system ended it: exit code " + std::to_string(done.exit_code))
                           .value());
    return e;
  }

  /// Takes the outputs into the content store and reads the dependency file. An output that was not
  /// made is left out.
  result<void> keep_results(command_job::answer& done) {
    for (auto& path : job_.what.outputs) {
      auto look = context_.files->look(path, std::nullopt, {});
      if (!look)
        return tl::unexpected(look.error());
      if (look->type != file_type::regular)
        continue;
      if (job_.store) {
        auto stored = context_.blobs->put_file(context_.files->absolute(path));
        if (!stored)
          return tl::unexpected(stored.error());
        if (stored->content != look->content)
          return fail(errc::io, "'" + path + "' changed after " + job_.title + " had ended",
                      "find out what else writes this file");
      }
      done.outputs.push_back(
          {path, look->content, look->print.size, look->executable, look->print});
    }
    if (!job_.what.depfile.empty()) {
      auto text = context_.files->read(job_.what.depfile, depfile_limit);
      if (text)
        done.discovered = parse_depfile(*text, context_.files->root());
      else if (text.error().code != errc::not_found)
        return tl::unexpected(text.error());
    }
    return {};
  }

  void finish(result<command_job::answer> what) {
    tell(this, resources(), lease_end{lease_});
    tell(this, std::exchange(client_, nullptr),
         job_result<process_pool>{ticket_, about_, std::move(what)});
    redirect_ = unique_fd{};
    group_.reset();
    close_jobserver();
    now_ = state::idle;
    send(owner_, worker_ready{}); // also when it ends: the job is answered
    if (closing_)
      quit();
  }

  pool_handle<process_pool> owner_;
  process_context context_;
  state now_ = state::idle;
  bool closing_ = false;

  caf::strong_actor_ptr client_;
  std::uint64_t ticket_ = 0;
  job_context about_;
  command_job job_;
  std::uint64_t lease_ = 0; // also names the child in messages, and the action in events
  std::uint64_t count_ = 0;
  child_id child_ = 0;     // while it is running
  std::uint64_t mark_ = 0; // when it was started, for kill_strays
  unique_fd capture_;
  unique_fd redirect_;
  std::optional<cgroup> group_;       // of the program that runs, when its memory is limited
  std::unique_ptr<jobserver> server_; // likewise, when it speaks it
  std::uint64_t wanted_slot_ = 0;     // the lease that is asked for, to be lent to it
  std::optional<std::string> cancelled_;
  bool timed_out_ = false;
  std::int64_t started_wall_ = 0;
  clock::time_point started_;
};

} // namespace

worker_handle<process_pool> spawn_process_worker(caf::actor_system& system,
                                                 pool_handle<process_pool> owner,
                                                 const process_context& context) {
  return system.spawn<process_worker>(std::move(owner), context);
}

} // namespace zako
