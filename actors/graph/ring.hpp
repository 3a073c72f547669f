// Finds nodes that wait for each other, and says so.
#pragma once

#include <unordered_map>
#include <vector>

#include "engine/error.hpp"
#include "engine/key.hpp"
#include "storage/interner.hpp"

namespace zako {

/// One ring of the wait graph, in the order of waiting (each waits for the next, the last for the
/// first); empty when there is none. Linear in nodes and edges, no recursion. The same graph gives
/// the same ring.
std::vector<key_id> find_ring(const std::unordered_map<key_id, std::vector<key_id>>& waits_for);

/// errc::cycle with the whole path, from its smallest key around to it again.
error cycle_error(std::vector<key> path);

} // namespace zako
