// The layout of LMDB's files, data format 1, as far as lmdb_check.cpp reads it (see mdb.c:
// MDB_meta, MDB_db, MDB_page, MDB_node).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace zako::lmdb_format {

inline constexpr std::uint32_t magic = 0xBEEFC0DE;
inline constexpr std::uint32_t version = 1;
inline constexpr std::uint64_t no_page = ~std::uint64_t{0};
inline constexpr std::uint64_t first_data_page = 2; // pages 0 and 1 are meta pages, written in turn
inline constexpr unsigned deepest_tree = 32;

enum page_flags : std::uint16_t { branch = 0x01, leaf = 0x02, overflow = 0x04, meta = 0x08 };
enum node_flags : std::uint16_t { big_data = 0x01, sub_data = 0x02 };

struct page_header {
  std::uint64_t number;
  std::uint16_t pad;
  std::uint16_t flags;
  std::uint16_t
      lower; // end of the node offsets; with `upper`, the number of pages of an overflow page
  std::uint16_t upper; // begin of the nodes, which reach to the end of the page without gaps
};
static_assert(sizeof(page_header) == 16);

/// A tree of pages.
struct tree {
  std::uint32_t pad; // in the first tree of a meta page: the page size
  std::uint16_t flags;
  std::uint16_t depth;
  std::uint64_t branch_pages;
  std::uint64_t leaf_pages;
  std::uint64_t overflow_pages;
  std::uint64_t entries;
  std::uint64_t root;
};
static_assert(sizeof(tree) == 48);

struct meta_page {
  page_header header;
  std::uint32_t magic;
  std::uint32_t version;
  std::uint64_t address;
  std::uint64_t map_bytes;
  std::array<tree, 2>
      trees; // of free pages, by the transaction that freed them; of tables, by name
  std::uint64_t last_page;
  std::uint64_t transaction;
};
static_assert(sizeof(meta_page) == 152);

/// Before a key and its data, at an even offset. On a branch page the first three numbers are a
/// page's.
struct node_header {
  std::uint16_t low;
  std::uint16_t high;
  std::uint16_t flags;
  std::uint16_t key_bytes;

  [[nodiscard]] std::uint64_t data_bytes() const { return low | std::uint64_t{high} << 16; }
  [[nodiscard]] std::uint64_t child() const { return data_bytes() | std::uint64_t{flags} << 32; }
};
static_assert(sizeof(node_header) == 8);

} // namespace zako::lmdb_format
