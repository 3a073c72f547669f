// Every message survives the trip through CAF's serialisation.
#include <catch2/catch.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/byte_buffer.hpp>

#include "actors/messages.hpp"

using namespace zako;

namespace {

caf::byte_buffer bytes_of(caf::actor_system& system, const caf::message& x) {
  caf::byte_buffer bytes;
  caf::binary_serializer out{system, bytes};
  REQUIRE(out.apply(x));
  return bytes;
}

/// Sends a message through serialisation; what arrives must have the same type and the same bytes.
template <class T>
T trip(caf::actor_system& system, T x) {
  auto sent = caf::make_message(std::move(x));
  auto bytes = bytes_of(system, sent);
  caf::message received;
  caf::binary_deserializer in{system, bytes};
  REQUIRE(in.apply(received));
  REQUIRE(in.remaining() == 0);
  REQUIRE(received.match_elements<T>());
  CHECK(bytes_of(system, received) == bytes);
  // No prefix of it is taken for the whole, and nothing crashes.
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    caf::message half;
    caf::binary_deserializer cut{system, bytes.data(), n};
    CHECK_FALSE(cut.apply(half));
  }
  return received.get_as<T>(0);
}

error sample_error() {
  auto e = error_at(errc::script, "it threw", {"a/BUILD.ts", 3, 7}, "do not throw");
  e.frame = "  3 | throw 1;\n";
  e.causes.push_back(fail(errc::not_found, "no such thing").value());
  return e;
}

digest sample_digest() {
  return digest_of("sample");
}

const job_context sample_about{{7, job_priority::interactive}, 9};

fingerprint sample_print() {
  return {1, -2, 3, 4, true};
}

} // namespace

TEST_CASE("graph messages survive serialisation") {
  caf::actor_system_config config;
  caf::actor_system system{config};

  auto q = trip(system, question{key_id{7}, 3, 99, false, 11});
  CHECK(
      (q.target == key_id{7} && q.slot == 3 && q.revision == 99 && !q.want_value && q.holds == 11));
  auto swept = trip(system, leaves_swept{12, {0, 5, 6}});
  CHECK((swept.revision == 12 && swept.holding == std::vector<std::uint64_t>{0, 5, 6}));
  auto cleared_nodes = trip(system, cleared{12, {{key_id{3}, 8}}});
  CHECK((cleared_nodes.revision == 12 && cleared_nodes.nodes.size() == 1 &&
         cleared_nodes.nodes[0].first == key_id{3} && cleared_nodes.nodes[0].second == 8));

  auto good = trip(system, reply{5, sample_digest(), value::of(std::string("hello"))});
  CHECK(**good.what.get()->as<std::string>() == "hello");
  auto bad = trip(system, reply{5, sample_digest(), tl::unexpected(sample_error())});
  REQUIRE(!bad.what.good());
  CHECK(bad.what.why() == sample_error());
  auto bare = trip(system, reply{6, sample_digest(), {}});
  CHECK((bare.output == sample_digest() && !bare.what));

  CHECK(trip(system, drop{key_id{7}, 3, true}).gentle);
  CHECK(trip(system, break_cycle{key_id{7}, sample_error()}).why == sample_error());
  CHECK(trip(system, report_waits{4}).round == 4);
  CHECK(trip(system, collect_nodes{5}).round == 5);
  auto collected = trip(system, nodes_collected{5, 6, 7});
  CHECK((collected.round == 5 && collected.freed == 6 && collected.live == 7));
  auto sleepy = trip(system, sleep_answer{key_id{3}, 5, true});
  CHECK((sleepy.node == key_id{3} && sleepy.round == 5 && sleepy.asleep));
  auto report = trip(system, garbage_report{5, 6, 7, {{"script", 8}}});
  CHECK((report.nodes_freed == 6 && report.nodes_live == 7));
  auto w = trip(system, waits{4, key_id{7}, {key_id{8}, key_id{9}}, 2});
  CHECK(w.on == std::vector<key_id>{key_id{8}, key_id{9}});
  CHECK_FALSE(trip(system, waits{4, std::nullopt, {}, 2}).node);
  trip(system, key("file", "a.c"));
}

TEST_CASE("messages of a sweep survive serialisation") {
  caf::actor_system_config config;
  caf::actor_system system{config};

  auto ask = [&](sweep_pool::input job) {
    return trip(system, job_request<sweep_pool>{3, sample_about, std::move(job)}).what;
  };
  auto share = std::get<scan_records>(ask(scan_records{1, 2}));
  CHECK((share.part == 1 && share.parts == 2));
  auto look = std::get<look_at_leaves>(ask(look_at_leaves{{{key_id{4}, 77}}}));
  REQUIRE(look.leaves.size() == 1);
  CHECK((look.leaves[0].leaf == key_id{4} && look.leaves[0].prefix == 77));

  auto back = [&](sweep_pool::output x) {
    return *trip(system, job_result<sweep_pool>{3, sample_about, std::move(x)}).what;
  };
  auto scanned = std::get<scanned_records>(
      back(scanned_records{{{key_id{4}, 1, 9, true, false}}, {{8, key_id{5}, true}}}));
  REQUIRE((scanned.rows.size() == 1 && scanned.edges.size() == 1));
  CHECK((scanned.rows[0].node == key_id{4} && scanned.rows[0].edge_count == 1 &&
         scanned.rows[0].output_prefix == 9 && scanned.rows[0].leaf && !scanned.rows[0].counted));
  CHECK((scanned.edges[0].prefix == 8 && scanned.edges[0].target == key_id{5} &&
         scanned.edges[0].ends_group));
  node_record record;
  record.kind_version = 2;
  record.output = sample_digest();
  record.value_bytes = "bytes";
  auto looked =
      std::get<looked_at_leaves>(back(looked_at_leaves{{key_id{6}}, {{key_id{7}, record}}}));
  CHECK(looked.changed == std::vector{key_id{6}});
  REQUIRE(looked.refreshed.size() == 1);
  CHECK((looked.refreshed[0].first == key_id{7} && looked.refreshed[0].second == record));

  CHECK(trip(system, swept{5}).round == 5);
  CHECK(trip(system, stop_sweep{true}).gentle);
  auto more = trip(system, nodes_hold{10, 4});
  CHECK((more.nodes == 10 && more.steps == 4));
}

TEST_CASE("jobs and their results survive serialisation") {
  caf::actor_system_config config;
  caf::actor_system system{config};

  auto io = [&](io_pool::input job) {
    return trip(system, job_request<io_pool>{11, sample_about, std::move(job)}).what;
  };
  CHECK(std::get<stat_job>(io(stat_job{"a.c", sample_print(), sample_digest()})).known ==
        sample_print());
  CHECK(std::get<list_job>(io(list_job{"src", std::nullopt})).path == "src");
  CHECK(std::get<read_job>(io(read_job{"a.c", 10})).limit == 10);
  CHECK(std::get<environment_job>(io(environment_job{"PATH"})).name == "PATH");
  CHECK(std::get<option_job>(io(option_job{"debug"})).name == "debug");
  CHECK(std::get<which_job>(io(which_job{"cc", "/bin"})).search_path == "/bin");
  CHECK(std::get<builtin_job>(io(builtin_job{"zako:core"})).module == "zako:core");
  output_file out{"zako-out/a", sample_digest(), 5, true, sample_print()};
  CHECK(std::get<restore_job>(io(restore_job{{out}})).outputs.front() == out);

  auto io_back = [&](io_pool::output x) {
    return *trip(system, job_result<io_pool>{11, sample_about, std::move(x)}).what;
  };
  CHECK(std::get<stat_job::answer>(
            io_back(stat_job::answer{file_type::regular, true, sample_print(), sample_digest()}))
            .content == sample_digest());
  CHECK(std::get<list_job::answer>(
            io_back(list_job::answer{true, false, sample_print(), {{"x", file_type::folder}}}))
            .entries.front()
            .name == "x");
  CHECK(std::get<std::string>(io_back(std::string("text"))) == "text");
  CHECK(std::get<std::optional<std::string>>(io_back(std::optional<std::string>{})) ==
        std::nullopt);
  CHECK(std::get<builtin_job::answer>(io_back(builtin_job::answer{digest_of("all")})).all ==
        digest_of("all"));
  CHECK(std::get<std::optional<std::vector<output_file>>>(io_back(std::optional(std::vector{out})))
            ->front() == out);
  CHECK(trip(system, job_result<io_pool>{11, sample_about, tl::unexpected(sample_error())})
            .what.error() == sample_error());

  CHECK(trip(system, job_request<transpile_pool>{1, sample_about, {"a.ts", "let x"}}).what.source ==
        "let x");
  CHECK(trip(system,
             job_result<transpile_pool>{1, sample_about,
                                        transpile_job::answer{"js", "map", {{"./b.ts", 1, 2}}}})
            .what->imports.front()
            .specifier == "./b.ts");

  data argument{data::object{{"a", data::array{1.5, true, nullptr, "x"}}}};
  evaluate_job evaluate{
      .module = "BUILD.ts", .context = script_context::rule, .function = "f", .argument = argument};
  CHECK(
      std::get<evaluate_job>(trip(system, job_request<script_pool>{1, sample_about, evaluate}).what)
          .argument == argument);
  resume_job resume{.reply = {{{"id", "js", "map", "ts"}}, argument}, .failure = sample_error()};
  CHECK(std::get<resume_job>(trip(system, job_request<script_pool>{1, sample_about, resume}).what)
            .failure == sample_error());
  evaluate_job::answer step;
  step.query = script_query{{{"./a.ts", "BUILD.ts"}}, "", {}};
  CHECK(trip(system, job_result<script_pool>{1, sample_about, step})
            .what->query->imports.front()
            .specifier == "./a.ts");

  command_job command{.what = {.argv = {"/bin/cc"},
                               .env = {{"A", "b"}},
                               .stdout_path = "o",
                               .outputs = {"o"},
                               .depfile = "d",
                               .timeout_s = 3},
                      .title = "CC",
                      .needs = {{"cpu", 2, 4, true}},
                      .store = false};
  CHECK(trip(system, job_request<process_pool>{1, sample_about, command}).what.what ==
        command.what);
  command_job::answer ran{.exit_code = -1,
                          .timed_out = true,
                          .text = "t",
                          .outputs = {out},
                          .discovered = {"a.h"},
                          .started_ns = 5,
                          .run_ns = 6};
  CHECK(trip(system, job_result<process_pool>{1, sample_about, ran}).what->outputs.front() == out);
  CHECK(trip(system, job_result<process_pool>{1, sample_about, ran}).about == sample_about);
  CHECK(trip(system, job_cancel{1, "why", true}).reason == "why");
}

TEST_CASE("records, leases, events and the public interface survive serialisation") {
  caf::actor_system_config config;
  caf::actor_system system{config};

  node_record record{1,       sample_digest(), sample_digest(), {1}, {{key_id{3}, 4}},
                     "bytes", sample_error()};
  CHECK(trip(system, save_record{key_id{2}, record}).record == record);
  CHECK(trip(system, root_asked{key_id{7}}).node == key_id{7});
  trip(system, flush_state{});
  CHECK(trip(system, flushed{sample_error()}).failure == sample_error());
  std::vector<need> needs{{"memory", 1, everything, true}};
  auto wish = trip(system, lease_request{1, needs, job_priority::interactive, true});
  CHECK((wish.needs == needs && wish.priority == job_priority::interactive && wish.lendable));
  CHECK(trip(system, lease_granted{1, {2, 3}}).amounts == std::vector<std::uint64_t>{2, 3});
  CHECK(trip(system, lease_refused{1, sample_error()}).why == sample_error());
  CHECK(trip(system, lease_end{1}).ticket == 1);
  CHECK(trip(system, lease_recall{1}).ticket == 1);
  trip(system, ask_resources{});
  resource_state gpu{{"gpu", 2, 1, 1}, 3, 4, 5, 6};
  CHECK(trip(system, resource_report{{gpu}}).resources.at(0) == gpu);
  CHECK(trip(system, ask_slots{"gpu"}).resource == "gpu");
  CHECK(trip(system, resource_slots{}).slots.empty());
  CHECK(trip(system, slot_take{nullptr, 7}).ticket == 7);
  trip(system, slot_release{});
  trip(system, ask_slot{});
  CHECK(trip(system, slot_state{"gpu", nullptr, 7}).resource == "gpu");
  trip(system, worker_ready{});
  CHECK(trip(system, worker_failed{sample_error()}).why == sample_error());
  CHECK(trip(system, job_offer{4, sample_about}).about == sample_about);
  CHECK(trip(system, job_credit{4}).ticket == 4);
  CHECK(trip(system, collect_garbage{gc_level::gentle, 3}).level == gc_level::gentle);
  CHECK(trip(system, garbage_freed{5, 6}).bytes == 5);
  trip(system, ask_pool{});
  CHECK(trip(system, pool_state{1, 2, 3, 4, 5, 6, 7, 8}).restarts == 8);
  CHECK(trip(system, pool_close{true}).drain);
  trip(system, pool_tick{});
  trip(system, closed{});
  CHECK(std::get<action_started>(trip(system, notice{action_started{1, "CC", 2}}).what).title ==
        "CC");
  CHECK(std::get<action_finished>(
            trip(system, notice{action_finished{1, "CC", 2, "text", {"cc"}, 3, 4, 5}}).what)
            .exit_code == 2);
  CHECK(std::get<progress>(trip(system, notice{progress{1, 2, 3, 4, 5, 6, 7}}).what).scripts_run ==
        7);
  CHECK(
      std::get<script_printed>(trip(system, notice{script_printed{"f", "info", "t"}}).what).text ==
      "t");
  trip(system, action_wanted{});
  CHECK(trip(system, action_outcome{true, sample_error(), 3}).failure == sample_error());
  trip(system, script_ran{});
  CHECK(trip(system, session_options{job_priority::background, true}).keep_going);
  CHECK(trip(system, open_session{{.keep_going = true}}).options.keep_going);
  CHECK(trip(system, cancel_session{"x"}).reason == "x");
  CHECK(trip(system, session_report{value::of(std::string("r")), progress{1, 0, 0, 0, 0, 0, 0}})
            .totals.actions_known == 1);
  CHECK(trip(system, memory_pressure{true}).full);
  CHECK(trip(system, sessions_busy{true}).busy);
  trip(system, watch_sessions{});
  trip(system, ask_garbage{});
  CHECK(trip(system, garbage_tick{garbage_tick::watch, 3}).epoch == 3);
  CHECK(trip(system, slot_returned{4}).ticket == 4);
  CHECK(std::get<script_finished>(trip(system, notice{script_finished{"f", 2, 3}}).what).worker ==
        2);
  CHECK(std::get<garbage_collected>(
            trip(system, notice{garbage_collected{"idle", true, {{"cache", 5}}, 6, 7}}).what)
            .freed.front()
            .bytes == 5);
  engine_settings settings;
  REQUIRE(settings.set("resources.memory", "2G", "--set"));
  auto info = trip(system, engine_info{"w", "s", "c", settings, 3, 4, 5, {{{"idle", 6}}, {}, 7}});
  CHECK((info.garbage.nodes == 7 && info.settings == settings));
  trip(system, subscribe{});
  trip(system, unsubscribe{});
  trip(system, ask_info{});
  trip(system, close_engine{});
  CHECK(trip(system, child_exited{1, 2, 3, 4, true}).peak_bytes == 4);
  CHECK(trip(system, child_overdue{1, true}).asked);
  trip(system, session_tick{});
  CHECK(trip(system, isolate_lost{sample_error()}).why == sample_error());
}
