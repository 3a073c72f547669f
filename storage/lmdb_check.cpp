// The check before LMDB maps a file: does the file hold all the pages that it says it has?
//
// Follows the layout of LMDB's data format 1 (struct MDB_meta in its mdb.c): pages 0 and 1 are meta
// pages written in turn, and the one with the higher transaction number counts.
#include "storage/lmdb_environment.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <thread>

#include <unistd.h>

#include <fmt/format.h>

#include "storage/os.hpp"

namespace zako {

namespace {

constexpr std::uint32_t lmdb_magic = 0xBEEFC0DE;
constexpr std::uint32_t lmdb_version = 1;
constexpr std::uint16_t meta_page_flag = 0x08;
constexpr std::uint16_t free_tree_flags =
    MDB_INTEGERKEY | (MDB_NOSUBDIR & 0xffff); // as `open` makes it
constexpr std::uint64_t no_page = ~std::uint64_t{0};

struct page_header {
  std::uint64_t number;
  std::uint16_t pad;
  std::uint16_t flags;
  std::uint32_t bounds;
};
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
struct meta_page {
  page_header header;
  std::uint32_t magic;
  std::uint32_t version;
  std::uint64_t address;
  std::uint64_t map_bytes;
  std::array<tree, 2> trees; // of free pages, of tables
  std::uint64_t last_page;
  std::uint64_t transaction;
};
static_assert(sizeof(meta_page) == 152);

std::optional<meta_page> read_meta(int fd, std::uint64_t offset) {
  meta_page m;
  std::array<char, sizeof m> bytes;
  if (::pread(fd, bytes.data(), bytes.size(), static_cast<::off_t>(offset)) !=
      static_cast<::ssize_t>(bytes.size()))
    return std::nullopt;
  std::memcpy(&m, bytes.data(), sizeof m);
  return m;
}

/// What is wrong with one meta page by itself; empty when nothing is.
std::string fault_of(const meta_page& m, std::uint64_t page_bytes, std::uint64_t number) {
  if (m.header.number != number || m.header.flags != meta_page_flag || m.magic != lmdb_magic ||
      m.version != lmdb_version || m.trees[0].pad != page_bytes ||
      m.trees[0].flags != free_tree_flags || m.trees[1].flags != 0)
    return fmt::format("meta page {} is damaged", number);
  for (auto& t : m.trees) {
    if (t.root != no_page && t.root > m.last_page)
      return fmt::format("meta page {} names a root past its last page", number);
    if ((t.root == no_page) != (t.depth == 0))
      return fmt::format("meta page {} names a tree of impossible depth", number);
  }
  return {};
}

std::string fault_of_file(int fd) {
  struct ::stat s;
  if (::fstat(fd, &s) != 0)
    return "it cannot be examined";
  if (s.st_size == 0)
    return {};
  auto size = static_cast<std::uint64_t>(s.st_size);
  auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  auto first = read_meta(fd, 0);
  if (first && first->trees[0].pad >= 512 && first->trees[0].pad <= 65536)
    page_bytes = first->trees[0].pad;
  auto second = read_meta(fd, page_bytes);
  if (!first || !second)
    return "it is cut off";
  for (auto& [m, number] : {std::pair{*first, 0u}, std::pair{*second, 1u}})
    if (auto fault = fault_of(m, page_bytes, number); !fault.empty())
      return fault;
  auto& newest = first->transaction > second->transaction ? *first : *second;
  if (newest.last_page >= (std::uint64_t{1} << 48) / page_bytes)
    return "it has an impossible number of pages";
  auto need = (newest.last_page + 1) * page_bytes;
  if (size < need)
    return fmt::format("it is cut off: {} bytes of {}", size, need);
  return {};
}

} // namespace

result<void> check_lmdb_file(const std::string& path) {
  auto fd = os::open(AT_FDCWD, path.c_str(), O_RDONLY);
  if (!fd) {
    if (errno == ENOENT)
      return {};
    return os::failed("open", path, errno);
  }
  std::string fault;
  // Another process may be writing a meta page right now: what is wrong for good stays wrong.
  for (int attempt = 0; attempt < 3; ++attempt) {
    fault = fault_of_file(fd.get());
    if (fault.empty())
      return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return fail(errc::corrupt, fmt::format("the database '{}' is damaged: {}", path, fault));
}

result<void> move_lmdb_file(const std::string& path, const std::string& quarantine) {
  if (auto code = os::make_folders(AT_FDCWD, quarantine))
    return os::failed("make the folder", quarantine, code);
  auto name = std::string_view(path).substr(path.find_last_of('/') + 1);
  auto target = fmt::format("{}/{}-{}", quarantine, os::file_clock_ns(), name);
  if (::rename(path.c_str(), target.c_str()) != 0 && errno != ENOENT)
    return os::failed("move aside", path, errno);
  ::unlink((path + "-lock").c_str());
  return {};
}

} // namespace zako
