// posix_spawn with output into files, which cannot fill up as pipes do.
#include "program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
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

} // namespace

program::program(const words& argv, const fs::path& folder,
                 const std::map<std::string, std::string>& environment) {
  auto text = (fs::temp_directory_path() / "zako-e2e-output-XXXXXX").string();
  REQUIRE(mkdtemp(text.data()));
  folder_ = text;

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, (folder_ / "out").c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&files, 2, (folder_ / "err").c_str(), flags, 0600);
  posix_spawn_file_actions_addchdir_np(&files, folder.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  auto variables = environment_with(environment);
  int failed = posix_spawnp(&pid_, argv[0].c_str(), &files, &attributes, pointers(argv).data(),
                            pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  INFO("cannot start " << argv[0]);
  REQUIRE(failed == 0);
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
