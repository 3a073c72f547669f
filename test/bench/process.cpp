// The system calls behind process.hpp.
#include "test/bench/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "test/bench/benchmark.hpp"

namespace zako::bench {

namespace {

std::int64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

double in_ms(const timeval& t) {
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& x : texts)
    out.push_back(x.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_with(const std::vector<std::string>& more) {
  auto out = more;
  for (auto** x = environ; *x != nullptr; ++x) {
    std::string_view known(*x);
    auto name = known.substr(0, known.find('=') + 1);
    bool replaced = false;
    for (auto& y : more)
      replaced = replaced || std::string_view(y).starts_with(name);
    if (!replaced)
      out.emplace_back(known);
  }
  return out;
}

/// An unnamed file for a child's output: it takes any amount without anybody reading.
class output_file {
public:
  explicit output_file(bool keep)
      : fd_(keep ? open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)
                 : open("/dev/null", O_WRONLY | O_CLOEXEC)) {
    if (fd_ < 0)
      throw failure(fmt::format("cannot keep a program's output: {}", std::strerror(errno)));
  }
  ~output_file() { close(fd_); }
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::string content() const {
    std::string out;
    char buffer[65536];
    for (off_t at = 0;;) {
      auto n = pread(fd_, buffer, sizeof buffer, at);
      if (n <= 0)
        return out;
      out.append(buffer, static_cast<std::size_t>(n));
      at += n;
    }
  }

private:
  int fd_;
};

} // namespace

outcome spawn(const std::vector<std::string>& argv, const spawn_options& options) {
  auto texts = argv;
  auto environment = environment_with(options.environment);
  auto arguments = pointers(texts);
  auto variables = pointers(environment);
  output_file output(options.keep_output);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output.fd(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.fd(), STDERR_FILENO);
  if (!options.folder.empty())
    posix_spawn_file_actions_addchdir_np(&actions, options.folder.c_str());

  outcome out;
  pid_t child = 0;
  out.begin_ns = now_ns();
  auto bad =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  if (bad != 0)
    throw failure(fmt::format("cannot start '{}': {}", argv[0], std::strerror(bad)));
  int status = 0;
  rusage usage{};
  while (wait4(child, &status, 0, &usage) < 0)
    if (errno != EINTR)
      throw failure(fmt::format("cannot wait for '{}': {}", argv[0], std::strerror(errno)));
  out.wall_ms = static_cast<double>(now_ns() - out.begin_ns) / 1e6;
  out.cpu_ms = in_ms(usage.ru_utime) + in_ms(usage.ru_stime);
  out.peak_mb = static_cast<double>(usage.ru_maxrss) / 1024;
  out.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (options.keep_output)
    out.output = output.content();
  return out;
}

outcome spawn_good(const std::vector<std::string>& argv, const spawn_options& options) {
  auto out = spawn(argv, options);
  if (out.exit_code == 0)
    return out;
  throw failure(fmt::format("'{}' ended with exit code {}\n{}", fmt::join(argv, " "), out.exit_code,
                            out.output));
}

temporary_folder::temporary_folder() {
  auto* where = std::getenv("TMPDIR");
  path_ = std::string(where ? where : "/tmp") + "/zako-bench.XXXXXX";
  if (mkdtemp(path_.data()) == nullptr)
    throw failure(fmt::format("cannot make the folder '{}': {}", path_, std::strerror(errno)));
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  if (!in)
    throw failure(fmt::format("cannot read '{}'", path));
  return out.str();
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content << std::flush;
  if (!out)
    throw failure(fmt::format("cannot write '{}'", path));
}

} // namespace zako::bench
