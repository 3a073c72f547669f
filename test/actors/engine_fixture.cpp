// Starts and stops engines for tests.
#include "engine_fixture.hpp"

#include <stdlib.h>

#include <fstream>

#include <catch2/catch.hpp>

#include "actors/scheduler.hpp"

namespace zako::test {

std::filesystem::path memory_folder() {
  std::filesystem::path memory = "/dev/shm";
  return std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
}

temporary_folder::temporary_folder(const std::filesystem::path& where) {
  std::string name = (where / "zako-test-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  root_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::string temporary_folder::path(const std::string& name) const {
  return name.empty() ? root_.string() : (root_ / name).string();
}

void temporary_folder::write(const std::string& name, const std::string& text) const {
  std::filesystem::create_directories((root_ / name).parent_path());
  std::ofstream{root_ / name, std::ios::binary} << text;
}

engine_fixture::engine_fixture(kind_table kinds, const std::string& workspace,
                               const std::string& cache, std::uint32_t cpus) {
  config_.set("caf.scheduler.max-threads", 2);
  use_graph_scheduler(config_);
  system_ = std::make_unique<caf::actor_system>(config_);
  self_ = std::make_unique<caf::scoped_actor>(*system_);
  engine_options options;
  options.workspace = workspace;
  options.cache_folder = cache;
  REQUIRE(options.settings.set("resources.cpu", cpus, "test"));
  options.purpose = "test";
  options.kinds = std::move(kinds);
  auto engine = spawn_engine(*system_, std::move(options));
  REQUIRE(engine);
  engine_ = *engine;
}

engine_fixture::~engine_fixture() {
  close();
}

void engine_fixture::close() {
  if (!engine_)
    return;
  (*self_)
      ->request(engine_, caf::infinite, close_engine{})
      .receive([] {}, [](const caf::error&) { FAIL("close"); });
  engine_ = nullptr;
}

session_actor engine_fixture::open(session_options options) {
  session_actor session;
  (*self_)
      ->request(engine_, caf::infinite, open_session{options}, listener_actor{})
      .receive([&](session_actor& x) { session = std::move(x); },
               [](const caf::error&) { FAIL("open"); });
  return session;
}

session_report engine_fixture::get(const key& root, session_options options) {
  auto session = open(options);
  session_report report;
  (*self_)
      ->request(session, caf::infinite, root)
      .receive([&](session_report& x) { report = std::move(x); },
               [](const caf::error&) { FAIL("request"); });
  return report;
}

kind fan_out(int n) {
  return {.name = "all",
          .version = 1,
          .compute = [n](context& ctx) -> task<outcome> {
            std::vector<key> ks;
            for (int i = 0; i < n; ++i)
              ks.emplace_back("one", std::to_string(i));
            auto got = co_await ctx.request_all(std::move(ks));
            std::int32_t sum = 0;
            for (auto& x : got) {
              if (!x)
                co_return tl::unexpected(x.error());
              sum += number(x);
            }
            co_return value::of(sum);
          },
          .confirm = nullptr,
          .counted = false};
}

kind one_program(std::function<command_job(const std::string&)> job_for) {
  return {.name = "one",
          .version = 1,
          .compute = [job_for](context& ctx) -> task<outcome> {
            std::string name(ctx.self().payload());
            auto job = job_for(name);
            job.title = "ONE";
            auto done = co_await ctx.perform(std::move(job));
            if (!done)
              co_return tl::unexpected(done.error());
            if (done->exit_code != 0)
              co_return fail(errc::action_failed, "step " + name + " failed");
            co_return value::of<std::int32_t>(1);
          },
          .confirm = nullptr,
          .counted = true};
}

int number(const outcome& x) {
  if (!x)
    FAIL(to_text(x.error()));
  auto n = x->as<std::int32_t>();
  REQUIRE(n);
  return **n;
}

} // namespace zako::test
