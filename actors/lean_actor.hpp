// A CAF actor reduced to an inbox: what a graph of a million nodes can afford.
//
// It has a real handle and address and is scheduled like every other actor, but it has no
// behaviour, monitors, links or exit handling, and `await_all_actors_done` does not count it
// (whoever spawns lean actors ends them). A subclass gets each message by `receive`, one at a time.
//
// The inbox is one word: the newest element of a stack, a mark while a thread runs the actor, and
// its depth in the graph. An actor may stand in several places of the scheduler's queues at once:
// whoever comes first runs it, the others find it running or with nothing to do. `enqueue_ahead`
// uses that.
#pragma once

#include <atomic>
#include <cstdint>

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>
#include <caf/message.hpp>
#include <caf/resumable.hpp>
#include <caf/send.hpp>

namespace zako {

class lean_actor : public caf::abstract_actor, public caf::resumable {
public:
  ~lean_actor() override;

  bool enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) override;
  /// The same, and from now on the actor has at least this depth (up to 65,535). If that is more
  /// than before, it is scheduled again even if it waits for its turn already.
  bool enqueue_ahead(caf::mailbox_element_ptr what, std::uint32_t depth, caf::execution_unit* host);
  /// A scheduler runs deep actors first (actors/scheduler.hpp).
  [[nodiscard]] std::size_t depth() const {
    return inbox_.load(std::memory_order_relaxed) >> depth_shift;
  }

  // What a lean actor does not have: attaching and linking are accepted and do nothing.
  void attach(caf::attachable_ptr) override {}
  std::size_t detach(const caf::attachable::token&) override { return 0; }
  void add_link(caf::abstract_actor*) override {}
  void remove_link(caf::abstract_actor*) override {}
  bool add_backlink(caf::abstract_actor*) override { return false; }
  bool remove_backlink(caf::abstract_actor*) override { return false; }
  void setup_metrics() {}

  subtype_t subtype() const override { return unspecified; }
  resume_result resume(caf::execution_unit* host, std::size_t max_messages) override;
  void intrusive_ptr_add_ref_impl() override;
  void intrusive_ptr_release_impl() override;

protected:
  explicit lean_actor(caf::actor_config& config);

  /// Handles one message. `host` is the execution unit to pass on when sending. The element may be
  /// moved on to another actor as it is.
  virtual void receive(caf::mailbox_element_ptr& element, caf::execution_unit* host) = 0;

  /// No message is received after the present one; waiting and later ones are dropped.
  void quit() { setf(is_terminated_flag); }

  /// Sends a plain message from this actor.
  template <class Message>
  void send_to(const caf::strong_actor_ptr& target, Message what, caf::execution_unit* host) {
    if (target)
      target->enqueue(caf::strong_actor_ptr{ctrl()}, caf::make_message_id(),
                      caf::make_message(std::move(what)), host);
  }

private:
  static constexpr std::uintptr_t running = 1; // a mark beside the pointer
  static constexpr std::uintptr_t ended = 2;   // likewise: no message is taken any more
  static constexpr int depth_shift = 48;       // addresses of a process are shorter
  static constexpr std::uintptr_t pointer =
      (std::uintptr_t{1} << depth_shift) - 1 - running - ended;

  /// Gives what the inbox held before; with `ended`, the element was dropped.
  std::uintptr_t push(caf::mailbox_element_ptr& what, std::uintptr_t depth);
  void schedule(caf::execution_unit* host);
  /// Moves a stack, newest first, behind the backlog in the order of arrival. The backlog is empty.
  void take(std::uintptr_t stack);
  void drop_backlog();

  std::atomic<std::uintptr_t> inbox_{0};
  caf::mailbox_element* backlog_ = nullptr; // in order of arrival; of whoever runs the actor
};

/// Spawns a lean actor of class T.
template <class T, class... Args>
caf::strong_actor_ptr spawn_lean(caf::actor_system& system, caf::execution_unit* host,
                                 Args&&... args) {
  caf::actor_config config{host};
  return caf::make_actor<T, caf::strong_actor_ptr>(system.next_actor_id(), system.node(), &system,
                                                   config, std::forward<Args>(args)...);
}

} // namespace zako
