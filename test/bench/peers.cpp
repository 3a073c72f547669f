// Starts peers/peers.mjs and talks to it in lines.
#include "test/bench/peers.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "test/bench/benchmark.hpp"

namespace zako::bench {

namespace {

struct pipe_ends {
  int read = -1, write = -1;
};

pipe_ends make_pipe() {
  std::array<int, 2> fds{};
  if (pipe2(fds.data(), O_CLOEXEC) != 0)
    throw failure(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  return {fds[0], fds[1]};
}

} // namespace

peers::peers(const std::string& source) {
  auto folder = source + "/test/bench/peers";
  if (!std::filesystem::exists(folder + "/node_modules"))
    throw failure(
        "the other transpilers are not installed: npm install --no-save --prefix test/bench/peers");
  auto script = folder + "/peers.mjs";
  std::string node = "node", one_thread = "GOMAXPROCS=1"; // esbuild's
  std::vector<char*> arguments{node.data(), script.data(), nullptr};
  std::vector<char*> variables{one_thread.data()};
  for (auto** x = environ; *x != nullptr; ++x)
    variables.push_back(*x);
  variables.push_back(nullptr);
  auto in = make_pipe(), out = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
  auto bad =
      posix_spawnp(&child_, node.c_str(), &actions, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  close(in.read);
  close(out.write);
  to_ = fdopen(in.write, "w");
  from_ = fdopen(out.read, "r");
  if (bad != 0) {
    child_ = 0;
    throw failure(fmt::format("cannot start 'node': {}", std::strerror(bad)));
  }
}

peers::~peers() {
  std::fclose(to_); // its input ends, and so does it
  std::fclose(from_);
  while (child_ != 0 && waitpid(child_, nullptr, 0) < 0 && errno == EINTR)
    ;
}

peers::pass peers::run(const std::string& name, const std::string& list) {
  fmt::print(to_, "{}\t{}\n", name, list);
  std::fflush(to_);
  pass out;
  if (std::fscanf(from_, "%lf %lf %u", &out.seconds, &out.bytes, &out.failed) != 3)
    throw failure(fmt::format("'{}' did not answer; see what peers.mjs says above", name));
  return out;
}

} // namespace zako::bench
