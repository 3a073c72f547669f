// posix_spawn, pidfd and epoll.
#include "actors/workers/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace zako {

namespace {

std::string in_words(int code) {
  return std::strerror(code);
}

/// What posix_spawn takes, released at the end of the scope.
struct spawn_setup {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  spawn_setup() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  ~spawn_setup() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  spawn_setup(const spawn_setup&) = delete;
  spawn_setup& operator=(const spawn_setup&) = delete;
};

} // namespace

result<pid_t> start_child(const child_options& options) {
  assert(!options.argv.empty());
  std::vector<char*> argv;
  for (auto& x : options.argv)
    argv.push_back(const_cast<char*>(x.c_str()));
  argv.push_back(nullptr);
  std::vector<std::string> env_texts;
  for (auto& [name, value] : options.env)
    env_texts.push_back(name + '=' + value);
  std::vector<char*> env;
  for (auto& x : env_texts)
    env.push_back(x.data());
  env.push_back(nullptr);

  spawn_setup setup;
  // The group makes the whole family reachable by one signal; the mask and the handlers of this
  // program are not theirs.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setflags(&setup.attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&setup.attributes, 0);
  posix_spawnattr_setsigmask(&setup.attributes, &none);
  posix_spawnattr_setsigdefault(&setup.attributes, &all);
  posix_spawn_file_actions_addopen(&setup.files, 0, "/dev/null", O_RDONLY, 0);
  if (options.stdout_fd >= 0)
    posix_spawn_file_actions_adddup2(&setup.files, options.stdout_fd, 1);
  if (options.stderr_fd >= 0)
    posix_spawn_file_actions_adddup2(&setup.files, options.stderr_fd, 2);
  if (options.inherited_fd >= 0) // onto itself: it no longer closes itself
    posix_spawn_file_actions_adddup2(&setup.files, options.inherited_fd, options.inherited_fd);
  if (!options.folder.empty())
    posix_spawn_file_actions_addchdir_np(&setup.files, options.folder.c_str());

  pid_t pid = -1;
  int code = posix_spawn(&pid, argv[0], &setup.files, &setup.attributes, argv.data(), env.data());
  if (code == 0)
    return pid;
  if (code == ENOENT || code == EACCES || code == ENOEXEC || code == ENOTDIR)
    return fail(errc::tool_missing, "cannot start '" + options.argv[0] + "': " + in_words(code),
                "check that the program exists and is executable");
  return fail(errc::io, "cannot start '" + options.argv[0] + "': " + in_words(code));
}

struct child_watcher::state {
  struct child {
    pid_t pid;
    std::function<void(int)> on_exit;
  };

  int epoll = -1;
  int wake = -1;
  std::mutex mutex;
  std::unordered_map<int, child> children; // by pidfd
  bool stopping = false;
  std::thread thread;

  ~state() {
    if (epoll >= 0)
      ::close(epoll);
    if (wake >= 0)
      ::close(wake);
  }

  void run() {
    for (;;) {
      epoll_event events[16];
      int n = ::epoll_wait(epoll, events, 16, -1);
      if (n < 0 && errno != EINTR)
        return;
      for (int i = 0; i < n; ++i)
        if (events[i].data.fd != wake)
          reap(events[i].data.fd);
      std::lock_guard guard{mutex};
      if (stopping)
        return;
    }
  }

  void reap(int pidfd) {
    child ended;
    {
      std::lock_guard guard{mutex};
      auto i = children.find(pidfd);
      if (i == children.end())
        return;
      ended = std::move(i->second);
      children.erase(i);
    }
    int status = 0;
    while (::waitpid(ended.pid, &status, 0) < 0 && errno == EINTR) {
    }
    // In this order: a closed descriptor could be handed out again while epoll still knows it.
    ::epoll_ctl(epoll, EPOLL_CTL_DEL, pidfd, nullptr);
    ::close(pidfd);
    ended.on_exit(status);
  }
};

child_watcher::child_watcher(std::unique_ptr<state> s) : state_(std::move(s)) {}

result<std::unique_ptr<child_watcher>> child_watcher::create() {
  auto s = std::make_unique<state>();
  s->epoll = ::epoll_create1(EPOLL_CLOEXEC);
  s->wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = s->wake;
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
  for (auto& [pidfd, child] : state_->children) {
    ::kill(-child.pid, SIGKILL);
    int status = 0;
    while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    ::close(pidfd);
  }
}

result<void> child_watcher::watch(pid_t pid, std::function<void(int)> on_exit) {
  int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0)
    return fail(errc::io, "cannot watch a child process: " + in_words(errno));
  {
    std::lock_guard guard{state_->mutex};
    state_->children.emplace(pidfd, state::child{pid, std::move(on_exit)});
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = pidfd;
  if (::epoll_ctl(state_->epoll, EPOLL_CTL_ADD, pidfd, &event) != 0) {
    auto why = in_words(errno);
    std::lock_guard guard{state_->mutex};
    state_->children.erase(pidfd);
    ::close(pidfd);
    return fail(errc::io, "cannot watch a child process: " + why);
  }
  return {};
}

} // namespace zako
