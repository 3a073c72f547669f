// Reads an LMDB file page by page and finds what LMDB would trip over.
#include "storage/lmdb_check.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include <lmdb.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

#include "storage/lmdb_format.hpp"
#include "storage/os.hpp"

namespace zako {

namespace {

using namespace lmdb_format;

constexpr std::uint16_t free_tree_flags =
    MDB_INTEGERKEY | MDB_NOSUBDIR; // as lmdb_environment makes it

tl::unexpected<error> damaged(const std::string& path, std::string_view why) {
  return fail(errc::corrupt, fmt::format("the database '{}' is damaged: {}", path, why));
}

template <class T>
T load(const char* from) {
  T x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

std::optional<meta_page> read_meta(int fd, std::uint64_t offset) {
  meta_page m;
  auto n = ::pread(fd, &m, sizeof m, static_cast<::off_t>(offset));
  return n == static_cast<::ssize_t>(sizeof m) ? std::optional{m} : std::nullopt;
}

std::uint64_t page_bytes_of(int fd) {
  auto first = read_meta(fd, 0);
  auto named = first ? first->trees[0].pad : 0;
  auto sane = named >= 512 && named <= 32768 && (named & (named - 1)) == 0;
  return sane ? named : static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// What is wrong with one meta page by itself; empty when nothing is.
std::string fault_of(const meta_page& m, std::uint64_t page_bytes, std::uint64_t number) {
  if (m.header.number != number || m.header.flags != meta || m.magic != magic ||
      m.version != version || m.trees[0].pad != page_bytes || m.trees[0].flags != free_tree_flags ||
      m.trees[1].flags != 0 || m.trees[1].pad != 0)
    return fmt::format("meta page {} is damaged", number);
  if (m.last_page >= (std::uint64_t{1} << 47) / page_bytes)
    return fmt::format("meta page {} has an impossible last page", number);
  return {};
}

std::string fault_of_size(int fd) {
  struct ::stat s;
  if (::fstat(fd, &s) != 0)
    return "it cannot be examined";
  if (s.st_size == 0)
    return {};
  auto page_bytes = page_bytes_of(fd);
  auto first = read_meta(fd, 0);
  auto second = read_meta(fd, page_bytes);
  if (!first || !second)
    return "it is cut off";
  for (auto& [m, number] : {std::pair{*first, 0u}, std::pair{*second, 1u}})
    if (auto fault = fault_of(m, page_bytes, number); !fault.empty())
      return fault;
  auto& newest = first->transaction > second->transaction ? *first : *second;
  auto need = (newest.last_page + 1) * page_bytes;
  if (static_cast<std::uint64_t>(s.st_size) < need)
    return fmt::format("it is cut off: {} bytes of {}", s.st_size, need);
  return {};
}

/// A private view of the file's pages.
class mapping {
public:
  mapping(int fd, std::uint64_t bytes)
      : bytes_(bytes), begin_(::mmap(nullptr, bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0)) {
  }
  ~mapping() {
    if (begin_ != MAP_FAILED)
      ::munmap(begin_, bytes_);
  }
  mapping(const mapping&) = delete;
  mapping& operator=(const mapping&) = delete;

  /// Null when mapping failed.
  [[nodiscard]] const char* begin() const {
    return begin_ == MAP_FAILED ? nullptr : static_cast<const char*>(begin_);
  }

private:
  std::uint64_t bytes_;
  void* begin_;
};

/// Visits the pages of one commit. Stops at the first fault.
class walker {
public:
  walker(const char* pages, const meta_page& m, const std::vector<lmdb_table>& tables)
      : pages_(pages), page_bytes_(m.trees[0].pad), last_page_(m.last_page), tables_(tables),
        used_(m.last_page + 1) {}

  std::string fault_of_trees(const meta_page& m) {
    if (check(m.trees[0], kind::free_pages))
      check(m.trees[1], kind::tables);
    return std::move(fault_);
  }

private:
  enum class kind : std::uint8_t { free_pages, tables, numbered_values, named_values };

  bool wrong(std::string_view what, std::uint64_t page) {
    fault_ = fmt::format("{} (page {})", what, page);
    return false;
  }

  /// Notes that `count` pages from `first` are in use, or free.
  bool take(std::uint64_t first, std::uint64_t count) {
    if (first < first_data_page || first > last_page_ || count > last_page_ - first + 1)
      return wrong("a page that is not there is named", first);
    for (auto p = first; p < first + count; ++p) {
      if (used_[p])
        return wrong("a page is used twice", p);
      used_[p] = true;
    }
    return true;
  }

  /// Keys rise through a tree. One on a branch page is a lower bound: the next one may be equal.
  bool check_order(std::string_view key, kind what, bool bound, std::uint64_t page) {
    auto number_bytes = what == kind::free_pages        ? sizeof(std::uint64_t)
                        : what == kind::numbered_values ? sizeof(std::uint32_t)
                                                        : 0;
    if (number_bytes != 0 && key.size() != number_bytes)
      return wrong("a key has the wrong length", page);
    auto order = 0;
    if (!last_key_)
      order = 1;
    else if (what == kind::free_pages)
      order = compare(load<std::uint64_t>(key.data()), load<std::uint64_t>(last_key_->data()));
    else if (what == kind::numbered_values)
      order = compare(load<std::uint32_t>(key.data()), load<std::uint32_t>(last_key_->data()));
    else
      order = key.compare(*last_key_);
    if (order < 0 || (order == 0 && !last_is_bound_))
      return wrong("the keys are out of order", page);
    last_key_ = key;
    last_is_bound_ = bound;
    return true;
  }

  template <class T>
  static int compare(T a, T b) {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  bool check(const tree& t, kind what) {
    if (t.root == no_page)
      return t.depth == 0 && t.entries == 0 && t.branch_pages == 0 && t.leaf_pages == 0 &&
                     t.overflow_pages == 0
                 ? true
                 : wrong("an empty tree has pages", 0);
    if (t.depth == 0 || t.depth > deepest_tree)
      return wrong("a tree has an impossible depth", t.root);
    tree seen{};
    last_key_.reset();
    if (!check_page(t.root, t.depth, what, seen))
      return false;
    if (seen.branch_pages != t.branch_pages || seen.leaf_pages != t.leaf_pages ||
        seen.overflow_pages != t.overflow_pages || seen.entries != t.entries)
      return wrong("the counts of a tree are wrong", t.root);
    return true;
  }

  bool check_page(std::uint64_t number, unsigned levels, kind what, tree& seen) {
    if (!take(number, 1))
      return false;
    auto* page = pages_ + number * page_bytes_;
    auto header = load<page_header>(page);
    if (header.number != number || header.flags != (levels > 1 ? branch : leaf))
      return wrong("a page of a tree is of another kind", number);
    if (header.lower < sizeof header || header.lower % 2 != 0 || header.lower > header.upper ||
        header.upper > page_bytes_)
      return wrong("the bounds of a page are wrong", number);
    auto count = (header.lower - sizeof header) / 2;
    if (count < (levels > 1 ? 2u : 1u))
      return wrong("a page of a tree is empty", number);
    ++(levels > 1 ? seen.branch_pages : seen.leaf_pages);
    std::uint64_t filled = 0;
    for (std::size_t i = 0; i < count; ++i) {
      auto offset = load<std::uint16_t>(page + sizeof header + 2 * i);
      if (offset < header.upper || offset % 2 != 0 || offset + sizeof(node_header) > page_bytes_)
        return wrong("an entry lies outside its page", number);
      auto node = load<node_header>(page + offset);
      auto bytes = sizeof node + node.key_bytes;
      if (levels == 1)
        bytes += (node.flags & big_data) != 0 ? sizeof(std::uint64_t) : node.data_bytes();
      if (offset + bytes > page_bytes_)
        return wrong("an entry reaches over the end of its page", number);
      filled += bytes + bytes % 2;
      std::string_view key{page + offset + sizeof node, node.key_bytes};
      // The first key of a branch page is not used, and left empty.
      if ((levels == 1 || i > 0) && !check_order(key, what, levels > 1, number))
        return false;
      if (levels > 1 ? !check_page(node.child(), levels - 1, what, seen)
                     : !check_entry(node, key, number, what, seen))
        return false;
    }
    // Entries lie side by side: with one length or offset wrong they do not fill their part of the
    // page.
    if (filled != page_bytes_ - header.upper)
      return wrong("the entries of a page overlap", number);
    return true;
  }

  bool check_entry(const node_header& node, std::string_view key, std::uint64_t page, kind what,
                   tree& seen) {
    ++seen.entries;
    auto* data = key.data() + key.size();
    auto expected = what == kind::tables ? sub_data : node.flags & big_data;
    if (node.flags != expected)
      return wrong("an entry is of another kind", page);
    if ((node.flags & big_data) != 0) {
      auto first = load<std::uint64_t>(data);
      if (!check_overflow(first, node.data_bytes(), seen))
        return false;
      data = pages_ + first * page_bytes_ + sizeof(page_header);
    }
    if (what == kind::tables)
      return check_table(key, data, node.data_bytes(), page);
    return what != kind::free_pages || check_free_pages(data, node.data_bytes(), page);
  }

  bool check_overflow(std::uint64_t first, std::uint64_t bytes, tree& seen) {
    if (!take(first, 1))
      return false;
    auto header = load<page_header>(pages_ + first * page_bytes_);
    auto count = header.lower | std::uint64_t{header.upper} << 16;
    auto need = (sizeof header + bytes + page_bytes_ - 1) / page_bytes_;
    if (header.number != first || header.flags != overflow || count < need)
      return wrong("a large value is cut off", first);
    seen.overflow_pages += count;
    return count == 1 || take(first + 1, count - 1);
  }

  bool check_table(std::string_view name, const char* data, std::uint64_t bytes,
                   std::uint64_t page) {
    auto known = std::find_if(tables_.begin(), tables_.end(),
                              [&](const lmdb_table& t) { return name == t.name; });
    if (known == tables_.end() || bytes != sizeof(tree))
      return wrong("an unknown table is there", page);
    auto t = load<tree>(data);
    if (t.flags != known->flags || t.pad != 0)
      return wrong(fmt::format("the table '{}' is of another kind", name), page);
    auto outer = std::exchange(last_key_, std::nullopt);
    auto sound =
        check(t, (t.flags & MDB_INTEGERKEY) != 0 ? kind::numbered_values : kind::named_values);
    last_key_ = outer;
    last_is_bound_ = false;
    return sound;
  }

  /// A number of pages, then the pages in falling order.
  bool check_free_pages(const char* data, std::uint64_t bytes, std::uint64_t page) {
    if (bytes < sizeof(std::uint64_t))
      return wrong("a list of free pages is cut off", page);
    auto count = load<std::uint64_t>(data);
    if (count > bytes / sizeof(std::uint64_t) - 1)
      return wrong("a list of free pages is cut off", page);
    auto last = no_page;
    for (std::uint64_t i = 1; i <= count; ++i) {
      auto free = load<std::uint64_t>(data + i * sizeof(std::uint64_t));
      if (free >= last)
        return wrong("a list of free pages is out of order", page);
      if (!take(free, 1))
        return false;
      last = free;
    }
    return true;
  }

  const char* pages_;
  std::uint64_t page_bytes_;
  std::uint64_t last_page_;
  const std::vector<lmdb_table>& tables_;
  std::vector<bool> used_;
  std::optional<std::string_view> last_key_; // of the tree that is being visited
  bool last_is_bound_ = false;
  std::string fault_;
};

} // namespace

result<void> check_lmdb_size(const std::string& path) {
  auto fd = os::open(AT_FDCWD, path.c_str(), O_RDONLY);
  if (!fd) {
    if (errno == ENOENT)
      return {};
    return os::failed("open", path, errno);
  }
  std::string fault;
  // Another process may be writing a meta page right now: what is wrong for good stays wrong.
  for (int attempt = 0; attempt < 3; ++attempt) {
    fault = fault_of_size(fd.get());
    if (fault.empty())
      return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return damaged(path, fault);
}

result<void> check_lmdb_pages(const std::string& path, std::uint64_t transaction,
                              const std::vector<lmdb_table>& tables) {
  auto fd = os::open(AT_FDCWD, path.c_str(), O_RDONLY);
  if (!fd)
    return os::failed("open", path, errno);
  auto page_bytes = page_bytes_of(fd.get());
  auto number = transaction % 2; // commits write the two meta pages in turn
  auto m = read_meta(fd.get(), number * page_bytes);
  if (!m || m->transaction != transaction)
    return damaged(path, "the meta page of its last commit is missing");
  if (auto fault = fault_of(*m, page_bytes, number); !fault.empty())
    return damaged(path, fault);
  auto bytes = (m->last_page + 1) * page_bytes;
  struct ::stat s;
  if (::fstat(fd.get(), &s) != 0 || static_cast<std::uint64_t>(s.st_size) < bytes)
    return damaged(path, "it is cut off");
  mapping view{fd.get(), bytes};
  if (!view.begin())
    return os::failed("map", path, errno);
  if (auto fault = walker{view.begin(), *m, tables}.fault_of_trees(*m); !fault.empty())
    return damaged(path, fault);
  return {};
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
