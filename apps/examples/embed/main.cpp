// Zako's engine inside another CAF program: a kind of node of our own, one question, a clean end.
// The engine has no workspace here, so it stores nothing on disk. Usage: embed [N]
#include <charconv>
#include <cstdint>
#include <iostream>
#include <string>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include "actors/engine.hpp"

namespace {

/// "fibonacci:7" asks for "fibonacci:6" and "fibonacci:5", in parallel. Each number is a node,
/// computed once, however many ask for it.
zako::task<zako::outcome> fibonacci(zako::context& ctx) {
  auto text = ctx.self().payload();
  std::uint64_t n = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), n).ptr != text.data() + text.size())
    co_return zako::fail(zako::errc::invalid_argument,
                         "'" + std::string(text) + "' is not a number");
  if (n < 2)
    co_return zako::value::of(n);
  std::vector<zako::key> keys;
  keys.emplace_back("fibonacci", std::to_string(n - 1));
  keys.emplace_back("fibonacci", std::to_string(n - 2));
  auto answers = co_await ctx.request_all(std::move(keys));
  std::uint64_t sum = 0;
  for (auto& answer : answers) {
    if (!answer)
      co_return answer;
    sum += **answer->as<std::uint64_t>();
  }
  co_return zako::value::of(sum);
}

/// Asks a session for one number; gives the program's exit code.
int print_number(caf::scoped_actor& self, const zako::engine_actor& engine, const std::string& n) {
  zako::session_actor session;
  self->request(engine, caf::infinite, zako::open_session{}, zako::listener_actor{})
      .receive([&](zako::session_actor& opened) { session = std::move(opened); },
               [](const caf::error& why) { std::cerr << caf::to_string(why) << '\n'; });
  if (!session)
    return 1;
  int code = 1;
  self->request(session, caf::infinite, zako::key("fibonacci", n))
      .receive(
          [&](const zako::session_report& report) {
            if (!report.root) {
              std::cerr << zako::to_text(report.root.error());
              return;
            }
            std::cout << "fibonacci(" << n << ") = " << **report.root->as<std::uint64_t>() << ", "
                      << report.totals.nodes_computed << " nodes computed\n";
            code = 0;
          },
          [](const caf::error& why) { std::cerr << caf::to_string(why) << '\n'; });
  return code;
}

} // namespace

int main(int argc, char** argv) {
  zako::init_types();
  caf::actor_system_config config;
  caf::actor_system system{config};
  zako::engine_options options;
  options.kinds.add({.name = "fibonacci", .version = 1, .compute = fibonacci, .confirm = {}});
  auto engine = zako::spawn_engine(system, std::move(options));
  if (!engine) {
    std::cerr << zako::to_text(engine.error());
    return 1;
  }
  caf::scoped_actor self{system};
  int code = print_number(self, *engine, argc > 1 ? argv[1] : "90");
  self->request(*engine, caf::infinite, zako::close_engine{})
      .receive([] {}, [&](const caf::error&) { code = 1; });
  return code;
}
