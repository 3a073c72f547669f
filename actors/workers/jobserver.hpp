// GNU make's jobserver, for one program: how it learns of CPU slots that it may use besides its
// own. Knows no actor.
//
// The program inherits two descriptors. To run one more job it (or what it starts: make, compilers)
// reads a byte, a token, from the first, and writes it to the second afterwards; for one job at a
// time it needs none. Elsewhere these are two ends of one pipe; here they are of two, and a thread
// carries tokens back: so a token that is wanted back is kept, where the program itself would take
// it again at once. Which token is of which lease does not matter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/error.hpp"

namespace zako {

class jobserver {
public:
  using lease = std::uint64_t;

  /// `own` tokens are there from the start, and stay. `on_return` is told once of each lease that
  /// was recalled and whose token is back; on any thread, not after the object's end.
  static result<std::unique_ptr<jobserver>> open(std::size_t own,
                                                 std::function<void(lease)> on_return);
  ~jobserver();
  jobserver(const jobserver&) = delete;
  jobserver& operator=(const jobserver&) = delete;

  /// To be inherited under their own numbers.
  [[nodiscard]] std::array<int, 2> fds() const { return {take_.read, give_.write}; }
  /// What says so to the program, in the variable MAKEFLAGS.
  [[nodiscard]] std::string make_flags() const;

  /// One token more, for this lease.
  void lend(lease x);
  /// The lease is to end, as soon as a token is not in use; nothing when it has.
  void recall(lease x);
  /// Those that have not ended: they do with the program.
  [[nodiscard]] std::vector<lease> leases();

private:
  struct pipe_ends {
    int read = -1;
    int write = -1;
  };

  explicit jobserver(std::function<void(lease)> on_return) : on_return_(std::move(on_return)) {}
  result<void> start(std::size_t own);
  void carry();
  void put_token() const;

  std::function<void(lease)> on_return_;
  pipe_ends take_; // here the program finds tokens
  pipe_ends give_; // here it puts them
  int look_ = -1;  // this side's own way to the tokens that nobody uses; never waits
  int stop_ = -1;  // an eventfd for the thread
  std::mutex mutex_;
  std::vector<lease> lent_;
  std::vector<lease> recalled_; // while there is one, no token is there to be taken
  std::thread carrier_;
};

} // namespace zako
