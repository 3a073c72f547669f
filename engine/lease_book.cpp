// The line of waiters, the queues in it, and the slots.
#include "engine/lease_book.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <optional>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "engine/suggest.hpp"

namespace zako {

namespace {

std::uint64_t mixed(std::uint64_t h, std::uint64_t x) {
  h = (h ^ x) * 0x9e3779b97f4a7c15u;
  return h ^ (h >> 29);
}

/// A place in a ring that knows its neighbours. `Which`: an object may stand in several.
template <int Which>
struct hook {
  hook* before = this;
  hook* after = this;

  hook() = default;
  hook(const hook&) = delete;
  hook& operator=(const hook&) = delete;

  [[nodiscard]] bool alone() const { return after == this; }
  /// Puts `x`, which is alone, behind all others of the ring that this is the start of.
  void append(hook& x) {
    x.before = before;
    x.after = this;
    before->after = &x;
    before = &x;
  }
  void unlink() {
    before->after = after;
    after->before = before;
    before = after = this;
  }
};

using in_queue = hook<0>;
using of_holder = hook<1>;
using lent = hook<2>; // can be asked for, and was not yet

struct part { // of what a request needs, in slots
  std::uint16_t resource = 0;
  bool soft = false;
  std::uint32_t least = 0;
  std::uint32_t most = 0;
  bool operator==(const part&) const = default;
};

struct shape { // its parts, in the order of the resources
  std::array<part, max_needs> parts{};
  std::uint8_t size = 0;
  bool lendable = false;

  bool operator==(const shape&) const = default;
  [[nodiscard]] const part* begin() const { return parts.data(); }
  [[nodiscard]] const part* end() const { return parts.data() + size; }
};

struct shape_hash {
  std::size_t operator()(const shape& x) const {
    std::uint64_t h = x.lendable ? 1 : 2;
    for (auto& p : x) {
      h = mixed(h, (static_cast<std::uint64_t>(p.resource) << 1) | (p.soft ? 1 : 0));
      h = mixed(h, (static_cast<std::uint64_t>(p.least) << 32) | p.most);
    }
    return h;
  }
};

struct name_hash {
  std::size_t operator()(const lease_name& x) const { return mixed(mixed(1, x.holder), x.ticket); }
};

struct queue;

/// A lease, or a request that waits for one.
struct entry : in_queue, of_holder, lent {
  lease_name who;
  shape needs;
  std::array<std::uint8_t, max_needs> order{}; // the part of each need that was named
  std::size_t lane = 0;                        // its priority class
  std::int64_t arrived_ns = 0;
  std::int64_t key = 0;     // its place in the line,
  std::uint64_t number = 0; // and among equals
  queue* waits_in = nullptr;
  std::vector<std::uint32_t> slots; // of a lease, in the order of the resources
  bool recalled = false;
};

/// Waiters of one shape.
struct queue {
  explicit queue(const shape& of) : needs(of) {}

  shape needs;
  std::array<in_queue, job_priorities> lanes; // each in the order of arrival
  std::uint64_t count = 0;

  [[nodiscard]] const entry& front() const {
    const entry* best = nullptr;
    each_lane([&](const entry& x) {
      if (!best || x.key < best->key || (x.key == best->key && x.number < best->number))
        best = &x;
    });
    assert(best);
    return *best;
  }
  [[nodiscard]] std::int64_t oldest_ns() const {
    std::optional<std::int64_t> oldest;
    each_lane(
        [&](const entry& x) { oldest = oldest ? std::min(*oldest, x.arrived_ns) : x.arrived_ns; });
    assert(oldest);
    return *oldest;
  }

private:
  template <class F>
  void each_lane(F f) const {
    for (auto& x : lanes)
      if (!x.alone())
        f(static_cast<const entry&>(*x.after));
  }
};

struct resource {
  resource_state state;
  std::uint32_t capacity = 0; // in slots, as all below
  std::uint32_t all = 0;      // with what may be overcommitted
  std::uint32_t used = 0;
  std::uint32_t lent = 0;                // of these, what can be asked for
  std::uint32_t recalled = 0;            // of these, what was asked for and has not come back
  std::vector<std::uint32_t> free_slots; // the last is the next to be granted
  std::uint64_t queues = 0;              // that cannot go without it

  [[nodiscard]] std::uint32_t limit(const part& p) const { return p.soft ? all : capacity; }
};

resource_limits in_whole_slots(resource_limits x) {
  constexpr auto most = std::uint64_t{1} << 62;
  x.capacity = std::min(x.capacity, most);
  x.overcommit = std::min(x.overcommit, most);
  x.granularity = std::max<std::uint64_t>(x.granularity, 1);
  if (x.capacity > 0)
    x.granularity = std::min(x.granularity, x.capacity);
  auto sum = x.capacity + x.overcommit;
  x.granularity =
      std::max(x.granularity, (sum + lease_book::max_slots - 1) / lease_book::max_slots);
  x.capacity -= x.capacity % x.granularity;
  x.overcommit -= x.overcommit % x.granularity;
  return x;
}

/// A queue's place in the line: that of its first waiter.
struct place {
  std::int64_t key = 0;
  std::uint64_t number = 0;
  queue* what = nullptr;

  explicit place(queue& q) : key(q.front().key), number(q.front().number), what(&q) {}
  bool operator<(const place& other) const {
    return key != other.key ? key < other.key : number < other.number;
  }
};

struct understood { // a request's needs
  shape what;
  std::array<std::uint8_t, max_needs> order{};
};

} // namespace

class lease_book::pages {
public:
  pages(const std::vector<resource_limits>& given, policy how) : policy_(how) {
    for (auto& x : given) {
      assert(index_of(x.name) == resources_.size() && "a resource is given twice");
      resource r;
      auto& limits = r.state.limits = in_whole_slots(x);
      r.capacity = static_cast<std::uint32_t>(limits.capacity / limits.granularity);
      r.all = r.capacity + static_cast<std::uint32_t>(limits.overcommit / limits.granularity);
      auto first = static_cast<std::uint32_t>(slot_resource.size());
      for (auto i = r.all; i > 0; --i) // lower numbers first
        r.free_slots.push_back(first + i - 1);
      slot_resource.insert(slot_resource.end(), r.all,
                           static_cast<std::uint16_t>(resources_.size()));
      resources_.push_back(std::move(r));
    }
    top_.resize(resources_.size());
    lacking_.resize(resources_.size());
    wanted_.resize(resources_.size());
  }

  result<void> request(lease_name who, const std::vector<need>& needs, job_priority priority,
                       bool lendable, std::int64_t now_ns, lease_changes& out) {
    auto asked = understand(needs, lendable);
    if (!asked)
      return tl::unexpected(std::move(asked.error()));
    auto [i, fresh] = entries_.try_emplace(who);
    if (!fresh)
      return fail(errc::invalid_argument,
                  fmt::format("a lease was asked for twice: ticket {} is in use", who.ticket),
                  "give each request a ticket of its own");
    auto& x = i->second;
    holders_[who.holder].append(x);
    x.who = who;
    x.needs = asked->what;
    x.order = asked->order;
    x.lane = static_cast<std::size_t>(priority);
    x.arrived_ns = now_ns;
    // What can be lent is spare: such a request never comes to stand before another.
    x.key = lendable ? std::numeric_limits<std::int64_t>::max()
                     : now_ns - static_cast<std::int64_t>(x.lane) * policy_.aging_ns;
    x.number = ++arrivals_;
    if (line_.empty()) {
      open_all();
      if (fits(x.needs)) {
        grant(x, now_ns, out);
        return {};
      }
    }
    stand_in_line(x);
    serve(now_ns, out);
    return {};
  }

  void finish(lease_name who, std::int64_t now_ns, lease_changes& out) {
    auto i = entries_.find(who);
    if (i == entries_.end())
      return;
    let_go(i->second, out);
    entries_.erase(i);
    serve(now_ns, out);
  }

  void holder_lost(std::uint64_t holder, std::int64_t now_ns, lease_changes& out) {
    auto i = holders_.find(holder);
    if (i == holders_.end())
      return;
    while (!i->second.alone()) {
      auto& x = static_cast<entry&>(*i->second.after);
      let_go(x, out);
      entries_.erase(x.who);
    }
    holders_.erase(i);
    serve(now_ns, out);
  }

  [[nodiscard]] std::size_t resource_count() const { return resources_.size(); }
  [[nodiscard]] const resource_state& state(std::size_t i) const { return resources_[i].state; }

  std::vector<std::uint16_t> slot_resource;

private:
  // -- what is asked

  [[nodiscard]] std::size_t index_of(std::string_view name) const {
    std::size_t i = 0;
    while (i < resources_.size() && resources_[i].state.limits.name != name)
      ++i;
    return i;
  }

  [[nodiscard]] std::string inventory() const {
    std::string list;
    for (auto& r : resources_)
      list +=
          (list.empty() ? "" : ", ") + amount_text(r.state.limits.name, r.state.limits.capacity);
    return "this machine has " + (list.empty() ? std::string("nothing to give") : list);
  }

  [[nodiscard]] result<understood> understand(const std::vector<need>& needs, bool lendable) const {
    understood out;
    auto refuse = [](std::string why, std::string remedy = {}) {
      return fail(errc::invalid_argument, std::move(why), std::move(remedy));
    };
    if (needs.size() > max_needs)
      return refuse(fmt::format("{} resources are asked for at once, and the most are {}",
                                needs.size(), max_needs));
    std::array<part, max_needs> parts;
    for (std::size_t i = 0; i < needs.size(); ++i) {
      auto& n = needs[i];
      auto at = index_of(n.resource);
      if (at == resources_.size()) {
        std::vector<std::string> names;
        for (auto& r : resources_)
          names.push_back(r.state.limits.name);
        return refuse(fmt::format("there is no resource '{}'", n.resource),
                      did_you_mean(n.resource, names, inventory()));
      }
      auto& r = resources_[at];
      if (n.most < n.least)
        return refuse(fmt::format("at least {} and at most {} are asked for",
                                  amount_text(n.resource, n.least),
                                  amount_text(n.resource, n.most)));
      auto unit = r.state.limits.granularity;
      auto all = std::uint64_t{n.soft ? r.all : r.capacity};
      auto slots = [unit](std::uint64_t units) { return units / unit + (units % unit != 0); };
      auto least = slots(n.least);
      if (least > all && !n.soft)
        return refuse(
            fmt::format("{} needed, and there {} {}",
                        amount_text(n.resource, n.least) + (n.least == 1 ? " is" : " are"),
                        r.state.limits.capacity == 1 ? "is" : "are",
                        amount_text(n.resource, r.state.limits.capacity)),
            inventory());
      parts[i] = {static_cast<std::uint16_t>(at), n.soft,
                  static_cast<std::uint32_t>(std::min(least, all)),
                  static_cast<std::uint32_t>(std::min(slots(n.most), all))};
    }
    // The slots are taken in one order, whatever order they were named in.
    std::array<std::uint8_t, max_needs> sorted{};
    for (std::size_t i = 0; i < needs.size(); ++i)
      sorted[i] = static_cast<std::uint8_t>(i);
    std::sort(sorted.begin(), sorted.begin() + needs.size(),
              [&](auto a, auto b) { return parts[a].resource < parts[b].resource; });
    out.what.size = static_cast<std::uint8_t>(needs.size());
    out.what.lendable = lendable;
    for (std::size_t i = 0; i < needs.size(); ++i) {
      out.what.parts[i] = parts[sorted[i]];
      out.order[sorted[i]] = static_cast<std::uint8_t>(i);
      if (i > 0 && out.what.parts[i].resource == out.what.parts[i - 1].resource)
        return refuse(fmt::format("'{}' is asked for twice", needs[sorted[i]].resource));
    }
    return out;
  }

  // -- the line

  void stand_in_line(entry& x) {
    auto [i, fresh] = queues_.try_emplace(x.needs, x.needs);
    auto& q = i->second;
    x.waits_in = &q;
    if (q.count == 0) {
      q.lanes[x.lane].append(x);
      line_.insert(place{q});
    } else {
      auto before = place{q};
      q.lanes[x.lane].append(x);
      move(q, before);
    }
    ++q.count;
    for (auto& p : q.needs) {
      resources_[p.resource].queues += fresh && p.least > 0;
      ++resources_[p.resource].state.waiting;
    }
  }

  /// The first waiter of a queue with others may have changed.
  void move(queue& q, const place& before) {
    place now{q};
    if (now.number == before.number)
      return;
    auto node = line_.extract(before);
    node.value() = now;
    line_.insert(std::move(node));
  }

  void leave_line(entry& x) {
    auto& q = *x.waits_in;
    auto before = place{q};
    static_cast<in_queue&>(x).unlink();
    --q.count;
    x.waits_in = nullptr;
    for (auto& p : q.needs) {
      resources_[p.resource].queues -= q.count == 0 && p.least > 0;
      --resources_[p.resource].state.waiting;
    }
    if (q.count > 0)
      return move(q, before);
    line_.erase(before);
    queues_.erase(queues_.find(x.needs));
  }

  // -- giving and taking

  /// Nobody stands before whoever asks now: each resource may be used up.
  void open_all() {
    for (std::size_t i = 0; i < resources_.size(); ++i)
      top_[i] = resources_[i].all;
  }
  /// So much of a resource is left for these needs at this place of the line.
  [[nodiscard]] std::uint32_t left(const part& p) const {
    auto& r = resources_[p.resource];
    auto limit = std::min(top_[p.resource], r.limit(p));
    return limit > r.used ? limit - r.used : 0;
  }
  [[nodiscard]] bool fits(const shape& what) const {
    return std::all_of(what.begin(), what.end(), [this](auto& p) { return p.least <= left(p); });
  }
  /// Whoever stands further back may not take what these need.
  void keep(const shape& what) {
    for (auto& p : what) {
      auto limit = std::min(top_[p.resource], resources_[p.resource].limit(p));
      top_[p.resource] = limit > p.least ? limit - p.least : 0;
    }
  }
  /// Quick: a resource that nobody in the line can go without is used up.
  [[nodiscard]] bool nothing_fits() const {
    return std::any_of(resources_.begin(), resources_.end(), [this](auto& r) {
      return r.used == r.all && r.queues > 0 && r.queues == queues_.size();
    });
  }

  void grant(entry& x, std::int64_t now_ns, lease_changes& out) {
    auto& told = out.granted.emplace_back();
    told.who = x.who;
    told.waited_ns = now_ns - x.arrived_ns;
    std::array<std::uint64_t, max_needs> units{};
    for (std::size_t i = 0; i < x.needs.size; ++i) {
      auto& p = x.needs.parts[i];
      auto& r = resources_[p.resource];
      auto n = std::min(p.most, left(p));
      for (std::uint32_t k = 0; k < n; ++k) {
        x.slots.push_back(r.free_slots.back());
        r.free_slots.pop_back();
      }
      r.used += n;
      r.lent += x.needs.lendable ? n : 0;
      r.state.held += n * r.state.limits.granularity;
      ++r.state.granted;
      r.state.longest_wait_ns = std::max(r.state.longest_wait_ns, told.waited_ns);
      units[i] = n * r.state.limits.granularity;
    }
    for (std::size_t i = 0; i < x.needs.size; ++i)
      told.amounts.push_back(units[x.order[i]]);
    told.slots = x.slots;
    if (x.needs.lendable)
      lent_.append(x);
  }

  void let_go(entry& x, lease_changes& out) {
    static_cast<of_holder&>(x).unlink();
    static_cast<lent&>(x).unlink();
    if (x.waits_in)
      return leave_line(x);
    for (auto slot : x.slots) {
      auto& r = resources_[slot_resource[slot]];
      r.free_slots.push_back(slot);
      --r.used;
      r.state.held -= r.state.limits.granularity;
      r.lent -= x.needs.lendable;
      r.recalled -= x.recalled;
      out.released.push_back(slot);
    }
  }

  /// Grants what can be granted, and asks for what was lent when somebody waits for it.
  void serve(std::int64_t now_ns, lease_changes& out) {
    if (line_.empty())
      return;
    open_all();
    for (auto i = line_.begin(); i != line_.end() && !nothing_fits();) {
      auto& q = *i->what;
      if (!fits(q.needs)) {
        // Nothing is kept for whoever would be asked to give it back.
        if (!q.needs.lendable && now_ns - q.oldest_ns() >= policy_.patience_ns)
          keep(q.needs);
        ++i;
        continue;
      }
      auto& x = const_cast<entry&>(q.front()); // its queue is not const
      auto next = std::next(i);
      auto more = q.count > 1;
      leave_line(x);
      grant(x, now_ns, out);
      i = next;
      if (more) // the queue may still stand before the next one
        if (place now{q}; next == line_.end() || now < *next)
          i = line_.find(now);
    }
    recall(out);
  }

  /// A waiter that lacks what was lent has it asked for.
  void recall(lease_changes& out) {
    if (lent_.alone() || line_.empty())
      return;
    std::fill(lacking_.begin(), lacking_.end(), 0);
    std::fill(wanted_.begin(), wanted_.end(), 0);
    for (auto& at : line_) {
      auto& q = *at.what;
      auto helps = [this](const part& p) {
        auto& r = resources_[p.resource];
        return r.used - r.lent + p.least <= r.limit(p);
      };
      if (q.needs.lendable || !std::all_of(q.needs.begin(), q.needs.end(), helps))
        continue;
      for (auto& p : q.needs) {
        auto& r = resources_[p.resource];
        wanted_[p.resource] += p.least * q.count;
        auto there = std::uint64_t{r.limit(p)} + r.recalled;
        auto then = r.used + wanted_[p.resource];
        if (then > there)
          lacking_[p.resource] = std::max(lacking_[p.resource], then - there);
      }
    }
    for (auto* i = lent_.before; i != &lent_;) { // the newest has done the least yet
      auto& x = static_cast<entry&>(*i);
      i = i->before;
      if (std::none_of(x.slots.begin(), x.slots.end(),
                       [this](auto slot) { return lacking_[slot_resource[slot]] > 0; }))
        continue;
      x.recalled = true;
      static_cast<lent&>(x).unlink();
      for (auto slot : x.slots) {
        auto at = slot_resource[slot];
        ++resources_[at].recalled;
        lacking_[at] -= lacking_[at] > 0;
      }
      out.recalled.push_back(x.who);
    }
  }

  policy policy_;
  std::vector<resource> resources_;
  std::unordered_map<lease_name, entry, name_hash> entries_;
  std::unordered_map<std::uint64_t, of_holder> holders_;
  std::unordered_map<shape, queue, shape_hash> queues_; // those with waiters
  std::set<place> line_;                                // of these
  lent lent_;                                           // oldest first
  std::uint64_t arrivals_ = 0;
  // Of one pass over the line, by resource:
  std::vector<std::uint32_t> top_; // how far it may be used by whoever stands here
  std::vector<std::uint64_t> wanted_, lacking_;
};

lease_book::lease_book(const std::vector<resource_limits>& resources, policy how)
    : pages_(std::make_unique<pages>(resources, how)) {}
lease_book::~lease_book() = default;

result<void> lease_book::request(lease_name who, const std::vector<need>& needs,
                                 job_priority priority, bool lendable, std::int64_t now_ns,
                                 lease_changes& out) {
  return pages_->request(who, needs, priority, lendable, now_ns, out);
}
void lease_book::finish(lease_name who, std::int64_t now_ns, lease_changes& out) {
  pages_->finish(who, now_ns, out);
}
void lease_book::holder_lost(std::uint64_t holder, std::int64_t now_ns, lease_changes& out) {
  pages_->holder_lost(holder, now_ns, out);
}
std::size_t lease_book::resource_count() const {
  return pages_->resource_count();
}
std::size_t lease_book::slot_count() const {
  return pages_->slot_resource.size();
}
std::size_t lease_book::resource_of(std::uint32_t slot) const {
  return pages_->slot_resource[slot];
}
const resource_state& lease_book::state(std::size_t resource) const {
  return pages_->state(resource);
}

} // namespace zako
