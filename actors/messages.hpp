// Every message that Zako's actors exchange, and the typed interfaces that name them.
//
// A message is an immutable value with an `inspect`, so that it can cross machines. Graph messages
// carry correlation slots instead of CAF request ids: a node may have a million questions under
// way, and plain messages stay linear.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <caf/actor_addr.hpp>
#include <caf/result.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include "engine/error.hpp"
#include "engine/event.hpp"
#include "engine/job.hpp"
#include "engine/job_context.hpp"
#include "engine/key.hpp"
#include "engine/lease_book.hpp"
#include "engine/settings.hpp"
#include "engine/value.hpp"
#include "engine/verifier.hpp"
#include "storage/node_database.hpp"

namespace zako {

// -- graph: asker (node or session) <-> shard -> node
// -----------------------------------------------------------------

/// "What is the value of `target` at `revision`?" To the target's shard, which passes it to the
/// node, waking it first when it sleeps. Answered once by `reply` from the node to the sender,
/// unless dropped.
struct question {
  key_id target;
  std::uint32_t slot = 0;     // the asker's own number for this question
  std::uint64_t revision = 0; // answers verified at this revision or a later one are good
  bool want_value = true;     // false: the output digest is enough, unless it is an error's
  /// Set by the shard: a record of the target with this output (digest::prefix()) holds at
  /// `revision`. 0: nothing is known.
  std::uint64_t holds = 0;
  std::uint32_t depth = 0; // how many askers stand above: the deepest are worked on first
  job_origin origin = {};  // for whom; of several that ask for one node, the first counts
};

/// The answer to `question`. `what` holds nothing when only the digest was wanted.
struct reply {
  std::uint32_t slot = 0;
  digest output;
  shared_outcome what;
};

/// The sender does not need the answer to its question any more. To the target's shard. A node that
/// nobody asks any more stops computing.
struct drop {
  key_id target;
  std::uint32_t slot = 0;
  bool gentle = false; // true: a job that already runs may end, and its result is kept
};

/// The target waits for itself through others: it fails with this error at this revision. From a
/// session to the shard.
struct break_cycle {
  key_id target;
  error why;
};

/// To every shard: the leaves were looked at after `revision` began. By key id, the output
/// (digest::prefix()) of each stored record that holds at that revision as it is; 0 for others. A
/// node may have a later record than the one that was stored then: what holds is told by its
/// output.
struct leaves_swept {
  std::uint64_t revision = 0;
  std::vector<std::uint64_t> holding;
};

/// To a shard: these nodes, which were in doubt at `leaves_swept`, hold at `revision` after all.
struct cleared {
  std::uint64_t revision = 0;
  std::vector<std::pair<key_id, std::uint64_t>> nodes; // with their outputs
};

/// To a shard: let the nodes that have nothing to do leave memory. Answered with `nodes_collected`
/// when each of its live nodes has answered.
struct collect_nodes {
  std::uint64_t round = 0; // the asker's own number
};
/// From a shard. A node that was busy, or whose record may not be stored yet, is live; in an engine
/// that stores nothing, so is every node that knows something.
struct nodes_collected {
  std::uint64_t round = 0;
  std::uint64_t freed = 0;
  std::uint64_t live = 0;
};
/// From a node to its shard, which passed it `collect_nodes`: whether it can be woken from its
/// record. It stays as it is: the shard forgets it, unless it was asked meanwhile.
struct sleep_answer {
  key_id node;
  std::uint64_t round = 0;
  bool asleep = false;
};

/// To a shard, which passes it to its live nodes: every node that waits for others tells the sender
/// with `waits`.
struct report_waits {
  std::uint64_t round = 0;
};

/// One node's open questions. An empty `node` is the shard's own answer: `count` nodes will report.
struct waits {
  std::uint64_t round = 0;
  std::optional<key_id> node;
  std::vector<key_id> on;
  std::uint64_t count = 0;
};

// -- workers: client -> pool -> worker -> client
// ----------------------------------------------------------------------

/// From a client to a pool: "I have a job." It takes its place in line, and the client keeps the
/// job. Answered once, by `job_credit`, or by a `job_result` when it will not come to that.
struct job_offer {
  std::uint64_t ticket = 0; // the client's own number, not used twice
  job_context about;
};
/// From a pool: there is room for the job of this offer, which the client now sends (or cancels).
struct job_credit {
  std::uint64_t ticket = 0;
};
/// One job. From a client that has credit for this ticket, or that tries its luck: when nobody is
/// in line and the queue has room it is taken, otherwise it fails with errc::limit. Answered once,
/// by `job_result`.
template <class Pool>
struct job_request {
  std::uint64_t ticket = 0;
  job_context about;
  typename Pool::input what;
  std::uint64_t serial = 0; // given by the pool: names the job to its worker
};

/// From the worker that did the job (or from the pool when none could).
template <class Pool>
struct job_result {
  std::uint64_t ticket = 0;
  job_context about; // as it was submitted
  result<typename Pool::output> what;
};

/// From the client to the pool: the job is not wanted any more, wherever it is. It answers
/// errc::cancelled if it had not finished.
struct job_cancel {
  std::uint64_t ticket = 0;
  std::string reason;
  bool gentle = false; // true: only if it has not started
};

/// From a worker to its pool: it is ready for its first job; or the job is done and answered, and
/// the next may come.
struct worker_ready {};
/// From a worker to its pool: it ends now, and does not answer the job that it has, if any.
struct worker_failed {
  error why;
};

/// How much is given up to free memory.
enum class gc_level : std::uint8_t {
  gentle, // what is made again at no cost worth naming
  full,   // everything that can be made again
};
/// To a pool: its workers free what they can between jobs; answered with `garbage_freed` when those
/// without a job have answered. To a worker: the same, answered to its pool, after its job if it
/// has one. To the engine (engine.hpp): the same, and to its nodes.
struct collect_garbage {
  gc_level level = gc_level::full;
  std::uint64_t round = 0; // of the pool, towards its workers
};
struct garbage_freed {
  std::uint64_t bytes = 0;
  std::uint64_t round = 0;
};
/// To a pool: end the workers, terminate. Jobs that have not begun fail with errc::cancelled,
/// unless it drains. To a worker: stop what runs, answer it, terminate.
struct pool_close {
  bool drain = false; // true: first do every job that was submitted; new ones are refused
};
/// From a shard, which nobody can monitor: it has let go of everything.
struct closed {};

/// What a pool is doing.
struct ask_pool {};
struct pool_state {
  std::uint64_t in_line = 0;  // offers that wait for credit
  std::uint64_t credits = 0;  // given, and not used yet
  std::uint64_t queued = 0;   // at most 2 x max_workers
  std::uint64_t busy = 0;     // workers with a job
  std::uint64_t idle = 0;     // workers without
  std::uint64_t done = 0;     // jobs answered by workers, whatever the answer; since the start, as
  std::uint64_t refused = 0;  // jobs answered by the pool, and
  std::uint64_t restarts = 0; // workers that were lost
};

/// A pool of workers, of behaviour B with B::pool = Pool (workers/pool.hpp).
///
/// (job_offer)       from clients                  -> job_credit, or a job_result with an error
/// (job_request)     from clients                  -> job_result, from the worker or the pool
/// (job_cancel)      from the client of the job    no answer of its own: the job is answered
/// (worker_ready)    from its workers              no answer; as the next two
/// (worker_failed)   from its workers, before they end
/// (garbage_freed)   from its workers
/// (collect_garbage) from anybody                  -> garbage_freed, the sum
/// (ask_pool)        from anybody                  -> pool_state
/// (pool_close)      from the owner                no answer: the pool terminates
template <class Pool>
using pool_handle =
    caf::typed_actor<caf::result<void>(job_offer), caf::result<void>(job_request<Pool>),
                     caf::result<void>(job_cancel), caf::result<void>(worker_ready),
                     caf::result<void>(worker_failed), caf::result<void>(garbage_freed),
                     caf::result<garbage_freed>(collect_garbage), caf::result<pool_state>(ask_pool),
                     caf::result<void>(pool_close)>;

/// A worker tells its pool when it is ready, and gets one job at a time, for a client that it
/// answers itself. Everything comes from its pool, except where a behaviour says otherwise.
///
/// (client, job_request) -> job_result to the client, worker_ready to the pool
/// (job_cancel)          the job ends soon, and is answered as usual; a gentle one only concerns a
///                       job that has not begun
/// (collect_garbage)     -> garbage_freed to the pool
/// (pool_close)          the worker terminates
template <class Pool>
using worker_handle =
    caf::typed_actor<caf::result<void>(caf::strong_actor_ptr, job_request<Pool>),
                     caf::result<void>(job_cancel), caf::result<void>(collect_garbage),
                     caf::result<void>(pool_close)>;

struct io_pool {
  static constexpr std::string_view name = "io";
  using input = std::variant<stat_job, list_job, read_job, environment_job, option_job, which_job,
                             builtin_job, restore_job>;
  using output =
      std::variant<stat_job::answer, list_job::answer, std::string, std::optional<std::string>,
                   builtin_job::answer, std::optional<std::vector<output_file>>>;
};
struct transpile_pool {
  static constexpr std::string_view name = "transpile";
  using input = transpile_job;
  using output = transpile_job::answer;
};
/// `resume_job` goes straight to the worker that asked the question.
struct script_pool {
  static constexpr std::string_view name = "script";
  using input = std::variant<evaluate_job, resume_job>;
  using output = evaluate_job::answer;
};
struct process_pool {
  static constexpr std::string_view name = "process";
  using input = command_job;
  using output = command_job::answer;
};

/// One share of the stored records, in the form that a verifier takes. Records of unknown kinds or
/// of other versions are left out.
struct scan_records {
  std::uint32_t part = 0;
  std::uint32_t parts = 1;
};
struct scanned_records {
  std::vector<record_row> rows;
  std::vector<record_edge> edges;
};
/// Looks at the world of stored leaves, as their kinds' `confirm` would. A leaf whose stored record
/// has by now another output than this one counts as changed.
struct look_at_leaves {
  std::vector<leaf_output> leaves;
};
struct looked_at_leaves {
  std::vector<key_id> changed;                           // not confirmed: they must be computed
  std::vector<std::pair<key_id, node_record>> refreshed; // confirmed, with other bytes than stored
};
struct sweep_pool {
  static constexpr std::string_view name = "sweep";
  using input = std::variant<scan_records, look_at_leaves>;
  using output = std::variant<scanned_records, looked_at_leaves>;
};

// -- resources
// --------------------------------------------------------------------------------------------------------

/// "I need all of this, at once." A need names a resource and an amount, a range or "at least"
/// (engine/need.hpp).
struct lease_request {
  std::uint64_t ticket = 0; // the holder's own number; unused until the lease has ended
  std::vector<need> needs;
  job_priority priority = job_priority::normal;
  bool lendable = false; // the holder ends the lease soon after `lease_recall`
};
struct lease_granted {
  std::uint64_t ticket = 0;
  std::vector<std::uint64_t> amounts; // in units, in the order of the needs
};
struct lease_refused {
  std::uint64_t ticket = 0;
  error why;
};
struct lease_end {
  std::uint64_t ticket = 0;
};
struct lease_recall {
  std::uint64_t ticket = 0;
};

struct ask_resources {};
struct resource_report {
  std::vector<resource_state> resources;
};
struct ask_slots {
  std::string resource;
};

/// From the broker to one of its slots.
struct slot_take {
  caf::actor_addr holder;
  std::uint64_t ticket = 0;
};
struct slot_release {};
struct ask_slot {};
struct slot_state {
  std::string resource;
  caf::actor_addr holder; // null: free
  std::uint64_t ticket = 0;
};

/// One slot of a resource, which knows its holder.
///
///   (slot_take), (slot_release)   from its broker alone: whose it is, and that it is free again
///   (ask_slot) -> slot_state      from anybody
using slot_actor = caf::typed_actor<caf::result<void>(slot_take), caf::result<void>(slot_release),
                                    caf::result<slot_state>(ask_slot)>;
struct resource_slots {
  std::vector<slot_actor> slots;
};

/// The broker of an engine's resources. A holder is any actor that can be monitored.
///
///   (lease_request)   from a holder. Answered by one `lease_granted`, at once or when it is free
///                     (engine/lease_book.hpp says when that is), or by one `lease_refused`, at
///                     once, when it will never be: more than there is, or an unknown resource.
///   (lease_end)       from a holder: the lease of this ticket comes back, or its request is
///                     withdrawn. Not answered; a `lease_granted` may have been on its way. Of an
///                     unknown ticket, nothing. What a holder has also comes back when it
///                     terminates.
///   lease_recall      to a holder, once at most for a lease that it called lendable: others wait
///                     for it. The holder sends `lease_end` as soon as it can.
///   (ask_resources) -> resource_report   from anybody: how each resource is used
///   (ask_slots) -> resource_slots        from anybody: the slots of one resource
///   (pool_close)      from the engine: it terminates
using resource_actor =
    caf::typed_actor<caf::result<void>(lease_request), caf::result<void>(lease_end),
                     caf::result<resource_report>(ask_resources),
                     caf::result<resource_slots>(ask_slots), caf::result<void>(pool_close)>;

// -- state
// ------------------------------------------------------------------------------------------------------------

/// A node's new record, to the store actor, which groups records into transactions.
struct save_record {
  key_id node;
  node_record record;
};
/// To the store actor: a session asked for this node by itself, so `zako gc` keeps what it needs.
/// Written with the next flush, at most once a day.
struct root_asked {
  key_id node;
};
/// To the store actor: make everything durable that was saved before; answered when it is. An error
/// says why not.
struct flush_state {};
struct flushed {
  std::optional<error> failure;
};

using store_actor =
    caf::typed_actor<caf::result<void>(save_record), caf::result<void>(root_asked),
                     caf::result<flushed>(flush_state), caf::result<void>(pool_close)>;

// -- the sweep: session -> sweep -> shards
// ---------------------------------------------------------------------------------------------

/// From a sweep to the session that began it: all that can be verified without computing the root
/// is verified, and the shards know.
struct swept {
  std::uint32_t round = 0; // the session's own number
};
/// From a session to its sweep: the root is not wanted any more. The sweep takes back what it asked
/// for and ends.
struct stop_sweep {
  bool gentle = false; // as in `drop`
};
/// A sweep lives for one root of one session. It gets its workers' answers, and the nodes' that it
/// asked for.
using sweep_actor = caf::typed_actor<caf::result<void>(job_result<sweep_pool>),
                                     caf::result<void>(reply), caf::result<void>(stop_sweep)>;

// -- the public interface (engine.hpp)
// --------------------------------------------------------------------------------

/// An event on its way to a listener, or from a node to its session.
struct notice {
  event what;
};

/// From the node of a counted step (kind::counted) to the hub, which passes it on to the sessions:
/// the step is done.
struct action_outcome {
  bool ran = false; // false: an earlier result was good, or it failed before it could run
  std::optional<error> failure;
  std::uint32_t session = 0; // for which it was done, of those that wanted it
};
/// From any other node to the hub, when it has run a script. (What else it did, it counts itself.)
struct script_ran {};
/// From the node of a counted step to the hub: the step is wanted.
struct action_wanted {};
/// From a sweep to the hub: so many more nodes hold as they are stored.
struct nodes_hold {
  std::uint64_t nodes = 0;
  std::uint64_t steps = 0; // the counted ones among them
};

struct session_options {
  job_priority priority = job_priority::normal; // of its jobs, beside those of other sessions
  bool keep_going = false; // after a failed action, go on with everything that does not need it
};

struct session_report {
  outcome root = value{};
  progress totals;
};

/// To the engine: opens a session. To a session: stops it.
struct open_session {
  session_options options;
};
struct cancel_session {
  std::string reason;
};
/// From a session to its hub: hear of everything from now on (answered with the number of sessions
/// that do); and not any more (answered with the totals).
struct subscribe {};
struct unsubscribe {};
/// From the engine, after `collect_garbage`.
struct garbage_report {
  std::uint64_t bytes_freed = 0; // by workers and caches
  std::uint64_t nodes_freed = 0;
  std::uint64_t nodes_live = 0;
  /// Of which these, by pool; "cache"; and "resident": by so much the process got smaller.
  std::vector<garbage_collected::part> parts;
};
/// To the collector: memory is scarce (memory_watch.hpp).
struct memory_pressure {
  bool full = false;
};
/// To the hub: tell the sender with `sessions_busy` when the first session begins to work, and when
/// the last one has ended.
struct watch_sessions {};
struct sessions_busy {
  bool busy = false;
};
/// Something that the collector puts off is due, unless sessions became busy or idle meanwhile.
struct garbage_tick {
  enum kind : std::uint8_t { idle, long_idle, watch };
  std::uint8_t what = idle;
  std::uint64_t epoch = 0;
};
/// To the collector: what it has done so far.
struct ask_garbage {};
struct garbage_totals {
  std::map<std::string, std::uint64_t> rounds; // by cause: "command", "idle", "pressure"
  std::map<std::string, std::uint64_t> freed;  // bytes by part, as in `garbage_report`
  std::uint64_t nodes = 0;                     // that left memory
};
struct ask_info {};
struct close_engine {};

struct engine_info {
  std::string workspace;
  std::string state_folder;
  std::string cache_folder;
  engine_settings settings; // every key
  std::uint64_t nodes_stored = 0;
  std::uint64_t state_bytes = 0;
  std::uint64_t cache_bytes = 0;
  garbage_totals garbage; // of this engine; when it has collected none, of the last that did
};

using listener_actor = caf::typed_actor<caf::result<void>(notice)>;
using session_actor =
    caf::typed_actor<caf::result<session_report>(key), caf::result<void>(cancel_session)>;
using engine_actor =
    caf::typed_actor<caf::result<session_actor>(open_session, listener_actor),
                     caf::result<engine_info>(ask_info),
                     caf::result<resource_report>(ask_resources),
                     caf::result<garbage_report>(collect_garbage), caf::result<void>(close_engine)>;
/// The collector of an engine (garbage.hpp).
///
/// (collect_garbage) from anybody -> garbage_report, at the end of a round of this level or higher
/// (ask_garbage)     from anybody -> garbage_totals
/// (memory_pressure) from the memory watch; (sessions_busy) from the hub; (garbage_tick) its own
/// (pool_close)      from the engine: it terminates, and answers what is open
using collector_actor =
    caf::typed_actor<caf::result<garbage_report>(collect_garbage),
                     caf::result<void>(memory_pressure), caf::result<void>(sessions_busy),
                     caf::result<void>(garbage_tick), caf::result<garbage_totals>(ask_garbage),
                     caf::result<void>(pool_close)>;
using hub_actor =
    caf::typed_actor<caf::result<void>(notice), caf::result<void>(action_wanted),
                     caf::result<void>(action_outcome), caf::result<void>(script_ran),
                     caf::result<void>(nodes_hold), caf::result<void>(watch_sessions),
                     caf::result<std::uint32_t>(subscribe), caf::result<progress>(unsubscribe)>;

// -- notes to self
// ----------------------------------------------------------------------------------------------------

/// A process worker's child ended (workers/child.hpp says what the rest means).
struct child_exited {
  std::uint64_t ticket = 0;
  std::int32_t status = 0;
  std::int64_t cpu_ns = 0;
  std::uint64_t peak_bytes = 0;
  bool alone = false;
};
/// A process worker's child has used its time; `asked`: it was asked to end before, and has used
/// that time too.
struct child_overdue {
  std::uint64_t ticket = 0;
  bool asked = false;
};
/// From a process worker's jobserver: the program does without the slot of this lease.
struct slot_returned {
  std::uint64_t ticket = 0;
};
/// It is time for a session to look whether anything moves.
struct session_tick {};
/// A script worker's thread is lost with its isolate (script_host.hpp, `lost`).
struct isolate_lost {
  error why;
};
/// Something that a pool puts off is due: an idle worker, a pause before a restart, unused credit.
struct pool_tick {};

} // namespace zako

#include "actors/messages_inspect.hpp"

CAF_BEGIN_TYPE_ID_BLOCK(zako, caf::first_custom_type_id)
CAF_ADD_TYPE_ID(zako, (zako::question))
CAF_ADD_TYPE_ID(zako, (zako::reply))
CAF_ADD_TYPE_ID(zako, (zako::drop))
CAF_ADD_TYPE_ID(zako, (zako::break_cycle))
CAF_ADD_TYPE_ID(zako, (zako::leaves_swept))
CAF_ADD_TYPE_ID(zako, (zako::cleared))
CAF_ADD_TYPE_ID(zako, (zako::report_waits))
CAF_ADD_TYPE_ID(zako, (zako::waits))
CAF_ADD_TYPE_ID(zako, (zako::job_offer))
CAF_ADD_TYPE_ID(zako, (zako::job_credit))
CAF_ADD_TYPE_ID(zako, (zako::worker_ready))
CAF_ADD_TYPE_ID(zako, (zako::worker_failed))
CAF_ADD_TYPE_ID(zako, (zako::gc_level))
CAF_ADD_TYPE_ID(zako, (zako::garbage_freed))
CAF_ADD_TYPE_ID(zako, (zako::ask_pool))
CAF_ADD_TYPE_ID(zako, (zako::pool_state))
CAF_ADD_TYPE_ID(zako, (zako::pool_tick))
CAF_ADD_TYPE_ID(zako, (zako::collect_garbage))
CAF_ADD_TYPE_ID(zako, (zako::pool_close))
CAF_ADD_TYPE_ID(zako, (zako::closed))
CAF_ADD_TYPE_ID(zako, (zako::job_cancel))
CAF_ADD_TYPE_ID(zako, (zako::job_request<zako::io_pool>))
CAF_ADD_TYPE_ID(zako, (zako::job_request<zako::transpile_pool>))
CAF_ADD_TYPE_ID(zako, (zako::job_request<zako::script_pool>))
CAF_ADD_TYPE_ID(zako, (zako::job_request<zako::process_pool>))
CAF_ADD_TYPE_ID(zako, (zako::job_result<zako::io_pool>))
CAF_ADD_TYPE_ID(zako, (zako::job_result<zako::transpile_pool>))
CAF_ADD_TYPE_ID(zako, (zako::job_result<zako::script_pool>))
CAF_ADD_TYPE_ID(zako, (zako::job_result<zako::process_pool>))
CAF_ADD_TYPE_ID(zako, (zako::job_request<zako::sweep_pool>))
CAF_ADD_TYPE_ID(zako, (zako::job_result<zako::sweep_pool>))
CAF_ADD_TYPE_ID(zako, (zako::swept))
CAF_ADD_TYPE_ID(zako, (zako::stop_sweep))
CAF_ADD_TYPE_ID(zako, (zako::lease_request))
CAF_ADD_TYPE_ID(zako, (zako::lease_granted))
CAF_ADD_TYPE_ID(zako, (zako::lease_refused))
CAF_ADD_TYPE_ID(zako, (zako::lease_end))
CAF_ADD_TYPE_ID(zako, (zako::lease_recall))
CAF_ADD_TYPE_ID(zako, (zako::ask_resources))
CAF_ADD_TYPE_ID(zako, (zako::resource_report))
CAF_ADD_TYPE_ID(zako, (zako::ask_slots))
CAF_ADD_TYPE_ID(zako, (zako::resource_slots))
CAF_ADD_TYPE_ID(zako, (zako::slot_take))
CAF_ADD_TYPE_ID(zako, (zako::slot_release))
CAF_ADD_TYPE_ID(zako, (zako::ask_slot))
CAF_ADD_TYPE_ID(zako, (zako::slot_state))
CAF_ADD_TYPE_ID(zako, (zako::save_record))
CAF_ADD_TYPE_ID(zako, (zako::root_asked))
CAF_ADD_TYPE_ID(zako, (zako::flush_state))
CAF_ADD_TYPE_ID(zako, (zako::flushed))
CAF_ADD_TYPE_ID(zako, (zako::notice))
CAF_ADD_TYPE_ID(zako, (zako::action_wanted))
CAF_ADD_TYPE_ID(zako, (zako::action_outcome))
CAF_ADD_TYPE_ID(zako, (zako::script_ran))
CAF_ADD_TYPE_ID(zako, (zako::collect_nodes))
CAF_ADD_TYPE_ID(zako, (zako::nodes_collected))
CAF_ADD_TYPE_ID(zako, (zako::sleep_answer))
CAF_ADD_TYPE_ID(zako, (zako::garbage_report))
CAF_ADD_TYPE_ID(zako, (zako::memory_pressure))
CAF_ADD_TYPE_ID(zako, (zako::watch_sessions))
CAF_ADD_TYPE_ID(zako, (zako::sessions_busy))
CAF_ADD_TYPE_ID(zako, (zako::ask_garbage))
CAF_ADD_TYPE_ID(zako, (zako::garbage_totals))
CAF_ADD_TYPE_ID(zako, (zako::garbage_tick))
CAF_ADD_TYPE_ID(zako, (zako::slot_returned))
CAF_ADD_TYPE_ID(zako, (zako::nodes_hold))
CAF_ADD_TYPE_ID(zako, (zako::session_options))
CAF_ADD_TYPE_ID(zako, (zako::session_report))
CAF_ADD_TYPE_ID(zako, (zako::engine_info))
CAF_ADD_TYPE_ID(zako, (zako::open_session))
CAF_ADD_TYPE_ID(zako, (zako::cancel_session))
CAF_ADD_TYPE_ID(zako, (zako::subscribe))
CAF_ADD_TYPE_ID(zako, (zako::unsubscribe))
CAF_ADD_TYPE_ID(zako, (zako::ask_info))
CAF_ADD_TYPE_ID(zako, (zako::close_engine))
CAF_ADD_TYPE_ID(zako, (zako::key))
CAF_ADD_TYPE_ID(zako, (zako::progress))
CAF_ADD_TYPE_ID(zako, (zako::child_exited))
CAF_ADD_TYPE_ID(zako, (zako::child_overdue))
CAF_ADD_TYPE_ID(zako, (zako::session_tick))
CAF_ADD_TYPE_ID(zako, (zako::isolate_lost))
CAF_ADD_TYPE_ID(zako, (zako::pool_handle<zako::io_pool>))
CAF_ADD_TYPE_ID(zako, (zako::pool_handle<zako::transpile_pool>))
CAF_ADD_TYPE_ID(zako, (zako::pool_handle<zako::script_pool>))
CAF_ADD_TYPE_ID(zako, (zako::pool_handle<zako::process_pool>))
CAF_ADD_TYPE_ID(zako, (zako::pool_handle<zako::sweep_pool>))
CAF_ADD_TYPE_ID(zako, (zako::sweep_actor))
CAF_ADD_TYPE_ID(zako, (zako::slot_actor))
CAF_ADD_TYPE_ID(zako, (zako::resource_actor))
CAF_ADD_TYPE_ID(zako, (zako::store_actor))
CAF_ADD_TYPE_ID(zako, (zako::listener_actor))
CAF_ADD_TYPE_ID(zako, (zako::session_actor))
CAF_ADD_TYPE_ID(zako, (zako::engine_actor))
CAF_ADD_TYPE_ID(zako, (zako::hub_actor))
CAF_ADD_TYPE_ID(zako, (zako::collector_actor))
CAF_END_TYPE_ID_BLOCK(zako)
