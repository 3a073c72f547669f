// GNU make's jobserver, for one program: how it learns of CPU slots that it may use besides its
// own. Knows no actor.
//
// The program inherits a pipe with a byte, a token, for each slot. To run one more job it (or what
// it starts: make, compilers) reads a byte, and writes it back afterwards; for one job at a time it
// needs none. Who gives slots away and wants them back holds a lease for each token; which token is
// of which lease does not matter. A token that is read comes back when its job is done, not before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/error.hpp"

namespace zako {

class jobserver {
public:
  using lease = std::uint64_t;

  /// `own` tokens are there from the start, and stay.
  static result<jobserver> open(std::size_t own);
  jobserver(jobserver&& other) noexcept;
  jobserver& operator=(jobserver&&) = delete;
  ~jobserver();

  /// To be inherited under their own numbers.
  [[nodiscard]] std::array<int, 2> fds() const { return {read_, write_}; }
  /// What says so to the program, in the variable MAKEFLAGS.
  [[nodiscard]] std::string make_flags() const;

  /// One token more, for this lease.
  void lend(lease x);
  /// The lease is to end; nothing when it has.
  void recall(lease x);
  /// Takes back as many tokens as are recalled and nobody uses. The leases that thereby ended.
  std::vector<lease> take_back();
  /// Tokens that are recalled are still in use.
  [[nodiscard]] bool owed() const { return !recalled_.empty(); }
  /// All leases, recalled ones too: they end with the program.
  [[nodiscard]] std::vector<lease> leases() const;

private:
  jobserver(int read, int write, int look) : read_(read), write_(write), look_(look) {}

  int read_;  // the program's: it may set whether reading waits, as it likes
  int write_; // likewise
  int look_;  // this side's own way in, which never waits
  std::vector<lease> lent_;
  std::vector<lease> recalled_;
};

} // namespace zako
