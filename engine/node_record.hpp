// What is kept of a node between processes: its trace and what it ended in.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "engine/half_digest.hpp"
#include "engine/key_id.hpp"

namespace zako {

struct dependency {
  key_id key;
  std::uint64_t output_prefix = 0; // digest::prefix() of the output that was seen

  bool operator==(const dependency&) const = default;
};

struct node_record {
  std::uint32_t kind_version = 0;
  half_digest input;
  digest output;
  // How many of `dependencies` each await asked for; they sum up to its size.
  std::vector<std::uint32_t> group_sizes;
  std::vector<dependency> dependencies; // in the order they were asked for
  std::string value_bytes;              // empty after a failure
  std::optional<error> failure;

  bool operator==(const node_record&) const = default;
};

// What these write is the format of the stored records: a change raises node_format::version.

template <class Inspector>
bool inspect(Inspector& f, dependency& x) {
  // A digest's prefix has no small values: eight plain bytes are shorter than LEB128.
  auto get = [&x] { return std::bit_cast<std::array<std::uint8_t, 8>>(x.output_prefix); };
  auto set = [&x](std::array<std::uint8_t, 8> bytes) {
    x.output_prefix = std::bit_cast<std::uint64_t>(bytes);
    return true;
  };
  return f.object(x).fields(f.field("key", x.key), f.field("output_prefix", get, set));
}

template <class Inspector>
bool inspect(Inspector& f, node_record& x) {
  return f.object(x).fields(f.field("kind_version", x.kind_version), f.field("input", x.input),
                            f.field("output", x.output), f.field("group_sizes", x.group_sizes),
                            f.field("dependencies", x.dependencies), f.field("failure", x.failure),
                            f.field("value_bytes", x.value_bytes));
}

} // namespace zako
