// clone, pidfd and epoll.
#include "actors/workers/child.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <unordered_map>

#ifdef __SANITIZE_THREAD__
// It takes `clone` for a fork that nobody shares memory with; this name it does not know.
extern "C" int __clone(int (*)(void*), void*, int, void*, ...);
#define clone __clone
#endif

namespace zako {

namespace {

constexpr std::size_t stack_size = 64u << 10;      // of a child until it becomes the program
constexpr std::uint64_t peak_tolerance = 1u << 20; // the kernel does not count pages exactly
constexpr std::chrono::milliseconds longest_start{200};
constexpr child_id wake_up = 0; // in epoll's events, where others name children

std::string in_words(int code) {
  return std::strerror(code);
}

/// The signals that this program handles or ignores: a child must not. Asked once: 64 questions are
/// dear beside a tiny program.
const std::vector<int>& changed_signals() {
  static const auto all = [] {
    std::vector<int> out;
    for (int i = 1; i < NSIG; ++i) {
      struct sigaction now {};
      if (::sigaction(i, nullptr, &now) == 0 &&
          ((now.sa_flags & SA_SIGINFO) != 0 || now.sa_handler != SIG_DFL))
        out.push_back(i);
    }
    return out;
  }();
  return all;
}

/// Standard input of every child.
int empty_input() {
  static const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  return fd;
}

/// What a child needs to become the program. It reads this in its parent's memory.
struct launch {
  char* const* argv;
  char* const* env;
  const char* folder; // null: none
  int input, output, errors;
  int group_door;
  const std::vector<int>* inherited;
  const std::vector<int>* reset_signals;
  int failure = 0; // from the child: why there is no program
};

/// Between clone and exec: system calls only, as all memory is the parent's.
int become(void* arg) {
  auto& what = *static_cast<launch*>(arg);
  auto good = [&what](int done) {
    if (done < 0)
      what.failure = errno;
    return done >= 0;
  };
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int i : *what.reset_signals)
    ::sigaction(i, &standard, nullptr);
  // The group makes the whole family reachable by one signal.
  bool ready = good(::setpgid(0, 0)) && good(::dup2(what.input, 0)) &&
               (what.output < 0 || good(::dup2(what.output, 1))) &&
               (what.errors < 0 || good(::dup2(what.errors, 2))) &&
               (what.group_door < 0 || good(static_cast<int>(::write(what.group_door, "0", 1)))) &&
               (!what.folder || good(::chdir(what.folder)));
  for (int fd : *what.inherited)
    ready = ready && good(::fcntl(fd, F_SETFD, 0)); // it no longer closes itself
  if (!ready)
    return 127;
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  good(::execve(what.argv[0], what.argv, what.env));
  return 127;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& x : texts)
    out.push_back(const_cast<char*>(x.c_str()));
  out.push_back(nullptr);
  return out;
}

/// Nothing that ended without a word is taken for a success.
int wait_for(pid_t pid, rusage& used) {
  constexpr int unknown_end = 255 << 8; // as of a program that exits with code 255
  for (;;) {
    int status = 0;
    if (::wait4(pid, &status, 0, &used) == pid)
      return status;
    if (errno != EINTR)
      return unknown_end;
  }
}

/// A program that was started with SIGCHLD ignored would never learn how its children end.
void hear_of_children() {
  struct sigaction now {};
  if (::sigaction(SIGCHLD, nullptr, &now) == 0 &&
      (now.sa_handler == SIG_IGN || (now.sa_flags & SA_NOCLDWAIT) != 0))
    ::signal(SIGCHLD, SIG_DFL);
}

std::int64_t nanoseconds(const timeval& t) {
  return (t.tv_sec * 1'000'000LL + t.tv_usec) * 1000;
}

std::uint64_t peak_of(const rusage& used) {
  return static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
}

struct started {
  pid_t pid;
  int pidfd;
};

/// As posix_spawn does it, without what a general function does besides, and with the process's
/// descriptor in the same step. This thread waits until its child has become the program; the child
/// borrows its memory until then, so no signal may reach a handler there.
result<started> launch_child(const child_options& options) {
  assert(!options.argv.empty());
  std::vector<std::string> variables;
  variables.reserve(options.env.size());
  for (auto& [name, value] : options.env)
    variables.push_back(name + '=' + value);
  auto argv = pointers(options.argv);
  auto env = pointers(variables);
  launch what{.argv = argv.data(),
              .env = env.data(),
              .folder = options.folder.empty() ? nullptr : options.folder.c_str(),
              .input = empty_input(),
              .output = options.stdout_fd,
              .errors = options.stderr_fd,
              .group_door = options.group_door_fd,
              .inherited = &options.inherited_fds,
              .reset_signals = &changed_signals()};
  struct alignas(64) stack {
    std::array<std::byte, stack_size> bytes;
  };
  thread_local auto own = std::make_unique<stack>(); // a new one each time must be mapped each time
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  auto pid = ::clone(become, own->bytes.data() + stack_size,
                     CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &what, &pidfd);
  int code = pid < 0 ? errno : what.failure;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (code == 0)
    return started{pid, pidfd};
  if (pid > 0) {
    rusage unused{};
    wait_for(pid, unused);
    ::close(pidfd);
  }
  auto message = "cannot start '" + options.argv[0] + "': " + in_words(code);
  if (code == ENOENT || code == EACCES || code == ENOEXEC || code == ENOTDIR)
    return fail(errc::tool_missing, std::move(message),
                "check that the program exists and is executable");
  return fail(errc::io, std::move(message));
}

} // namespace

struct child_watcher::state {
  struct child {
    pid_t pid;
    int pidfd;
    std::uint64_t inherited_peak;
    std::function<void(const child_end&)> on_end;
    bool given_up = false;
  };

  int epoll = -1;
  int wake = -1;
  std::mutex mutex; // of all below
  std::unordered_map<child_id, child> children;
  child_id last = wake_up;
  bool stopping = false;
  std::thread thread;

  state();
  ~state();

  /// What `kill_all` has to reach.
  struct registry {
    std::mutex mutex;
    std::vector<state*> list;
    std::shared_timed_mutex starting; // shared by whoever starts a child, until the child is listed
  };
  static registry& all() {
    static auto* only = new registry; // lasts until the process has ended
    return *only;
  }

  void run() {
    for (;;) {
      std::array<epoll_event, 16> events;
      int n = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
      if (n < 0 && errno != EINTR)
        return;
      for (int i = 0; i < n; ++i)
        if (auto id = events[static_cast<std::size_t>(i)].data.u64; id != wake_up)
          ended(id);
      std::lock_guard guard{mutex};
      if (stopping)
        return;
    }
  }

  void ended(child_id id) {
    std::function<void(const child_end&)> on_end;
    child_end end;
    {
      std::lock_guard guard{mutex};
      auto i = children.find(id);
      if (i == children.end())
        return;
      end = reap(i->second);
      on_end = std::move(i->second.on_end);
      children.erase(i);
    }
    on_end(end);
  }

  /// Under the lock: whoever signals it finds it alive, or not at all.
  child_end reap(child& x) {
    if (x.given_up)
      ::kill(-x.pid, SIGKILL); // until it is reaped its number is nobody else's
    rusage used{};
    child_end end;
    end.status = wait_for(x.pid, used);
    end.cpu_ns = nanoseconds(used.ru_utime) + nanoseconds(used.ru_stime);
    if (auto peak = peak_of(used); peak > x.inherited_peak + peak_tolerance)
      end.peak_bytes = peak;
    end.alone = ::kill(-x.pid, 0) != 0 && errno == ESRCH;
    // In this order: a closed descriptor could be handed out again while epoll still knows it.
    ::epoll_ctl(epoll, EPOLL_CTL_DEL, x.pidfd, nullptr);
    ::close(x.pidfd);
    return end;
  }

  void kill_children() {
    std::lock_guard guard{mutex};
    for (auto& [id, x] : children)
      ::kill(-x.pid, SIGKILL);
  }
};

child_watcher::state::state() {
  std::lock_guard guard{all().mutex};
  all().list.push_back(this);
}

child_watcher::state::~state() {
  {
    std::lock_guard guard{all().mutex};
    std::erase(all().list, this);
  }
  if (epoll >= 0)
    ::close(epoll);
  if (wake >= 0)
    ::close(wake);
}

child_watcher::child_watcher(std::unique_ptr<state> s) : state_(std::move(s)) {}

result<std::unique_ptr<child_watcher>> child_watcher::create() {
  hear_of_children();
  auto s = std::make_unique<state>();
  s->epoll = ::epoll_create1(EPOLL_CLOEXEC);
  s->wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = wake_up;
  if (s->epoll < 0 || s->wake < 0 || ::epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->wake, &event) != 0)
    return fail(errc::io, "cannot watch child processes: " + in_words(errno));
  s->thread = std::thread{[raw = s.get()] { raw->run(); }};
  return std::unique_ptr<child_watcher>{new child_watcher(std::move(s))};
}

child_watcher::~child_watcher() {
  {
    std::lock_guard guard{state_->mutex};
    state_->stopping = true;
  }
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(state_->wake, &one, sizeof one);
  state_->thread.join();
  state_->kill_children();
  for (auto& [id, x] : state_->children)
    state_->reap(x);
}

result<child_id> child_watcher::start(const child_options& options,
                                      std::function<void(const child_end&)> on_end) {
  std::shared_lock until_listed{state::all().starting};
  auto child = launch_child(options);
  if (!child)
    return tl::unexpected(std::move(child.error()));
  rusage own{};
  ::getrusage(RUSAGE_SELF, &own);
  std::lock_guard guard{state_->mutex};
  auto id = ++state_->last;
  auto& listed = state_->children[id];
  listed = {child->pid, child->pidfd, peak_of(own), std::move(on_end)};
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = id;
  if (::epoll_ctl(state_->epoll, EPOLL_CTL_ADD, child->pidfd, &event) == 0)
    return id;
  auto why = in_words(errno);
  listed.given_up = true;
  state_->reap(listed);
  state_->children.erase(id);
  return fail(errc::io, "cannot watch a child process: " + why);
}

void child_watcher::signal(child_id child, int number) {
  std::lock_guard guard{state_->mutex};
  auto i = state_->children.find(child);
  if (i == state_->children.end())
    return;
  i->second.given_up = true;
  ::kill(-i->second.pid, number);
}

void child_watcher::kill_all() {
  auto& all = state::all();
  // For ever; without it when a child waits for a file system that does not answer.
  [[maybe_unused]] bool locked = all.starting.try_lock_for(longest_start);
  std::lock_guard guard{all.mutex};
  for (auto* x : all.list)
    x->kill_children();
}

} // namespace zako
