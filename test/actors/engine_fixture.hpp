// An engine in an actor system of its own, with kinds made for a test.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include "actors/engine.hpp"

namespace zako::test {

/// A folder in memory where the machine has that: a disk's syncs are not what is tested.
std::filesystem::path memory_folder();

/// A folder that is gone at the end of the test.
class temporary_folder {
public:
  explicit temporary_folder(
      const std::filesystem::path& where = std::filesystem::temp_directory_path());
  ~temporary_folder();
  [[nodiscard]] std::string path(const std::string& name = {}) const;
  void write(const std::string& name, const std::string& text) const;

private:
  std::filesystem::path root_;
};

/// How often the compute function of each key ran, by the key's text. Shared with compute functions
/// on any thread.
class counters {
public:
  void count(const std::string& text) {
    std::lock_guard guard{mutex_};
    ++counts_[text];
  }
  int operator[](const std::string& text) {
    std::lock_guard guard{mutex_};
    return counts_[text];
  }
  int total() {
    std::lock_guard guard{mutex_};
    int n = 0;
    for (auto& [text, count] : counts_)
      n += count;
    return n;
  }

private:
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

class engine_fixture {
public:
  explicit engine_fixture(kind_table kinds, const std::string& workspace = {},
                          const std::string& cache = {}, std::uint32_t cpus = 2);
  ~engine_fixture();

  /// Opens a session, asks for one root, waits.
  session_report get(const key& root, session_options options = {});
  session_actor open(session_options options = {});
  void close();
  caf::scoped_actor& self() { return *self_; }
  caf::actor_system& system() { return *system_; }
  engine_actor& engine() { return engine_; }

private:
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<caf::scoped_actor> self_;
  engine_actor engine_;
};

/// all: asks for one:0 to one:N-1 at once; their sum, or the first error.
kind fan_out(int n);

/// one:X: runs the program that `job_for(X)` describes; 1 when it exits with code 0, else the error
/// "step X failed".
kind one_program(std::function<command_job(const std::string&)> job_for);

/// The int in a value; fails the test when there is none.
int number(const outcome& x);

} // namespace zako::test
