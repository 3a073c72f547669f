// The life of one graph node, without a thread or a message: what it does when it is asked,
// answered, dropped, found on a cycle, or told to sleep.
//
// A `node_core` belongs to whoever delivers its messages, one at a time: an actor
// (actors/graph/node.hpp), or a test with a scheduler of its own. What it wants done, it says
// through a `Port`, which every function takes and none keeps:
//
//   struct Port {
//     using asker;   // who asked; copied, compared
//     using worker;  // who runs a script that waits; copied
//     std::string_view text(key_id);
//     key_id id_of(const std::string& key_text);
//     const kind* find_kind(std::string_view name);
//     bool stores();                                  // records outlive the process
//     void ask(key_id target, const question_to_node&);
//     void drop(key_id target, std::uint32_t slot, bool gentle);
//     void answer(const asker&, std::uint32_t slot, const shared_outcome&, bool want_value);
//                                                      // errors are always wanted
//     void offer(std::uint32_t ticket, const job&, const job_context&);
//                                                      // answered by on_credit or on_job_result
//     void start(std::uint32_t ticket, job&&, const job_context&);
//                                                      // after on_credit; answered by
//                                                      on_job_result
//     void resume(const worker&, std::uint32_t ticket, resume_job&&);
//     void cancel(std::uint32_t ticket, const job&, const char* reason, bool gentle);
//                                                      // of a job that was offered; started or not
//     void release(std::uint32_t ticket, const char* reason);  // of a script that waits
//     void save(key_id, const node_record&);
//     void began();                                   // counting: it started to work,
//     void wanted();                                  // a counted step is wanted,
//     void done(bool computed, bool ran_script);      // a node is done,
//     void step_done(bool ran, const shared_outcome&, const job_origin&);
//                                                      // a counted step is done
//   };
//
// Port functions must not call back into the node. What a node needs only while it works lives in
// its `activity`, and goes with it: an idle node is small, and to abandon a computation is to
// destroy its coroutine and to take back its questions and jobs.
#pragma once

#include <algorithm>
#include <cassert>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/context.hpp"
#include "engine/job_context.hpp"
#include "engine/kind.hpp"
#include "engine/node_record.hpp"
#include "engine/trace.hpp"

namespace zako {

/// What a node is for a client that asks at some revision. engine/README.md has the diagram.
enum class node_state : std::uint8_t {
  unreachable, // nobody has asked for it, and nothing is remembered
  computing,   // it checks its trace, confirms, or computes
  verified,    // its value is right at that revision
  dirty,       // what it remembers was right at an older revision
  failed,      // its error is right at that revision
};

/// A question as its node gets it; the fields are those of a `question` message.
struct question_to_node {
  std::uint32_t slot = 0;
  std::uint64_t revision = 0;
  bool want_value = true;
  std::uint64_t holds = 0; // the output prefix of a record that holds; 0: nothing is known
  std::uint32_t depth = 0;
  job_origin origin = {};
};

/// So many questions of one node are under way; the rest follow as answers come.
inline constexpr std::size_t max_open_questions = 4096;

template <class Port>
class node_core {
public:
  using asker = typename Port::asker;
  using worker = typename Port::worker;

  explicit node_core(key_id id) : id_(id) {}
  ~node_core();

  /// Before everything else: what the database holds of this node. Ignored when its kind or the
  /// kind's version is another one now.
  void recall(Port& port, node_record stored);

  [[nodiscard]] key_id id() const { return id_; }
  [[nodiscard]] node_state state_at(std::uint64_t revision) const;

  /// A question. It is answered at once, when its node is done, or never if it is dropped before.
  /// A record that `holds` was counted by whoever found that out.
  void on_question(Port& port, const asker& who, const question_to_node& asked);
  /// An asker does not want its answer any more. Gentle: a program that runs may end.
  void on_drop(Port& port, const asker& who, std::uint32_t slot, bool gentle);
  /// An answer to `ask`. `what` may be nothing when only the output was wanted.
  void on_reply(Port& port, std::uint32_t slot, const digest& output, shared_outcome what);
  /// There is room for the job that was offered.
  void on_credit(Port& port, std::uint32_t ticket);
  /// The end of a job, or (`waiting`) a script's question: it waits for `resume` at `by`.
  void on_job_result(Port& port, std::uint32_t ticket, bool program, result<job_answer> answer,
                     const worker& by, bool waiting);
  /// It waits for itself through others.
  void on_cycle(Port& port, const error& why);

  /// Calls `f(key_id)` for each node that this one waits for.
  template <class F>
  void for_each_wait(F&& f) const;

  /// Gives up who waits for this node, to `f(asker)`. For its end.
  template <class F>
  void let_go(F&& f);

  /// May it leave memory and come back from its record? False while it works, while a program that
  /// was given up runs, while nothing but memory holds what it knows, and once for each record that
  /// it saved: the caller sees to it that records are stored between two calls.
  [[nodiscard]] bool may_sleep(Port& port);

private:
  enum class phase : std::uint8_t { checking, confirming, computing };
  struct open_question {
    asker who;
    std::uint32_t slot = 0;
    bool want_value = true;
    std::uint64_t revision = 0;
  };
  struct activity;
  /// What few nodes have.
  struct rarity {
    shared_outcome latest;       // right at `verified_at_`, and not remembered
    std::uint32_t lingering = 0; // ticket of a program that was given up and runs; 0: none
  };

  void begin(Port& port, std::uint64_t holds);
  void start_check(Port& port);
  void go_on(Port& port, trace_checker::verdict verdict);
  void send_questions(Port& port, bool want_values);
  void send_more(Port& port);
  void confirm(Port& port);
  void compute(Port& port);
  void resume(Port& port, std::coroutine_handle<> waiter);
  void proceed(Port& port);
  void finish(Port& port, shared_outcome what, bool computed);
  void remember(Port& port, activity& a, const shared_outcome& what, bool computed);
  void submit(Port& port, pending_job& pending);
  [[nodiscard]] job_context job_about() const;
  void cancel_job(Port& port, const char* reason, bool gentle);
  void release_script(Port& port, const char* reason);
  void abandon(Port& port, bool gentle);
  rarity& rare();
  void forget_latest();
  [[nodiscard]] std::uint32_t lingering() const { return rare_ ? rare_->lingering : 0; }
  [[nodiscard]] const shared_outcome& current() const {
    return rare_ && rare_->latest ? rare_->latest : kept_;
  }

  key_id id_;
  std::uint32_t unsaved_ : 1 = 0;      // a record was handed over and may not be stored yet
  std::uint32_t next_number_ : 31 = 0; // of slots and tickets: late answers are known by theirs
  std::uint64_t verified_at_ = 0;      // `current()` is right at this revision; 0: at none
  shared_outcome kept_;                // what the trace led to
  trace trace_;
  std::unique_ptr<rarity> rare_;
  std::unique_ptr<activity> activity_;
};

} // namespace zako

#include "engine/node_core_impl.hpp"
