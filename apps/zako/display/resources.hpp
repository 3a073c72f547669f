// What `zako info --resources` prints.
#pragma once

#include <string>
#include <vector>

#include "engine/lease_book.hpp"
#include "engine/settings.hpp"

namespace zako {

/// A table of the resources; whether programs can be held to the memory that they declare
/// (`no_limits`: why not, or empty); a table of every setting with its value, where it is from and
/// what it means.
std::string resources_text(const std::vector<resource_state>& resources,
                           const std::string& no_limits, const engine_settings& settings);

} // namespace zako
