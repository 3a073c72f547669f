// The other transpilers: one process of node that stays, and is asked for one pass at a time.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>

namespace zako::bench {

class peers {
public:
  struct pass {
    double seconds = 0;
    double bytes = 0; // of the files that it took
    unsigned failed = 0;
  };

  /// Throws `failure`, saying what to do, when they are not installed below `source`.
  explicit peers(const std::string& source);
  ~peers();
  peers(const peers&) = delete;
  peers& operator=(const peers&) = delete;

  /// The peer `name` transpiles every file in `list`, a file with a path on each line.
  pass run(const std::string& name, const std::string& list);

private:
  pid_t child_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

} // namespace zako::bench
