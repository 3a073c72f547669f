// The inbox and the scheduling of lean actors.
#include "actors/lean_actor.hpp"

#include <algorithm>

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace zako {

lean_actor::lean_actor(caf::actor_config& config) : caf::abstract_actor(config) {}

lean_actor::~lean_actor() {
  drop_backlog();
  take(inbox_.load(std::memory_order_acquire) & pointer);
  drop_backlog();
}

void lean_actor::drop_backlog() {
  while (backlog_) {
    auto* next = static_cast<caf::mailbox_element*>(backlog_->next);
    delete backlog_;
    backlog_ = next;
  }
}

std::uintptr_t lean_actor::push(caf::mailbox_element_ptr& what, std::uintptr_t depth) {
  auto before = inbox_.load(std::memory_order_relaxed);
  std::uintptr_t after;
  do {
    if ((before & ended) != 0)
      return before;
    what->next = reinterpret_cast<caf::mailbox_element*>(before & pointer);
    after = reinterpret_cast<std::uintptr_t>(what.get()) | (before & running) |
            std::max(before >> depth_shift, depth) << depth_shift;
  } while (!inbox_.compare_exchange_weak(before, after, std::memory_order_acq_rel));
  what.release();
  return before;
}

void lean_actor::schedule(caf::execution_unit* host) {
  intrusive_ptr_add_ref_impl(); // owned by the scheduler until resume() says otherwise
  if (host)
    host->exec_later(this);
  else
    home_system().scheduler().enqueue(this);
}

bool lean_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) {
  auto before = push(what, 0);
  if ((before & (pointer | running | ended)) == 0)
    schedule(host);
  return (before & ended) == 0;
}

bool lean_actor::enqueue_ahead(caf::mailbox_element_ptr what, std::uint32_t depth,
                               caf::execution_unit* host) {
  auto bounded = std::min<std::uintptr_t>(depth, 0xffff);
  auto before = push(what, bounded);
  if ((before & (pointer | running | ended)) == 0 ||
      ((before & (running | ended)) == 0 && before >> depth_shift < bounded))
    schedule(host);
  return (before & ended) == 0;
}

void lean_actor::take(std::uintptr_t stack) {
  for (auto* newest = reinterpret_cast<caf::mailbox_element*>(stack); newest != nullptr;) {
    auto* older = static_cast<caf::mailbox_element*>(newest->next);
    newest->next = backlog_;
    backlog_ = newest;
    newest = older;
  }
}

caf::resumable::resume_result lean_actor::resume(caf::execution_unit* host,
                                                 std::size_t max_messages) {
  if ((inbox_.fetch_or(running, std::memory_order_acq_rel) & (running | ended)) != 0)
    return awaiting_message; // another thread runs it, and will see every message; or it has ended
  for (std::size_t handled = 0;; ++handled) {
    if (!backlog_) {
      auto now = inbox_.load(std::memory_order_relaxed);
      while ((now & pointer) == 0)
        if (inbox_.compare_exchange_weak(now, now & ~running, std::memory_order_acq_rel))
          return awaiting_message;
      take(inbox_.fetch_and(~pointer, std::memory_order_acq_rel) & pointer);
    }
    if (handled >= max_messages) {
      inbox_.fetch_and(~running, std::memory_order_acq_rel);
      return resume_later;
    }
    caf::mailbox_element_ptr element{backlog_};
    backlog_ = static_cast<caf::mailbox_element*>(element->next);
    receive(element, host);
    if (getf(is_terminated_flag)) {
      drop_backlog();
      take(inbox_.exchange(ended, std::memory_order_acq_rel) & pointer);
      drop_backlog();
      return done;
    }
  }
}

void lean_actor::intrusive_ptr_add_ref_impl() {
  caf::intrusive_ptr_add_ref(ctrl());
}

void lean_actor::intrusive_ptr_release_impl() {
  caf::intrusive_ptr_release(ctrl());
}

} // namespace zako
