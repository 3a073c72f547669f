// How the actors' messages are described to inspectors (engine/inspect.hpp); included by
// messages.hpp.
#pragma once

#include "actors/messages.hpp"

namespace zako {

template <class Inspector>
bool inspect(Inspector& f, question& x) {
  return f.object(x).fields(f.field("target", x.target), f.field("slot", x.slot),
                            f.field("revision", x.revision), f.field("want_value", x.want_value),
                            f.field("holds", x.holds), f.field("depth", x.depth),
                            f.field("origin", x.origin));
}
template <class Inspector>
bool inspect(Inspector& f, leaves_swept& x) {
  return f.object(x).fields(f.field("revision", x.revision), f.field("holding", x.holding));
}
template <class Inspector>
bool inspect(Inspector& f, cleared& x) {
  return f.object(x).fields(f.field("revision", x.revision), f.field("nodes", x.nodes));
}
template <class Inspector>
bool inspect(Inspector& f, reply& x) {
  return f.object(x).fields(f.field("slot", x.slot), f.field("output", x.output),
                            packed_field(f, "what", x.what));
}
template <class Inspector>
bool inspect(Inspector& f, drop& x) {
  return f.object(x).fields(f.field("target", x.target), f.field("slot", x.slot),
                            f.field("gentle", x.gentle));
}
template <class Inspector>
bool inspect(Inspector& f, break_cycle& x) {
  return f.object(x).fields(f.field("target", x.target), f.field("why", x.why));
}
template <class Inspector>
bool inspect(Inspector& f, record_row& x) {
  return f.object(x).fields(f.field("node", x.node), f.field("edge_count", x.edge_count),
                            f.field("output_prefix", x.output_prefix), f.field("leaf", x.leaf),
                            f.field("counted", x.counted));
}
template <class Inspector>
bool inspect(Inspector& f, record_edge& x) {
  return f.object(x).fields(f.field("prefix", x.prefix), f.field("target", x.target),
                            f.field("ends_group", x.ends_group));
}
template <class Inspector>
bool inspect(Inspector& f, scan_records& x) {
  return f.object(x).fields(f.field("part", x.part), f.field("parts", x.parts));
}
template <class Inspector>
bool inspect(Inspector& f, scanned_records& x) {
  return f.object(x).fields(f.field("rows", x.rows), f.field("edges", x.edges));
}
template <class Inspector>
bool inspect(Inspector& f, leaf_output& x) {
  return f.object(x).fields(f.field("leaf", x.leaf), f.field("prefix", x.prefix));
}
template <class Inspector>
bool inspect(Inspector& f, look_at_leaves& x) {
  return f.object(x).fields(f.field("leaves", x.leaves));
}
template <class Inspector>
bool inspect(Inspector& f, looked_at_leaves& x) {
  return f.object(x).fields(f.field("changed", x.changed),
                            packed_field(f, "refreshed", x.refreshed));
}
template <class Inspector>
bool inspect(Inspector& f, swept& x) {
  return f.object(x).fields(f.field("round", x.round));
}
template <class Inspector>
bool inspect(Inspector& f, stop_sweep& x) {
  return f.object(x).fields(f.field("gentle", x.gentle));
}
template <class Inspector>
bool inspect(Inspector& f, nodes_hold& x) {
  return f.object(x).fields(f.field("nodes", x.nodes), f.field("steps", x.steps));
}
template <class Inspector>
bool inspect(Inspector& f, report_waits& x) {
  return f.object(x).fields(f.field("round", x.round));
}
template <class Inspector>
bool inspect(Inspector& f, waits& x) {
  return f.object(x).fields(f.field("round", x.round), f.field("node", x.node), f.field("on", x.on),
                            f.field("count", x.count));
}
template <class Inspector, class Pool>
bool inspect(Inspector& f, job_request<Pool>& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("about", x.about),
                            packed_field(f, "what", x.what), f.field("serial", x.serial));
}
template <class Inspector, class Pool>
bool inspect(Inspector& f, job_result<Pool>& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("about", x.about),
                            packed_field(f, "what", x.what));
}
template <class Inspector>
bool inspect(Inspector& f, job_cancel& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("reason", x.reason),
                            f.field("gentle", x.gentle));
}
template <class Inspector>
bool inspect(Inspector& f, lease_request& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("needs", x.needs),
                            f.field("priority", x.priority), f.field("lendable", x.lendable));
}
template <class Inspector>
bool inspect(Inspector& f, lease_granted& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("amounts", x.amounts));
}
template <class Inspector>
bool inspect(Inspector& f, lease_refused& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), packed_field(f, "why", x.why));
}
template <class Inspector>
bool inspect(Inspector& f, lease_end& x) {
  return f.object(x).fields(f.field("ticket", x.ticket));
}
template <class Inspector>
bool inspect(Inspector& f, lease_recall& x) {
  return f.object(x).fields(f.field("ticket", x.ticket));
}
template <class Inspector>
bool inspect(Inspector& f, ask_resources& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, resource_report& x) {
  return f.object(x).fields(packed_field(f, "resources", x.resources));
}
template <class Inspector>
bool inspect(Inspector& f, ask_slots& x) {
  return f.object(x).fields(f.field("resource", x.resource));
}
template <class Inspector>
bool inspect(Inspector& f, resource_slots& x) {
  return f.object(x).fields(f.field("slots", x.slots));
}
template <class Inspector>
bool inspect(Inspector& f, slot_take& x) {
  return f.object(x).fields(f.field("holder", x.holder), f.field("ticket", x.ticket));
}
template <class Inspector>
bool inspect(Inspector& f, ask_slot& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, slot_state& x) {
  return f.object(x).fields(f.field("resource", x.resource), f.field("holder", x.holder),
                            f.field("ticket", x.ticket));
}
template <class Inspector>
bool inspect(Inspector& f, save_record& x) {
  return f.object(x).fields(f.field("node", x.node), packed_field(f, "record", x.record));
}
template <class Inspector>
bool inspect(Inspector& f, notice& x) {
  return f.object(x).fields(packed_field(f, "what", x.what));
}
template <class Inspector>
bool inspect(Inspector& f, session_options& x) {
  return f.object(x).fields(f.field("priority", x.priority), f.field("keep_going", x.keep_going));
}
template <class Inspector>
bool inspect(Inspector& f, session_report& x) {
  return f.object(x).fields(packed_field(f, "root", x.root), f.field("totals", x.totals));
}
template <class Inspector>
bool inspect(Inspector& f, engine_info& x) {
  return f.object(x).fields(
      f.field("workspace", x.workspace), f.field("state_folder", x.state_folder),
      f.field("cache_folder", x.cache_folder), packed_field(f, "settings", x.settings),
      f.field("nodes_stored", x.nodes_stored), f.field("state_bytes", x.state_bytes),
      f.field("cache_bytes", x.cache_bytes), f.field("garbage", x.garbage));
}
template <class Inspector>
bool inspect(Inspector& f, worker_ready& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, gc_level& x) {
  return inspect_enum(f, x, gc_level::gentle, gc_level::full);
}
template <class Inspector>
bool inspect(Inspector& f, collect_garbage& x) {
  return f.object(x).fields(f.field("level", x.level), f.field("round", x.round));
}
template <class Inspector>
bool inspect(Inspector& f, garbage_freed& x) {
  return f.object(x).fields(f.field("bytes", x.bytes), f.field("round", x.round));
}
template <class Inspector>
bool inspect(Inspector& f, job_offer& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("about", x.about));
}
template <class Inspector>
bool inspect(Inspector& f, job_credit& x) {
  return f.object(x).fields(f.field("ticket", x.ticket));
}
template <class Inspector>
bool inspect(Inspector& f, worker_failed& x) {
  return f.object(x).fields(f.field("why", x.why));
}
template <class Inspector>
bool inspect(Inspector& f, ask_pool& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, pool_state& x) {
  return f.object(x).fields(f.field("in_line", x.in_line), f.field("credits", x.credits),
                            f.field("queued", x.queued), f.field("busy", x.busy),
                            f.field("idle", x.idle), f.field("done", x.done),
                            f.field("refused", x.refused), f.field("restarts", x.restarts));
}
template <class Inspector>
bool inspect(Inspector& f, pool_tick& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, closed& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, pool_close& x) {
  return f.object(x).fields(f.field("drain", x.drain));
}
template <class Inspector>
bool inspect(Inspector& f, slot_release& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, root_asked& x) {
  return f.object(x).fields(f.field("node", x.node));
}

template <class Inspector>
bool inspect(Inspector& f, flush_state& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, script_ran& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, action_wanted& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, subscribe& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, unsubscribe& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, ask_info& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, close_engine& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, flushed& x) {
  return f.object(x).fields(f.field("failure", x.failure));
}
template <class Inspector>
bool inspect(Inspector& f, action_outcome& x) {
  return f.object(x).fields(f.field("ran", x.ran), f.field("failure", x.failure),
                            f.field("session", x.session));
}
template <class Inspector>
bool inspect(Inspector& f, collect_nodes& x) {
  return f.object(x).fields(f.field("round", x.round));
}
template <class Inspector>
bool inspect(Inspector& f, nodes_collected& x) {
  return f.object(x).fields(f.field("round", x.round), f.field("freed", x.freed),
                            f.field("live", x.live));
}
template <class Inspector>
bool inspect(Inspector& f, sleep_answer& x) {
  return f.object(x).fields(f.field("node", x.node), f.field("round", x.round),
                            f.field("asleep", x.asleep));
}
template <class Inspector>
bool inspect(Inspector& f, garbage_report& x) {
  return f.object(x).fields(f.field("bytes_freed", x.bytes_freed),
                            f.field("nodes_freed", x.nodes_freed),
                            f.field("nodes_live", x.nodes_live), f.field("parts", x.parts));
}
template <class Inspector>
bool inspect(Inspector& f, memory_pressure& x) {
  return f.object(x).fields(f.field("full", x.full));
}
template <class Inspector>
bool inspect(Inspector& f, watch_sessions& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, sessions_busy& x) {
  return f.object(x).fields(f.field("busy", x.busy));
}
template <class Inspector>
bool inspect(Inspector& f, ask_garbage& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, garbage_totals& x) {
  return f.object(x).fields(f.field("rounds", x.rounds), f.field("freed", x.freed),
                            f.field("nodes", x.nodes));
}
template <class Inspector>
bool inspect(Inspector& f, garbage_tick& x) {
  return f.object(x).fields(f.field("what", x.what), f.field("epoch", x.epoch));
}
template <class Inspector>
bool inspect(Inspector& f, slot_returned& x) {
  return f.object(x).fields(f.field("ticket", x.ticket));
}
template <class Inspector>
bool inspect(Inspector& f, open_session& x) {
  return f.object(x).fields(f.field("options", x.options));
}
template <class Inspector>
bool inspect(Inspector& f, cancel_session& x) {
  return f.object(x).fields(f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, child_exited& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("status", x.status),
                            f.field("cpu_ns", x.cpu_ns), f.field("peak_bytes", x.peak_bytes),
                            f.field("alone", x.alone));
}
template <class Inspector>
bool inspect(Inspector& f, child_overdue& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("asked", x.asked));
}
template <class Inspector>
bool inspect(Inspector& f, session_tick& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, isolate_lost& x) {
  return f.object(x).fields(f.field("why", x.why));
}

} // namespace zako
