// Two pipes, and a thread between them.
#include "actors/workers/jobserver.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace zako {

namespace {

constexpr char token = '+'; // as make writes it

} // namespace

result<std::unique_ptr<jobserver>> jobserver::open(std::size_t own,
                                                   std::function<void(lease)> on_return) {
  std::unique_ptr<jobserver> out{new jobserver(std::move(on_return))};
  if (auto done = out->start(own); !done)
    return tl::unexpected(std::move(done.error()));
  return out;
}

result<void> jobserver::start(std::size_t own) {
  std::array<int, 2> take{-1, -1}, give{-1, -1};
  bool good = ::pipe2(take.data(), O_CLOEXEC) == 0;
  take_ = {take[0], take[1]};
  good = good && ::pipe2(give.data(), O_CLOEXEC) == 0;
  give_ = {give[0], give[1]};
  // A second way to the same pipe, as the program sets for the first whether reading waits.
  auto path = "/proc/self/fd/" + std::to_string(take_.read);
  good = good && (look_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) >= 0;
  good = good && (stop_ = ::eventfd(0, EFD_CLOEXEC)) >= 0;
  // This end is ours alone. A program that gives more than it took fills the pipe, and not our
  // time.
  good = good && ::fcntl(take_.write, F_SETFL, O_NONBLOCK) == 0;
  if (!good)
    return fail(errc::io, std::string("cannot make a jobserver: ") + std::strerror(errno));
  for (std::size_t i = 0; i < own; ++i)
    put_token();
  carrier_ = std::thread{[this] { carry(); }};
  return {};
}

jobserver::~jobserver() {
  if (carrier_.joinable()) {
    std::uint64_t one = 1;
    [[maybe_unused]] auto written = ::write(stop_, &one, sizeof one);
    carrier_.join();
  }
  for (int fd : {take_.read, take_.write, give_.read, give_.write, look_, stop_})
    if (fd >= 0)
      ::close(fd);
}

std::string jobserver::make_flags() const {
  return "-j --jobserver-auth=" + std::to_string(fds()[0]) + ',' + std::to_string(fds()[1]);
}

void jobserver::put_token() const {
  [[maybe_unused]] auto written = ::write(take_.write, &token, 1); // there is room for thousands
}

void jobserver::lend(lease x) {
  std::lock_guard guard{mutex_};
  lent_.push_back(x);
  if (recalled_.empty())
    return put_token();
  auto back = recalled_.back(); // the new token serves for the one that is wanted
  recalled_.pop_back();
  on_return_(back);
}

void jobserver::recall(lease x) {
  std::lock_guard guard{mutex_};
  auto i = std::find(lent_.begin(), lent_.end(), x);
  if (i == lent_.end())
    return;
  lent_.erase(i);
  char byte = 0;
  if (::read(look_, &byte, 1) == 1)
    on_return_(x);
  else
    recalled_.push_back(x);
}

std::vector<jobserver::lease> jobserver::leases() {
  std::lock_guard guard{mutex_};
  auto out = lent_;
  out.insert(out.end(), recalled_.begin(), recalled_.end());
  return out;
}

void jobserver::carry() {
  for (;;) {
    std::array<pollfd, 2> sources{{{give_.read, POLLIN, 0}, {stop_, POLLIN, 0}}};
    if (::poll(sources.data(), sources.size(), -1) < 0 && errno != EINTR)
      return;
    if (sources[1].revents != 0)
      return;
    char byte = 0;
    if (sources[0].revents == 0 || ::read(give_.read, &byte, 1) != 1)
      continue;
    std::lock_guard guard{mutex_};
    if (recalled_.empty()) {
      put_token();
    } else {
      auto back = recalled_.back();
      recalled_.pop_back();
      on_return_(back);
    }
  }
}

} // namespace zako
