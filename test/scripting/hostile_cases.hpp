// The cases of hostile/*.txt, read.
//
//   == NAME [CONTEXT]      the context is "build" or "rule", otherwise a library; of a rule file,
//                          the rule `make` is implemented
//   ...                    its source
//   ⇒ JSON                 what it results in; or
//   ⇏ CODE TEXT            the code of its error, and a part of its message; or only the code, or
//                          nothing. "⇏! …": V8 may not stop it; then the thread is lost.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/data.hpp"
#include "engine/error.hpp"
#include "engine/job.hpp"

namespace zako::test {

struct hostile_case {
  std::string name;
  script_context context = script_context::library;
  std::string source;
  bool succeeds = false;
  bool may_cost_thread = false;
  std::string expected;

  /// The file that the source is in.
  [[nodiscard]] std::string entry() const;
  /// What is wrong with how it ended; empty when nothing is.
  [[nodiscard]] std::string difference(const result<data>& end) const;
  [[nodiscard]] bool runs_out_of_time() const;
};

/// All of a file, by its name without the suffix. Fails the test when it cannot be read.
std::vector<hostile_case> hostile_cases(const std::string& group);

/// What hostile scripts can import, canary.ts among them: sources by path.
std::map<std::string, std::string> hostile_files();

} // namespace zako::test
