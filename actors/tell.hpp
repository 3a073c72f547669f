// Plain messages to any actor, typed or lean.
#pragma once

#include <chrono>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/message_id.hpp>
#include <caf/sec.hpp>

namespace zako {

/// Sends one plain message from `self`. A lean actor has no typed handle; this is the only way to
/// write to it.
template <class Self, class... Parts>
void tell(Self* self, const caf::strong_actor_ptr& target, Parts... what) {
  if (target)
    target->enqueue(caf::strong_actor_ptr{self->ctrl()}, caf::make_message_id(),
                    caf::make_message(std::move(what)...), self->context());
}

/// Sends one plain message from nobody to `self` after a while. The clock does not keep the actor:
/// it may end meanwhile.
template <class Self, class Message>
void remind(Self* self, std::chrono::nanoseconds after, Message what) {
  auto& clock = self->clock();
  clock.schedule_message(
      clock.now() + after, caf::weak_actor_ptr{self->ctrl()},
      caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(what)));
}

} // namespace zako
