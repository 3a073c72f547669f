// What the machine gives, and what its container leaves of it; and what follows for the settings.
#pragma once

#include <cstdint>
#include <string>

#include "engine/settings.hpp"

namespace zako {

struct machine_facts {
  std::uint64_t cores = 1;        // that this process may use
  std::uint64_t memory_bytes = 0; // that it may use, running programs included; 0: unknown
  std::uint64_t gpus = 0;
  std::string cores_from;  // for people: "affinity", "cgroup quota"
  std::string memory_from; // "installed", "cgroup limit", "unknown"
};

/// Looks at /proc, /sys and /dev below `root`. Cores are those that the process may run on
/// (affinity and cpuset), and no more than its control groups have time for (versions 1 and 2);
/// memory is the machine's, or the smallest limit of its control groups. What cannot be read is
/// left out.
machine_facts look_at_machine(const std::string& root = "/");

/// Gives every setting that nobody has set what suits the machine.
void set_machine_defaults(engine_settings& to, const machine_facts& machine);

} // namespace zako
