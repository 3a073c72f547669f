// Who gets what of the machine, and when: rules one by one, sixty simulated minutes of mixed
// waiters, and random requests beside a naive book that looks at everybody each time.
//
//   ZAKO_LEASE_SEQUENCES=100000  how many random sequences (3,000 by default)
//   ZAKO_LEASE_SEED=17           the first seed; with ZAKO_LEASE_SEQUENCES=1 the way to run a
//   failed
//                                one again
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include <catch2/catch.hpp>

#include "engine/lease_book.hpp"

using namespace zako;

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr auto normal = job_priority::normal;

need exact(const std::string& name, std::uint64_t n) {
  return {name, n, n, false};
}

/// A book with its own clock, which keeps who holds what.
class desk {
public:
  explicit desk(std::vector<resource_limits> resources, lease_book::policy how = {})
      : book(std::move(resources), how) {}

  result<void> ask(std::uint64_t ticket, std::vector<need> needs, job_priority priority = normal,
                   bool lendable = false, std::uint64_t holder = 1) {
    changes.clear();
    auto done = book.request({holder, ticket}, needs, priority, lendable, now, changes);
    take();
    return done;
  }
  void end(std::uint64_t ticket, std::uint64_t holder = 1) {
    changes.clear();
    book.finish({holder, ticket}, now, changes);
    held.erase(ticket);
    take();
  }
  /// The tickets that the last call granted.
  [[nodiscard]] std::vector<std::uint64_t> granted() const {
    std::vector<std::uint64_t> out;
    for (auto& x : changes.granted)
      out.push_back(x.who.ticket);
    return out;
  }
  [[nodiscard]] std::vector<std::uint64_t> recalled() const {
    std::vector<std::uint64_t> out;
    for (auto& x : changes.recalled)
      out.push_back(x.ticket);
    return out;
  }

  lease_book book;
  lease_changes changes;
  std::int64_t now = 0;
  std::map<std::uint64_t, std::vector<std::uint64_t>> held; // ticket → amounts

private:
  void take() {
    for (auto& x : changes.granted)
      held[x.who.ticket] = x.amounts;
  }
};

using tickets = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("a request gets all of its resources or none, in the order of its needs") {
  desk d({{"cpu", 4, 0, 1}, {"memory", 1000, 0, 100}});
  REQUIRE(d.ask(1, {exact("memory", 250), exact("cpu", 3)}));
  CHECK(d.held[1] == std::vector<std::uint64_t>{300, 3});
  REQUIRE(d.ask(2, {exact("cpu", 1), exact("memory", 800)}));
  CHECK(d.granted().empty());
  CHECK(d.book.state(0).held == 3); // the waiter holds no cpu
  CHECK(d.book.state(0).waiting == 1);
  d.end(1);
  CHECK(d.granted() == tickets{2});
  CHECK(d.held[2] == std::vector<std::uint64_t>{1, 800});
  d.end(2);
  CHECK(d.book.state(0).held == 0);
  CHECK(d.book.state(1).held == 0);
  CHECK(d.book.state(1).granted == 2);
}

TEST_CASE("a range takes what is free, at least takes all that is free, and both keep it") {
  desk d({{"cpu", 8, 0, 1}});
  REQUIRE(d.ask(1, {exact("cpu", 5)}));
  REQUIRE(d.ask(2, {{"cpu", 1, 2, false}}));
  CHECK(d.held[2] == std::vector<std::uint64_t>{2});
  REQUIRE(d.ask(3, {{"cpu", 1, everything, false}}));
  CHECK(d.held[3] == std::vector<std::uint64_t>{1});
  d.end(1);
  CHECK(d.book.state(0).held == 3);
  REQUIRE(d.ask(4, {{"cpu", 6, everything, false}}));
  CHECK(d.granted().empty());
  d.end(2);
  CHECK(d.held[4] == std::vector<std::uint64_t>{7});
}

TEST_CASE("soft needs may go past the capacity by the overcommit, hard ones never") {
  desk d({{"memory", 10, 4, 1}});
  REQUIRE(d.ask(1, {{"memory", 12, 12, true}}));
  CHECK(d.granted() == tickets{1});
  REQUIRE(d.ask(2, {{"memory", 3, 3, true}}));
  CHECK(d.granted().empty());
  REQUIRE(d.ask(3, {exact("memory", 1)}));
  d.end(1);
  CHECK(d.granted() == tickets{2, 3});
  REQUIRE(d.ask(4, {exact("memory", 7)}));
  CHECK(d.granted().empty());
  REQUIRE(d.ask(5, {{"memory", 9, 9, true}}));
  CHECK(d.granted() == tickets{5});
  CHECK(d.book.state(0).held == 13);
  CHECK(d.book.state(0).free() == 0);
}

TEST_CASE("a soft need of more than there is gets all there is") {
  desk d({{"memory", 10, 4, 1}});
  REQUIRE(d.ask(1, {{"memory", 1000, 1000, true}}));
  CHECK(d.held[1] == std::vector<std::uint64_t>{14});
}

TEST_CASE("what can never be is refused at once, with what there is") {
  desk d({{"cpu", 2, 0, 1}, {"memory", 3u << 20, 0, 1u << 20}});
  auto done = d.ask(1, {exact("cpu", 3)});
  REQUIRE(!done);
  CHECK(done.error().code == errc::invalid_argument);
  CHECK(done.error().message == "3 cpu are needed, and there are 2 cpu");
  CHECK(done.error().remedy == "this machine has 2 cpu, 3 MiB of memory");
  done = d.ask(2, {exact("memori", 3)});
  REQUIRE(!done);
  CHECK(done.error().message == "there is no resource 'memori'");
  CHECK(done.error().remedy == "did you mean 'memory'?");
  CHECK(!d.ask(3, {{"cpu", 2, 1, false}}));
  CHECK(!d.ask(4, {exact("cpu", 1), exact("cpu", 1)}));
  CHECK(!d.ask(5, std::vector<need>(max_needs + 1, exact("cpu", 1))));
  CHECK(d.book.state(0).waiting == 0);
  REQUIRE(d.ask(6, {exact("cpu", 2)}));
  CHECK(d.granted() == tickets{6});
}

TEST_CASE("within a class arrival decides, between classes the higher one goes first") {
  desk d({{"cpu", 1, 0, 1}});
  REQUIRE(d.ask(1, {exact("cpu", 1)}));
  REQUIRE(d.ask(2, {exact("cpu", 1)}, job_priority::background));
  REQUIRE(d.ask(3, {exact("cpu", 1)}, normal));
  REQUIRE(d.ask(4, {exact("cpu", 1)}, normal));
  REQUIRE(d.ask(5, {exact("cpu", 1)}, job_priority::interactive));
  tickets order;
  for (std::uint64_t last = 1; order.size() < 4; last = order.back()) {
    d.end(last);
    REQUIRE(d.granted().size() == 1);
    order.push_back(d.granted()[0]);
  }
  CHECK(order == tickets{5, 3, 4, 2});
}

TEST_CASE("who has waited long enough goes before a higher class that came later") {
  desk d({{"cpu", 1, 0, 1}}, {.aging_ns = 10 * second, .patience_ns = second});
  REQUIRE(d.ask(1, {exact("cpu", 1)}));
  REQUIRE(d.ask(2, {exact("cpu", 1)}, job_priority::background));
  d.now = 21 * second;
  REQUIRE(d.ask(3, {exact("cpu", 1)}, job_priority::interactive));
  d.end(1);
  CHECK(d.granted() == tickets{2});
}

TEST_CASE("others pass one that does not fit, until its patience ends; then its needs are kept") {
  desk d({{"cpu", 4, 0, 1}, {"gpu", 1, 0, 1}},
         {.aging_ns = 10 * second, .patience_ns = 2 * second});
  REQUIRE(d.ask(1, {exact("cpu", 2)}));
  REQUIRE(d.ask(2, {exact("cpu", 4)})); // waits
  d.now = second;
  REQUIRE(d.ask(3, {exact("cpu", 1)}));
  CHECK(d.granted() == tickets{3});
  d.now = 2 * second;
  REQUIRE(d.ask(4, {exact("cpu", 1)}));
  CHECK(d.granted().empty());
  REQUIRE(d.ask(5, {exact("gpu", 1)})); // not what is kept
  CHECK(d.granted() == tickets{5});
  d.end(3);
  CHECK(d.granted().empty());
  d.end(1);
  CHECK(d.granted() == tickets{2});
  d.end(2);
  CHECK(d.granted() == tickets{4});
}

TEST_CASE("withdrawing a request lets those behind it go") {
  desk d({{"cpu", 2, 0, 1}}, {.aging_ns = second, .patience_ns = 0});
  REQUIRE(d.ask(1, {exact("cpu", 1)}));
  REQUIRE(d.ask(2, {exact("cpu", 2)}));
  REQUIRE(d.ask(3, {exact("cpu", 1)}));
  CHECK(d.granted().empty());
  d.end(2);
  CHECK(d.granted() == tickets{3});
  d.end(99); // nobody's
  CHECK(d.granted().empty());
}

TEST_CASE("all that a lost holder had and waited for comes back, in one call") {
  desk d({{"cpu", 3, 0, 1}});
  REQUIRE(d.ask(1, {exact("cpu", 1)}, normal, false, 7));
  REQUIRE(d.ask(2, {exact("cpu", 2)}, normal, false, 7));
  REQUIRE(d.ask(3, {exact("cpu", 3)}, normal, false, 7));
  REQUIRE(d.ask(4, {exact("cpu", 3)}, normal, false, 8));
  d.changes.clear();
  d.book.holder_lost(7, d.now, d.changes);
  CHECK(d.granted() == tickets{4});
  CHECK(d.changes.released.size() == 3);
  d.end(4, 8);
  CHECK(d.book.state(0).held == 0);
  CHECK(d.book.state(0).waiting == 0);
}

TEST_CASE("what was lent is asked for once, as much as waiters lack, the newest first") {
  desk d({{"cpu", 4, 0, 1}});
  REQUIRE(d.ask(1, {exact("cpu", 1)}));
  for (std::uint64_t i = 2; i <= 4; ++i)
    REQUIRE(d.ask(i, {exact("cpu", 1)}, job_priority::background, true));
  REQUIRE(d.ask(5, {exact("cpu", 1)}, job_priority::background, true));
  CHECK(d.recalled().empty()); // one that lends does not make others give back
  REQUIRE(d.ask(6, {exact("cpu", 2)}));
  CHECK(d.recalled() == tickets{4, 3});
  REQUIRE(d.ask(7, {exact("cpu", 1)}));
  CHECK(d.recalled() == tickets{2});
  REQUIRE(d.ask(8, {exact("cpu", 1)}));
  CHECK(d.recalled().empty()); // nothing is left to ask for
  d.end(4);
  CHECK(d.granted() == tickets{7}); // 6 needs two, and lets others pass yet
  d.end(3);
  d.end(2);
  CHECK(d.recalled().empty());
}

TEST_CASE("nothing is asked for when giving it back would not help") {
  desk d({{"cpu", 2, 0, 1}, {"gpu", 1, 0, 1}});
  REQUIRE(d.ask(1, {exact("gpu", 1)}));
  REQUIRE(d.ask(2, {exact("cpu", 1)}, job_priority::background, true));
  REQUIRE(d.ask(3, {exact("cpu", 2), exact("gpu", 1)})); // the gpu is not lent
  CHECK(d.recalled().empty());
  d.end(1);
  CHECK(d.recalled() == tickets{2});
}

TEST_CASE("slots are bounded: the granularity grows with the capacity") {
  desk d({{"memory", 1ull << 50, 1ull << 40, 64u << 20}, {"tiny", 10, 0, 64}});
  CHECK(d.book.slot_count() <= lease_book::max_slots + 1);
  CHECK(d.book.state(0).limits.capacity >= (1ull << 50) - (1ull << 39));
  CHECK(d.book.state(1).limits.capacity == 10);
  REQUIRE(d.ask(1, {exact("tiny", 3)}));
  CHECK(d.held[1] == std::vector<std::uint64_t>{10});
}

TEST_CASE("a grant does not look at all who wait") {
  desk d({{"cpu", 2, 0, 1}});
  constexpr std::uint64_t waiters = 200'000;
  auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 1; i <= waiters; ++i)
    REQUIRE(d.ask(i, {exact("cpu", 1)}));
  for (std::uint64_t i = 1; i <= waiters; ++i)
    d.end(i);
  CHECK(d.book.state(0).granted == waiters);
  // Milliseconds; a look at all of them each time would be 20,000,000,000 looks.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
}

TEST_CASE("sixty minutes of waiters of mixed sizes: nobody waits longer than the header says") {
  constexpr std::int64_t longest_lease = 30 * second;
  lease_book::policy how{.aging_ns = 10 * second, .patience_ns = 2 * second};
  auto* text = std::getenv("ZAKO_LEASE_SEED");
  auto seed = text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 1u;
  INFO("ZAKO_LEASE_SEED=" << seed);
  std::mt19937_64 random(seed);
  auto below = [&](std::int64_t n) {
    return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random);
  };
  desk d({{"cpu", 8, 0, 1}, {"memory", 64, 16, 1}}, how);
  struct waiting {
    std::int64_t arrived = 0, key = 0;
    std::int64_t deadline = 0; // once it is known who stands before it
  };
  std::map<std::uint64_t, waiting> line;
  std::multimap<std::int64_t, std::uint64_t> ends;
  std::uint64_t next = 0, served = 0;
  std::int64_t arrival = 0, longest_big = 0;
  auto settle = [&] {
    for (auto& x : d.changes.granted) {
      ends.emplace(d.now + second + below(longest_lease - second), x.who.ticket);
      auto& w = line.at(x.who.ticket);
      if (x.amounts[0] == 8)
        longest_big = std::max(longest_big, x.waited_ns);
      if (w.deadline > 0 && d.now > w.deadline)
        FAIL("ticket " << x.who.ticket << " waited " << x.waited_ns / second << " s");
      line.erase(x.who.ticket);
      ++served;
    }
  };
  auto settle_time = std::max(2 * how.aging_ns, how.patience_ns);
  while (d.now < 3600 * second || !line.empty()) {
    bool arrives = arrival < 3600 * second && (ends.empty() || arrival <= ends.begin()->first);
    d.now = arrives ? arrival : ends.begin()->first;
    for (auto& [ticket, w] : line) // who stands before a waiter does not change any more
      if (w.deadline == 0 && d.now >= w.arrived + settle_time) {
        auto before = std::count_if(line.begin(), line.end(),
                                    [&, &w = w](auto& other) { return other.second.key < w.key; });
        w.deadline = w.arrived + settle_time + (before + 1) * longest_lease;
      }
    if (arrives) {
      auto big = below(40) == 0; // now and then one that wants the whole machine, at the back
      auto priority = big ? job_priority::background : static_cast<job_priority>(below(3));
      auto cpu = big ? 8 : 1 + below(3);
      line[++next] = {d.now, d.now - static_cast<std::int64_t>(priority) * how.aging_ns, 0};
      REQUIRE(d.ask(next,
                    {exact("cpu", static_cast<std::uint64_t>(cpu)),
                     {"memory", static_cast<std::uint64_t>(1 + below(8)), 16, below(2) == 0}},
                    priority));
      arrival += below(6 * second); // some more than the machine can do
    } else {
      auto ticket = ends.begin()->second;
      ends.erase(ends.begin());
      d.end(ticket);
    }
    settle();
  }
  CHECK(served == next);
  CHECK(served > 500);
  CHECK(longest_big > how.patience_ns); // there was something to wait for
}

// -- beside a naive book
// --------------------------------------------------------------------------------------------

namespace {

/// The same rules, by looking at everybody.
class naive_book {
public:
  struct one {
    std::vector<need> needs;
    bool lendable = false, granted = false;
    std::int64_t arrived = 0, key = 0;
    std::uint64_t number = 0;
    std::map<std::string, std::uint64_t> got;
  };

  std::map<std::string, resource_limits> limits; // granularity 1
  lease_book::policy how;
  std::map<std::uint64_t, one> all; // by ticket

  [[nodiscard]] std::uint64_t used(const std::string& name) const {
    std::uint64_t sum = 0;
    for (auto& [ticket, x] : all)
      if (auto i = x.got.find(name); i != x.got.end())
        sum += i->second;
    return sum;
  }

  std::vector<std::uint64_t> serve(std::int64_t now) {
    std::vector<std::uint64_t> served;
    std::vector<std::pair<std::uint64_t, one*>> line;
    for (auto& [ticket, x] : all)
      if (!x.granted)
        line.emplace_back(ticket, &x);
    std::sort(line.begin(), line.end(), [](auto& a, auto& b) {
      return std::pair(a.second->key, a.second->number) <
             std::pair(b.second->key, b.second->number);
    });
    std::map<std::string, std::uint64_t> top;
    for (auto& [name, x] : limits)
      top[name] = x.capacity + x.overcommit;
    auto limit = [&](const need& n) {
      auto& x = limits.at(n.resource);
      return std::min(top[n.resource], x.capacity + (n.soft ? x.overcommit : 0));
    };
    auto left = [&](const need& n) {
      return std::max(limit(n), used(n.resource)) - used(n.resource);
    };
    auto like = [](const one& a, const one& b) {
      return a.needs == b.needs && a.lendable == b.lendable;
    };
    std::vector<one*> kept;
    for (auto& [ticket, x] : line) {
      auto fits = std::all_of(x->needs.begin(), x->needs.end(),
                              [&](auto& n) { return n.least <= left(n); });
      if (fits) {
        for (auto& n : x->needs)
          x->got[n.resource] = std::min(n.most, left(n));
        x->granted = true;
        served.push_back(ticket);
        continue;
      }
      auto overdue = std::any_of(line.begin(), line.end(), [&, x = x](auto& other) {
        return !other.second->granted && like(*other.second, *x) &&
               now - other.second->arrived >= how.patience_ns;
      });
      auto again =
          std::any_of(kept.begin(), kept.end(), [&, x = x](auto* y) { return like(*y, *x); });
      if (!overdue || again || x->lendable)
        continue;
      kept.push_back(x);
      for (auto& n : x->needs) {
        auto most = limit(n);
        top[n.resource] = most > n.least ? most - n.least : 0;
      }
    }
    return served;
  }
};

void run_sequence(unsigned seed) {
  INFO("ZAKO_LEASE_SEED=" << seed << " ZAKO_LEASE_SEQUENCES=1");
  std::mt19937_64 random(seed);
  auto below = [&](std::uint64_t n) {
    return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random);
  };
  naive_book naive;
  naive.how = {.aging_ns = 50, .patience_ns = static_cast<std::int64_t>(below(40))};
  std::vector<resource_limits> resources;
  for (auto* name : {"a", "b", "c"})
    if (resources.empty() || below(3) > 0) {
      resources.push_back({name, 1 + below(8), below(2) * below(4), 1});
      naive.limits[name] = resources.back();
    }
  lease_book book(resources, naive.how);
  std::set<std::uint64_t> recalled;
  std::int64_t now = 0;
  std::uint64_t next = 0;
  lease_changes changes;

  auto compare = [&](const std::vector<std::uint64_t>& expected) {
    std::vector<std::uint64_t> got;
    for (auto& x : changes.granted)
      got.push_back(x.who.ticket);
    if (got != expected)
      FAIL("step " << now << ": other tickets were granted");
    for (auto& x : changes.granted) {
      auto& one = naive.all.at(x.who.ticket);
      for (std::size_t i = 0; i < one.needs.size(); ++i)
        if (x.amounts.at(i) != one.got.at(one.needs[i].resource))
          FAIL("ticket " << x.who.ticket << " got another amount");
    }
    for (std::size_t i = 0; i < resources.size(); ++i)
      if (book.state(i).held != naive.used(resources[i].name))
        FAIL("step " << now << ": another amount of " << resources[i].name << " is held");
    for (auto& x : changes.recalled) {
      auto& one = naive.all.at(x.ticket);
      if (!one.granted || !one.lendable || !recalled.insert(x.ticket).second)
        FAIL("ticket " << x.ticket << " must not be recalled");
      if (std::none_of(naive.all.begin(), naive.all.end(),
                       [](auto& y) { return !y.second.granted && !y.second.lendable; }))
        FAIL("nobody waits for ticket " << x.ticket);
    }
  };
  auto end_all_of = [&](auto chosen) {
    for (auto i = naive.all.begin(); i != naive.all.end();)
      i = chosen(i->first) ? naive.all.erase(i) : std::next(i);
  };

  for (int step = 0; step < 60; ++step) {
    now += static_cast<std::int64_t>(below(10));
    changes.clear();
    auto what = below(20);
    if (what < 11 || naive.all.empty()) {
      naive_book::one x;
      for (auto& r : resources)
        if (below(2) == 0 || (x.needs.empty() && &r == &resources.back())) {
          need n{r.name, 0, 0, below(3) == 0};
          n.least = below(1 + r.capacity);
          n.most = below(3) == 0 ? n.least + below(4) : n.least;
          n.most = std::min(n.most, r.capacity);
          x.needs.push_back(n);
        }
      auto priority = static_cast<job_priority>(below(3));
      x.lendable = below(4) == 0;
      x.arrived = now;
      x.key = x.lendable ? std::numeric_limits<std::int64_t>::max()
                         : now - static_cast<std::int64_t>(priority) * naive.how.aging_ns;
      x.number = ++next;
      auto& kept = naive.all[next] = std::move(x);
      REQUIRE(book.request({next % 3, next}, kept.needs, priority, kept.lendable, now, changes));
    } else if (what < 19) {
      auto i = naive.all.begin();
      std::advance(i, static_cast<std::ptrdiff_t>(below(naive.all.size())));
      auto ticket = i->first;
      naive.all.erase(i);
      book.finish({ticket % 3, ticket}, now, changes);
    } else {
      auto holder = below(3);
      end_all_of([&](auto ticket) { return ticket % 3 == holder; });
      book.holder_lost(holder, now, changes);
    }
    compare(naive.serve(now));
  }
  for (std::uint64_t holder = 0; holder < 3; ++holder) {
    end_all_of([&](auto ticket) { return ticket % 3 == holder; });
    changes.clear();
    book.holder_lost(holder, now, changes);
    compare(naive.serve(now));
  }
  for (std::size_t i = 0; i < resources.size(); ++i)
    if (book.state(i).held != 0 || book.state(i).waiting != 0)
      FAIL("something is left of " << resources[i].name);
}

unsigned long number_of(const char* variable, unsigned long otherwise) {
  auto* text = std::getenv(variable);
  return text ? std::strtoul(text, nullptr, 10) : otherwise;
}

} // namespace

TEST_CASE("random requests are served as by a book that looks at everybody") {
  auto first = static_cast<unsigned>(number_of("ZAKO_LEASE_SEED", 1));
  auto count = number_of("ZAKO_LEASE_SEQUENCES", 3000);
  for (unsigned i = 0; i < count; ++i)
    run_sequence(first + i);
}

TEST_CASE(
    "a lease that can be lent is spare: it never goes before another, however long it waits") {
  lease_book book{{{"cpu", 1, 0, 1}}, {.aging_ns = 10, .patience_ns = 10}};
  lease_changes changes;
  std::vector<need> one{{"cpu", 1, 1, false}};
  REQUIRE(book.request({1, 1}, one, job_priority::normal, false, 0, changes));
  REQUIRE(book.request({2, 1}, one, job_priority::normal, true, 1, changes));
  REQUIRE(book.request({3, 1}, one, job_priority::background, false, 1'000'000, changes));
  changes.clear();
  book.finish({1, 1}, 1'000'001, changes);
  REQUIRE(changes.granted.size() == 1);
  CHECK(changes.granted.front().who == lease_name{3, 1});
}

TEST_CASE("a ticket that is in use is refused, and keeps what it has") {
  lease_book book{{{"cpu", 1, 0, 1}}, {}};
  lease_changes changes;
  std::vector<need> one{{"cpu", 1, 1, false}};
  REQUIRE(book.request({1, 1}, one, job_priority::normal, false, 0, changes));
  auto again = book.request({1, 1}, one, job_priority::normal, false, 1, changes);
  REQUIRE(!again);
  CHECK(again.error().code == errc::invalid_argument);
  CHECK(book.state(0).held == 1);
}
