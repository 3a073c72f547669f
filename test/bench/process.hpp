// Starts programs and measures them, all in the same way: posix_spawn and wait4.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace zako::bench {

struct spawn_options {
  /// Where it starts; empty: here.
  std::string folder = {};
  /// NAME=value, beside or instead of what this process has.
  std::vector<std::string> environment = {};
  /// Standard output and error; otherwise they are dropped.
  bool keep_output = false;
};

struct outcome {
  int exit_code = 0;         // 128 + n when a signal ended it
  std::int64_t begin_ns = 0; // the monotonic clock, just before it was started
  double wall_ms = 0;        // until it was reaped
  double cpu_ms = 0;         // its own and that of its reaped children
  double peak_mb = 0;        // of the largest process among these
  std::string output;
};

/// Runs a program to its end. argv[0] is looked up on the search path.
outcome spawn(const std::vector<std::string>& argv, const spawn_options& options = {});

/// The same, but throws `failure` with the program's output when it does not exit with code 0.
outcome spawn_good(const std::vector<std::string>& argv, const spawn_options& options = {});

/// A new empty folder, removed with all that is in it at the end.
class temporary_folder {
public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + '/' + name; }

private:
  std::string path_;
};

/// A whole file; throws `failure` when it cannot be read or written.
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& content);

} // namespace zako::bench
