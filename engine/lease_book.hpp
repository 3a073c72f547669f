// Who holds what of the machine's resources, who waits, and who is next. Knows no actor and no
// clock: the present moment is a parameter, in nanoseconds of any steady clock.
//
// A resource is a number of equal *slots*, each worth `granularity` units; amounts are rounded up
// to whole slots. `capacity` is what there is; soft needs may go past it by `overcommit`, hard ones
// never. A request names up to `max_needs` (engine/need.hpp) resources and gets all that it needs
// in one moment, or nothing: nobody holds one half and waits for the other, so nobody can wait for
// each other. Of a range it gets what is free at that moment, and keeps that.
//
// Order: waiters stand in one line. A waiter's place is its arrival less `aging` for each priority
// class above the lowest; so it overtakes nobody who has waited `aging` longer per class. Those
// further back may pass one that does not fit, but only while it has waited less than `patience`:
// from then on, what it needs is kept for it whenever it comes free.
//
// Bound: let D be the time of the longest lease and n the number of waiters that stand before a
// waiter once it has waited T = max(2 × aging, patience). Then it waits at most T + (n + 1) × D:
// nobody new comes to stand before it, nobody behind it takes what is kept, and so in each D one of
// those n + 1 is served. (Requests for leases that can be lent are left out: what they get is
// spare, and nothing is kept for them.)
//
// Waiters that need the same share one queue. A grant looks at one waiter of each queue at most,
// never at all waiters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/error.hpp"
#include "engine/job_context.hpp"
#include "engine/need.hpp"

namespace zako {

/// What there is of one resource, in units.
struct resource_limits {
  std::string name;
  std::uint64_t capacity = 0;
  std::uint64_t overcommit = 0;
  std::uint64_t granularity = 1; // >= 1; raised when there would be more than `max_slots`

  bool operator==(const resource_limits&) const = default;
};

/// How one resource is used.
struct resource_state {
  resource_limits limits;    // in whole slots
  std::uint64_t held = 0;    // in units; may be more than the capacity, by what is overcommitted
  std::uint64_t waiting = 0; // requests
  std::uint64_t granted = 0; // requests, ever
  std::int64_t longest_wait_ns = 0;

  [[nodiscard]] std::uint64_t free() const {
    return held < limits.capacity ? limits.capacity - held : 0;
  }
  bool operator==(const resource_state&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, resource_limits& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("capacity", x.capacity),
                            f.field("overcommit", x.overcommit),
                            f.field("granularity", x.granularity));
}
template <class Inspector>
bool inspect(Inspector& f, resource_state& x) {
  return f.object(x).fields(f.field("limits", x.limits), f.field("held", x.held),
                            f.field("waiting", x.waiting), f.field("granted", x.granted),
                            f.field("longest_wait_ns", x.longest_wait_ns));
}

/// A lease, or the request for one: who, and the number that it gave it.
struct lease_name {
  std::uint64_t holder = 0;
  std::uint64_t ticket = 0;

  bool operator==(const lease_name&) const = default;
};

/// What one call has changed, in the order in which others should be told: `released`, `granted`,
/// `recalled`. The caller clears it, and keeps it from call to call.
struct lease_changes {
  struct grant {
    lease_name who;
    std::vector<std::uint64_t> amounts; // in units, in the order of the request's needs
    std::vector<std::uint32_t> slots;   // the numbers of its slots
    std::int64_t waited_ns = 0;
  };
  std::vector<std::uint32_t> released; // slots; may be granted again below
  std::vector<grant> granted;
  std::vector<lease_name> recalled; // the holder is asked to end this lease soon

  void clear() {
    released.clear();
    granted.clear();
    recalled.clear();
  }
};

class lease_book {
public:
  static constexpr std::uint64_t max_slots = 4096; // of one resource, overcommit included

  struct policy {
    std::int64_t aging_ns = 10'000'000'000;   // of waiting, for one priority class more
    std::int64_t patience_ns = 2'000'000'000; // how long those behind may pass
  };

  /// Names must differ. Slots are numbered from 0, over all resources.
  lease_book(const std::vector<resource_limits>& resources, policy how);
  ~lease_book();

  /// Asks for `needs`, which are granted now or by a later call. An error means that it will never
  /// be: errc::invalid_argument, with what there is. `lendable`: the holder can be asked to give
  /// the lease back. errc::invalid_argument, too, when `who` is in use: that one stays.
  result<void> request(lease_name who, const std::vector<need>& needs, job_priority priority,
                       bool lendable, std::int64_t now_ns, lease_changes& out);
  /// A lease comes back, or a request is withdrawn; nothing when there is none of that name.
  void finish(lease_name who, std::int64_t now_ns, lease_changes& out);
  /// The same for everything of this holder.
  void holder_lost(std::uint64_t holder, std::int64_t now_ns, lease_changes& out);

  [[nodiscard]] std::size_t resource_count() const;
  [[nodiscard]] std::size_t slot_count() const;
  /// The resource that a slot is of, as a number below `resource_count()`.
  [[nodiscard]] std::size_t resource_of(std::uint32_t slot) const;
  [[nodiscard]] const resource_state& state(std::size_t resource) const;

private:
  class pages;
  std::unique_ptr<pages> pages_;
};

} // namespace zako
