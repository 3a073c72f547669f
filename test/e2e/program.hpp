// Runs programs as a user would: arguments, environment, exit code, what they print. Knows nothing
// of Zako.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace e2e {

namespace fs = std::filesystem;
using words = std::vector<std::string>;

/// No program of a test runs longer: it is killed then, and the test fails.
constexpr std::chrono::seconds patience{60};

struct finished {
  int code = -1; // exit code, or 128 + signal
  std::string out;
  std::string err;

  [[nodiscard]] std::string all() const { return out + err; }
};

/// A running program. Killed, with its process group, when it goes out of scope unfinished.
class program {
public:
  /// `environment` is added to this process's own.
  program(const words& argv, const fs::path& folder,
          const std::map<std::string, std::string>& environment = {});
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void send(int signal) const;
  /// Waits for the end; fails the test when patience ends first.
  finished wait();
  /// What it has written to standard error so far.
  [[nodiscard]] std::string err_so_far() const;

private:
  pid_t pid_ = -1;
  fs::path folder_; // of the captured output
};

inline finished run(const words& argv, const fs::path& folder,
                    const std::map<std::string, std::string>& environment = {}) {
  return program{argv, folder, environment}.wait();
}

/// Runs a program on a terminal of that many columns; `out` is all that it wrote there.
finished run_on_terminal(const words& argv, const fs::path& folder, unsigned short columns,
                         const std::map<std::string, std::string>& environment = {});

/// A program on a terminal of its own, which is typed to. Killed when it goes out of scope
/// unfinished.
class terminal_program {
public:
  terminal_program(const words& argv, const fs::path& folder,
                   const std::map<std::string, std::string>& environment = {});
  ~terminal_program();
  terminal_program(const terminal_program&) = delete;
  terminal_program& operator=(const terminal_program&) = delete;

  void type(const std::string& keys) const;
  /// Reads on until `text` appears; fails the test when patience ends first.
  void expect(const std::string& text);
  /// Waits until the program reads keys: before, the terminal takes Ctrl-D for an end of its input,
  /// and forgets it when the program begins to.
  void await_keys();
  /// The exit code.
  int wait();

private:
  /// What it writes within a moment; false when it has ended.
  bool read_some();

  pid_t pid_ = -1;
  int terminal_ = -1;
  std::string seen_; // since what was expected last
};

/// A folder that goes away with the object.
class temporary_folder {
public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

private:
  fs::path path_;
};

std::string read_file(const fs::path& path);
void write_file(const fs::path& path, const std::string& text);
/// Looks again and again until `f` holds; false when patience ends first.
template <class F>
bool eventually(F f);

void pause_briefly();

template <class F>
bool eventually(F f) {
  auto end = std::chrono::steady_clock::now() + patience;
  while (!f()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    pause_briefly();
  }
  return true;
}

/// False when there is no such process, or only its remains.
bool is_alive(pid_t pid);

} // namespace e2e
