// A pipe.
#include "actors/workers/jobserver.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace zako {

namespace {

constexpr char token = '+'; // as make writes it

} // namespace

result<jobserver> jobserver::open(std::size_t own) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(errc::io, std::string("cannot make a jobserver: ") + std::strerror(errno));
  // A second way to the same pipe: whether reading waits is a matter of the way.
  auto path = "/proc/self/fd/" + std::to_string(ends[0]);
  jobserver out{ends[0], ends[1], ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  if (out.look_ < 0)
    return fail(errc::io, std::string("cannot make a jobserver: ") + std::strerror(errno));
  for (std::size_t i = 0; i < own; ++i)
    if (::write(out.write_, &token, 1) != 1)
      return fail(errc::io, std::string("cannot make a jobserver: ") + std::strerror(errno));
  return out;
}

jobserver::jobserver(jobserver&& other) noexcept
    : read_(std::exchange(other.read_, -1)), write_(std::exchange(other.write_, -1)),
      look_(std::exchange(other.look_, -1)), lent_(std::move(other.lent_)),
      recalled_(std::move(other.recalled_)) {}

jobserver::~jobserver() {
  for (int fd : {read_, write_, look_})
    if (fd >= 0)
      ::close(fd);
}

std::string jobserver::make_flags() const {
  return "-j --jobserver-auth=" + std::to_string(read_) + ',' + std::to_string(write_);
}

void jobserver::lend(lease x) {
  // There is room for tens of thousands.
  [[maybe_unused]] auto written = ::write(write_, &token, 1);
  lent_.push_back(x);
}

void jobserver::recall(lease x) {
  if (auto i = std::find(lent_.begin(), lent_.end(), x); i != lent_.end()) {
    lent_.erase(i);
    recalled_.push_back(x);
  }
}

std::vector<jobserver::lease> jobserver::take_back() {
  std::vector<lease> ended;
  for (char byte = 0; !recalled_.empty() && ::read(look_, &byte, 1) == 1;) {
    ended.push_back(recalled_.back());
    recalled_.pop_back();
  }
  return ended;
}

std::vector<jobserver::lease> jobserver::leases() const {
  auto out = lent_;
  out.insert(out.end(), recalled_.begin(), recalled_.end());
  return out;
}

} // namespace zako
