// A machine in memory: files, environment, scripts and programs, with a log of what was asked of
// it.
//
// Time is a counter. Scripts and programs are C++ functions in tables. Files hold real text: the
// fake compiler reads
// `#include "x"` lines and leaves `//` lines out, the fake transpiler reads `import "x"` lines.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/job.hpp"

namespace zako::test {

/// What a fake script does once its modules are loaded: called again after each reply, until it
/// asks nothing more.
using script_body = std::function<result<script_step>(const evaluate_job& run,
                                                      const std::vector<resume_job>& replies)>;

/// The worker's side of one evaluation.
struct script_session {
  evaluate_job run;
  std::set<std::string> asked;
  std::vector<resume_job> replies;
  bool loaded = false;
};

class fake_world;

/// Runs a command: makes files through `write`, fills exit code, text and discovered files.
using program =
    std::function<void(const command& what, fake_world& world, command_job::answer& out)>;

class fake_world {
public:
  fake_world();

  void write(const std::string& path, std::string text, bool executable = false);
  /// A symbolic link to a file, as it is now.
  void symlink(const std::string& path, const std::string& real);
  void touch(const std::string& path);
  void remove(const std::string& path);
  [[nodiscard]] bool exists(const std::string& path) const { return files_.contains(path); }
  [[nodiscard]] const std::string& text(const std::string& path) const {
    return files_.at(path).text;
  }

  std::map<std::string, std::string> environment;
  std::map<std::string, std::string> options;
  std::map<std::string, std::string> builtins;     // module -> javascript
  std::map<std::string, script_body> scripts;      // "module" or "module#function"
  std::map<std::string, program> programs;         // by argv[0]
  std::function<void(const command& what)> on_run; // called while a command runs

  /// Does one job for the node that owns `session`.
  result<job_answer> perform(const job& what, script_session& session);

  std::vector<std::string> ran;         // titles of commands
  std::vector<command_job> jobs;        // all commands, ever
  std::vector<std::string> scripts_run; // "module" or "module#function"
  std::vector<std::string> transpiled;
  int stats = 0;
  int contents_read = 0;

private:
  struct file {
    std::string text;
    bool executable = false;
    fingerprint print;
    std::string real = {}; // of a link
  };

  fingerprint fresh_print(std::uint64_t size);
  result<job_answer> step(script_session& session);
  stat_job::answer look(const stat_job& what);
  list_job::answer list(const list_job& what);
  std::optional<std::vector<output_file>> restore(const restore_job& what);
  result<job_answer> run(const command_job& what);

  std::map<std::string, file> files_;
  std::map<digest, std::string> store_;
  std::int64_t now_ = 1'000'000;
  std::uint64_t inodes_ = 0;
};

/// A step that ends a script, and one that asks an operation.
script_step script_end(data value);
script_step script_asks(std::string operation, data argument);

} // namespace zako::test
