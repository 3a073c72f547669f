// A pool of one's own workers beside Zako's engine: here they count the lines of files. All of the
// pool is the part between the two rules; the rest is a client of it. Usage: own_pool FILE...
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/scoped_actor.hpp>

#include "actors/engine.hpp"
#include "actors/workers/cooperative_worker.hpp"

// ---------------------------------------------------------------------------------------------
struct line_pool {
  static constexpr std::string_view name = "lines"; // in messages and metrics
  using input = std::string;                        // a path
  using output = std::uint64_t;                     // its lines
};

class line_behaviour {
public:
  using pool = line_pool;
  struct context {};
  zako::result<void> init(const context&) { return {}; }
  zako::result<std::uint64_t> process(std::string&& path, const zako::job_control&) {
    std::ifstream in{path, std::ios::binary};
    if (!in)
      return zako::fail(zako::errc::not_found, "cannot read '" + path + "'");
    std::istreambuf_iterator<char> begin{in}, end;
    return static_cast<std::uint64_t>(std::count(begin, end, '\n'));
  }
  std::size_t gc(zako::gc_level) { return 0; } // nothing is kept between jobs
};

CAF_BEGIN_TYPE_ID_BLOCK(own_pool, caf::id_block::zako::end)
CAF_ADD_TYPE_ID(own_pool, (zako::job_request<line_pool>))
CAF_ADD_TYPE_ID(own_pool, (zako::job_result<line_pool>))
CAF_ADD_TYPE_ID(own_pool, (zako::pool_handle<line_pool>))
CAF_END_TYPE_ID_BLOCK(own_pool)
// ---------------------------------------------------------------------------------------------

int main(int argc, char** argv) {
  caf::init_global_meta_objects<caf::id_block::own_pool>();
  zako::init_types();
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::vector<std::string> files(argv + 1, argv + argc);
  auto pool = zako::spawn_pool<line_behaviour>(system, {}, {.max_workers = 4});
  caf::scoped_actor self{system};
  for (std::size_t i = 0; i < files.size(); ++i)
    self->send(pool, zako::job_offer{i, {}}); // each is sent when the pool has room for it
  int failures = 0;
  auto left = files.size();
  self->receive_while([&] { return left > 0; })(
      [&](const zako::job_credit& x) {
        self->send(pool, zako::job_request<line_pool>{x.ticket, {}, files[x.ticket]});
      },
      [&](const zako::job_result<line_pool>& x) {
        --left;
        failures += x.what ? 0 : 1;
        if (x.what)
          std::cout << *x.what << ' ' << files[x.ticket] << '\n';
        else
          std::cerr << zako::to_text(x.what.error()) << '\n';
      });
  self->send(pool, zako::pool_close{});
  return failures == 0 ? 0 : 1;
}
