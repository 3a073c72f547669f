// The bytes of the node database: what each table's values look like, and the checksum that guards
// them.
//
// Every value is eight bytes of XXH3-64 (little-endian, seeded with table and key, so that a value
// which turns up in another place does not match) and then a body. Knows nothing of LMDB or files;
// storage/README.md says it in prose.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/node_database.hpp"

namespace zako::node_format {

inline constexpr std::uint32_t version =
    4; // raised when anything below changes: stored files are then not read

enum class table : std::uint8_t { about, names, records, roots };

/// The one value of `about`, under key 0. In every format to come the body begins with the format.
struct about {
  std::uint32_t format = version;
  std::uint32_t name_count = 0;
};

/// A value of `names`: consecutive texts, stored under the id of the first, as interner::load takes
/// them.
struct names_page {
  std::vector<std::uint32_t> hashes; // stable_hash of each
  std::string texts;                 // each: its length in four bytes, its bytes

  void add(std::string_view text);
};

/// The same, where it is stored. The body must lie at a multiple of four bytes.
struct names_view {
  std::span<const std::uint32_t> hashes;
  std::string_view texts;
};

inline constexpr std::size_t names_page_bytes = 64 * 1024; // a page is closed when it has this many

std::string seal(const about& x);
std::string seal(const names_page& x, std::uint32_t first);
std::string seal(const node_record& x, std::uint32_t id);
/// A value of `roots`: when the node was last asked for by itself, in seconds since 1970.
std::string seal_root(std::int64_t asked_s, std::uint32_t id);

/// The body of a value; nothing when it does not match its checksum.
std::optional<std::string_view> unseal(table t, std::uint32_t key, std::string_view value);

/// `name_count` is only meaningful when `format` is `version`. Nothing when the body is too short
/// for that.
std::optional<about> parse_about(std::string_view body);
std::optional<names_view> parse_names(std::string_view body);
std::optional<node_record> parse_record(std::string_view body);
std::optional<std::int64_t> parse_root(std::string_view body);

} // namespace zako::node_format
