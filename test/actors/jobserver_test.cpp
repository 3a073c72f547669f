// The jobserver's pipe by itself, and with the real make.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "actors/workers/jobserver.hpp"

using namespace zako;

namespace {

/// As make does it: a token or none.
bool read_token(const jobserver& x) {
  int fd = x.fds()[0];
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  char byte = 0;
  return ::read(fd, &byte, 1) == 1;
}
void write_token(const jobserver& x) {
  REQUIRE(::write(x.fds()[1], "+", 1) == 1);
}

} // namespace

TEST_CASE("a program finds as many tokens as it has and is lent") {
  auto x = jobserver::open(2);
  REQUIRE(x);
  x->lend(10);
  for (int i = 0; i < 3; ++i)
    CHECK(read_token(*x));
  CHECK_FALSE(read_token(*x));
}

TEST_CASE("a recalled token comes back at once when nobody uses it, else when its job is done") {
  auto x = jobserver::open(0);
  REQUIRE(x);
  x->lend(10);
  x->lend(11);
  CHECK(read_token(*x));
  x->recall(10);
  CHECK(x->take_back() == std::vector<jobserver::lease>{10}); // the one that is there will do
  CHECK_FALSE(x->owed());
  x->recall(11);
  CHECK(x->take_back().empty());
  CHECK(x->owed());
  write_token(*x);
  CHECK(x->take_back() == std::vector<jobserver::lease>{11});
  CHECK_FALSE(x->owed());
  CHECK(x->leases().empty());
}

TEST_CASE("a lease is recalled once, and unknown ones are nobody's") {
  auto x = jobserver::open(0);
  REQUIRE(x);
  x->lend(10);
  x->lend(12);
  x->recall(10);
  x->recall(10);
  x->recall(99);
  CHECK(x->leases().size() == 2);
  CHECK(x->take_back() == std::vector<jobserver::lease>{10});
  CHECK(x->take_back().empty());
  CHECK(read_token(*x)); // the other one stays
}
