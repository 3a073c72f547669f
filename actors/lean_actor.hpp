// A CAF actor reduced to an inbox: what a graph of a million nodes can afford.
//
// It has a real handle and address and is scheduled like every other actor, but it has no
// behaviour, monitors, links or exit handling, and `await_all_actors_done` does not count it
// (whoever spawns lean actors ends them). A subclass gets each message by `receive`, one at a time.
#pragma once

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/intrusive/lifo_inbox.hpp>
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

  /// Handles one message. `host` is the execution unit to pass on when sending.
  virtual void receive(caf::message& what, const caf::strong_actor_ptr& sender,
                       caf::execution_unit* host) = 0;

  /// No message is received after the present one; waiting and later ones are dropped.
  void quit() { finished_ = true; }

  /// Sends a plain message from this actor.
  template <class Message>
  void send_to(const caf::strong_actor_ptr& target, Message what, caf::execution_unit* host) {
    if (target)
      target->enqueue(caf::strong_actor_ptr{ctrl()}, caf::make_message_id(),
                      caf::make_message(std::move(what)), host);
  }

private:
  struct inbox_policy {
    using mapped_type = caf::mailbox_element;
    using unique_pointer = caf::mailbox_element_ptr;
  };

  caf::intrusive::lifo_inbox<inbox_policy> inbox_;
  caf::mailbox_element* backlog_ = nullptr; // taken from the inbox, in order of arrival
  bool finished_ = false;
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
