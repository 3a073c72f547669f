// The inbox and the scheduling of lean actors.
#include "actors/lean_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace zako {

lean_actor::lean_actor(caf::actor_config& config) : caf::abstract_actor(config) {
  inbox_.try_block();
}

lean_actor::~lean_actor() {
  while (backlog_) {
    auto* next = static_cast<caf::mailbox_element*>(backlog_->next);
    delete backlog_;
    backlog_ = next;
  }
}

bool lean_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) {
  switch (inbox_.push_front(std::move(what))) {
  case caf::intrusive::inbox_result::success:
    return true;
  case caf::intrusive::inbox_result::unblocked_reader:
    intrusive_ptr_add_ref_impl(); // owned by the scheduler until resume() says otherwise
    if (host)
      host->exec_later(this);
    else
      home_system().scheduler().enqueue(this);
    return true;
  case caf::intrusive::inbox_result::queue_closed:
    return false;
  }
  return false;
}

caf::resumable::resume_result lean_actor::resume(caf::execution_unit* host,
                                                 std::size_t max_messages) {
  for (std::size_t handled = 0; handled < max_messages; ++handled) {
    if (!backlog_) {
      // The inbox is a stack, newest first: reverse it into the order of arrival.
      for (auto* newest = inbox_.take_head(); newest != nullptr;) {
        auto* older = static_cast<caf::mailbox_element*>(newest->next);
        newest->next = backlog_;
        backlog_ = newest;
        newest = older;
      }
      if (!backlog_) {
        if (inbox_.try_block())
          return awaiting_message;
        continue;
      }
    }
    caf::mailbox_element_ptr element{backlog_};
    backlog_ = static_cast<caf::mailbox_element*>(element->next);
    receive(element->payload, element->sender, host);
    if (finished_) {
      inbox_.close();
      return done;
    }
  }
  return resume_later;
}

void lean_actor::intrusive_ptr_add_ref_impl() {
  caf::intrusive_ptr_add_ref(ctrl());
}

void lean_actor::intrusive_ptr_release_impl() {
  caf::intrusive_ptr_release(ctrl());
}

} // namespace zako
