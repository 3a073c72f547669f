// posix_spawn with output into files, which cannot fill up as pipes do.
#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

#include <catch2/catch.hpp>

extern char** environ;

namespace e2e {

namespace {

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

words environment_with(const std::map<std::string, std::string>& added) {
  words out;
  for (char** x = environ; *x; ++x) {
    std::string entry = *x;
    if (!added.count(entry.substr(0, entry.find('='))))
      out.push_back(std::move(entry));
  }
  for (auto& [name, value] : added)
    out.push_back(name + '=' + value);
  return out;
}

std::vector<char*> pointers(const words& texts) {
  std::vector<char*> out;
  for (auto& x : texts)
    out.push_back(const_cast<char*>(x.c_str()));
  out.push_back(nullptr);
  return out;
}

/// Starts a process with these descriptors as its input, output and errors, as the leader of a
/// group (POSIX_SPAWN_SETPGROUP) or of a session (POSIX_SPAWN_SETSID).
pid_t start(const words& argv, const fs::path& folder,
            const std::map<std::string, std::string>& environment, int in, int out, int err,
            short leads = POSIX_SPAWN_SETPGROUP) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_adddup2(&files, err, 2);
  posix_spawn_file_actions_addchdir_np(&files, folder.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, leads);
  posix_spawnattr_setpgroup(&attributes, 0);
  auto variables = environment_with(environment);
  pid_t pid = -1;
  int failed = posix_spawnp(&pid, argv[0].c_str(), &files, &attributes, pointers(argv).data(),
                            pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  INFO("cannot start " << argv[0]);
  REQUIRE(failed == 0);
  return pid;
}

/// A descriptor that no child inherits by accident, and that is closed at the end.
struct descriptor {
  int fd;
  explicit descriptor(int x) : fd(x) { REQUIRE(fd >= 0); }
  ~descriptor() { close(fd); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
};

descriptor new_file(const fs::path& path) {
  return descriptor{open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
}

} // namespace

program::program(const words& argv, const fs::path& folder,
                 const std::map<std::string, std::string>& environment) {
  auto text = (fs::temp_directory_path() / "zako-e2e-output-XXXXXX").string();
  REQUIRE(mkdtemp(text.data()));
  folder_ = text;

  descriptor nothing{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  auto out = new_file(folder_ / "out"), err = new_file(folder_ / "err");
  pid_ = start(argv, folder, environment, nothing.fd, out.fd, err.fd);
}

program::~program() {
  if (pid_ > 0) {
    kill(-pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void program::send(int signal) const {
  REQUIRE(kill(pid_, signal) == 0);
}

finished run_on_terminal(const words& argv, const fs::path& folder, unsigned short columns,
                         const std::map<std::string, std::string>& environment) {
  descriptor terminal{posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
  REQUIRE((grantpt(terminal.fd) == 0 && unlockpt(terminal.fd) == 0));
  winsize size{};
  size.ws_col = columns;
  REQUIRE(ioctl(terminal.fd, TIOCSWINSZ, &size) == 0);
  pid_t pid = -1;
  {
    descriptor end{open(ptsname(terminal.fd), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    pid = start(argv, folder, environment, end.fd, end.fd, end.fd);
  }
  finished done;
  char buffer[4096];
  // Reading fails when the last process that has the terminal is gone.
  for (ssize_t n; (n = read(terminal.fd, buffer, sizeof buffer)) > 0;)
    done.out.append(buffer, static_cast<std::size_t>(n));
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  done.code = exit_code(status);
  return done;
}

terminal_program::terminal_program(const words& argv, const fs::path& folder,
                                   const std::map<std::string, std::string>& environment)
    : terminal_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  REQUIRE((terminal_ >= 0 && grantpt(terminal_) == 0 && unlockpt(terminal_) == 0));
  winsize size{};
  size.ws_col = 100;
  size.ws_row = 40;
  REQUIRE(ioctl(terminal_, TIOCSWINSZ, &size) == 0);
  // The first terminal that a session's leader opens is the session's: Ctrl-C is its signal.
  auto with_term = environment;
  with_term["TERM"] = "xterm";
  words on_terminal{"sh", "-c", "exec \"$@\" <> \"$0\" >&0 2>&0", ptsname(terminal_)};
  on_terminal.insert(on_terminal.end(), argv.begin(), argv.end());
  descriptor nothing{open("/dev/null", O_RDWR | O_CLOEXEC)};
  pid_ =
      start(on_terminal, folder, with_term, nothing.fd, nothing.fd, nothing.fd, POSIX_SPAWN_SETSID);
}

terminal_program::~terminal_program() {
  if (pid_ > 0) {
    kill(-pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
  }
  close(terminal_);
}

void terminal_program::type(const std::string& keys) const {
  REQUIRE(write(terminal_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
}

bool terminal_program::read_some() {
  pollfd source{terminal_, POLLIN, 0};
  if (poll(&source, 1, 10) <= 0)
    return true;
  char buffer[4096];
  auto n = read(terminal_, buffer, sizeof buffer);
  if (n > 0)
    seen_.append(buffer, static_cast<std::size_t>(n));
  return n > 0;
}

void terminal_program::expect(const std::string& text) {
  auto found = eventually([&] {
    read_some();
    return seen_.find(text) != std::string::npos;
  });
  INFO("the terminal shows: " << seen_ << "\nand not: " << text);
  REQUIRE(found);
  seen_.erase(0, seen_.find(text) + text.size());
}

void terminal_program::await_keys() {
  auto raw = eventually([&] {
    termios mode{};
    read_some();
    return tcgetattr(terminal_, &mode) == 0 && (mode.c_lflag & ICANON) == 0;
  });
  INFO("the program reads lines, not keys; the terminal shows: " << seen_);
  REQUIRE(raw);
}

int terminal_program::wait() {
  int status = 0;
  auto ended = eventually([&] {
    read_some();
    return waitpid(pid_, &status, WNOHANG) == pid_;
  });
  INFO("the program does not end; the terminal shows: " << seen_);
  REQUIRE(ended);
  pid_ = -1;
  return exit_code(status);
}

finished program::wait() {
  int status = 0;
  INFO("the program does not end; standard error: " << err_so_far());
  REQUIRE(eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }));
  pid_ = -1;
  return {exit_code(status), read_file(folder_ / "out"), err_so_far()};
}

std::string program::err_so_far() const {
  return read_file(folder_ / "err");
}

temporary_folder::temporary_folder() {
  auto text = (fs::temp_directory_path() / "zako-e2e-XXXXXX").string();
  REQUIRE(mkdtemp(text.data()));
  path_ = fs::canonical(text);
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  REQUIRE(out.flush());
}

void pause_briefly() {
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

bool is_alive(pid_t pid) {
  auto stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  auto name_end = stat.rfind(')');
  return name_end != std::string::npos && stat.substr(name_end, 3) != ") Z";
}

} // namespace e2e
