// Checks of an LMDB file that LMDB itself does not make: it trusts its file, and a damaged one ends
// the process or quietly answers wrong. Not for other rooms.
//
// First, before the file is mapped, its size is compared with its own account of its pages. Then,
// before anything is looked up, every page of the last commit is visited once: it must be of the
// right kind, and everything on it must lie inside it, name pages that exist and that nothing else
// uses, and add up to the counts above it. After that LMDB cannot be led astray; what the pages
// hold is for the callers' checksums. Measured: 4.5 ms for 110,000
// records on 6,358 pages in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/error.hpp"

namespace zako {

struct lmdb_table {
  const char* name;
  unsigned flags; // MDB_INTEGERKEY or 0
};

/// errc::corrupt with the reason when the file cannot be a whole LMDB database; a missing or empty
/// file is fine.
result<void> check_lmdb_size(const std::string& path);

/// errc::corrupt with the reason when a page of the commit `transaction` is damaged. The caller has
/// a read transaction of that number open, so that no other process writes over its pages. Tables
/// other than `tables` must not be there.
result<void> check_lmdb_pages(const std::string& path, std::uint64_t transaction,
                              const std::vector<lmdb_table>& tables);

/// Renames a damaged file into the folder `quarantine` (made when missing), where somebody can look
/// into it, and so frees its name. Who has it open goes on with the old file. Fine when there is
/// none.
result<void> move_lmdb_file(const std::string& path, const std::string& quarantine);

} // namespace zako
