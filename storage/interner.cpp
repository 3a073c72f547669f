// The table behind `interner`: texts in shards with a lock each, ids in one dense array that is
// read without locks.
#include "storage/interner.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstring>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include <xxhash.h>

namespace zako {

namespace detail {

namespace {

constexpr unsigned shard_bits = 6; // 64 shards: far more than threads that intern at one moment
constexpr std::size_t shard_count = std::size_t{1} << shard_bits;
constexpr std::uint32_t first_block_ids = 1024; // block k of the dense array has 2^k times as many
constexpr std::size_t block_count = 22;         // 1024 × (2^22 - 1) ids: just below 2^32
constexpr std::size_t first_arena_bytes = 1024; // a shard's texts: twice as many each time, up to
constexpr std::size_t last_arena_bytes = 16 * 1024;
constexpr unsigned scans_before_index = 32; // together they cost about what making the index costs

/// A stored text: its length in four bytes, then its bytes. Never moves.
using stored_text = const char*;

std::string_view view(stored_text p) {
  std::uint32_t length;
  std::memcpy(&length, p, sizeof length);
  return {p + sizeof length, length};
}

using block_entry = std::atomic<stored_text>;

/// Where an id lies in the dense array.
struct place {
  std::size_t block;
  std::size_t offset;

  explicit place(std::uint32_t number) {
    auto index = std::uint64_t{number} - 1 + first_block_ids;
    block = static_cast<std::size_t>(std::bit_width(index)) -
            static_cast<std::size_t>(std::bit_width(first_block_ids));
    offset = static_cast<std::size_t>(index - (std::uint64_t{first_block_ids} << block));
  }
};

/// The memory of texts. Under its owner's lock.
class arena {
public:
  stored_text store(std::string_view text) {
    auto length = static_cast<std::uint32_t>(text.size());
    assert(length == text.size() && "an interned text is shorter than 4 GiB");
    auto bytes = sizeof length + text.size();
    char* p;
    if (bytes > first_arena_bytes / 4) {
      p = pieces_.emplace_back(std::make_unique_for_overwrite<char[]>(bytes)).get();
    } else {
      if (bytes > left_) {
        left_ = next_;
        free_ = pieces_.emplace_back(std::make_unique_for_overwrite<char[]>(left_)).get();
        next_ = std::min(next_ * 2, last_arena_bytes);
      }
      p = free_;
      free_ += bytes;
      left_ -= bytes;
    }
    std::memcpy(p, &length, sizeof length);
    std::memcpy(p + sizeof length, text.data(), text.size());
    return p;
  }

private:
  std::vector<std::unique_ptr<char[]>> pieces_;
  char* free_ = nullptr;
  std::size_t left_ = 0;
  std::size_t next_ = first_arena_bytes;
};

/// A hash table from texts to ids with linear probing, and the memory of its texts. Under its
/// shard's lock.
class shard {
public:
  mutable std::mutex lock;
  arena texts;

  struct slot {
    std::uint32_t hash = 0;
    std::uint32_t id = 0; // 0: free
  };

  /// The slot of the text with this hash, or the free one where it belongs. `same(id)` compares
  /// texts.
  template <class Same>
  slot& find(std::uint32_t hash, Same&& same) {
    auto mask = slots_.size() - 1;
    auto i = hash & mask;
    while (slots_[i].id != 0 && (slots_[i].hash != hash || !same(slots_[i].id)))
      i = (i + 1) & mask;
    return slots_[i];
  }

  /// Fills a free slot and keeps the table at most three quarters full.
  void take(slot& free, std::uint32_t hash, std::uint32_t id) {
    free = {hash, id};
    if (++used_ * 4 > slots_.size() * 3)
      resize(slots_.size() * 2);
  }

  /// Makes room for more texts at once.
  void reserve(std::size_t more) {
    auto size = slots_.size();
    while ((used_ + more) * 4 > size * 3)
      size *= 2;
    if (size != slots_.size())
      resize(size);
  }

  /// Adds a text that is not there.
  void add(std::uint32_t hash, std::uint32_t id) {
    take(find(hash, [](std::uint32_t) { return false; }), hash, id);
  }

private:
  void resize(std::size_t size) {
    std::vector<slot> old(size);
    old.swap(slots_);
    auto mask = slots_.size() - 1;
    for (auto& s : old) {
      if (s.id == 0)
        continue;
      auto i = s.hash & mask;
      while (slots_[i].id != 0)
        i = (i + 1) & mask;
      slots_[i] = s;
    }
  }

  std::vector<slot> slots_ = std::vector<slot>(16);
  std::size_t used_ = 0;
};

/// The first place at or after `from` where `hash` stands; the number of hashes when there is none.
std::size_t next_equal(std::span<const std::uint32_t> hashes, std::uint32_t hash,
                       std::size_t from) {
  // A block is looked at without branches, so that the compiler uses vectors.
  constexpr std::size_t block = 64;
  for (; from + block <= hashes.size(); from += block) {
    std::uint32_t equal = 0;
    for (std::size_t i = 0; i < block; ++i)
      equal |= static_cast<std::uint32_t>(hashes[from + i] == hash);
    if (equal != 0)
      break;
  }
  while (from < hashes.size() && hashes[from] != hash)
    ++from;
  return from;
}

} // namespace

struct string_table::state {
  struct alignas(64) padded_shard : shard {};
  std::array<padded_shard, shard_count> shards;
  std::array<std::atomic<block_entry*>, block_count> blocks{};
  std::atomic<std::uint32_t> next = 1;

  ~state() {
    for (auto& block : blocks)
      delete[] block.load();
  }

  block_entry& entry(std::uint32_t number) {
    place at{number};
    auto* block = blocks[at.block].load(std::memory_order_acquire);
    if (!block) {
      auto fresh = std::make_unique<block_entry[]>(std::size_t{first_block_ids} << at.block);
      if (blocks[at.block].compare_exchange_strong(block, fresh.get(), std::memory_order_acq_rel))
        block = fresh.release();
    }
    return block[at.offset];
  }

  /// Waits for a thread that has taken the id and is about to store its text.
  std::string_view text(std::uint32_t number) {
    auto& e = entry(number);
    for (;;) {
      if (auto p = e.load(std::memory_order_acquire))
        return view(p);
      std::this_thread::yield();
    }
  }

  padded_shard& shard_of(std::uint32_t hash) { return shards[hash >> (32 - shard_bits)]; }

  // Hashes of loaded texts that are in no shard yet, in the order of their ids. A program that
  // finds next to nothing (an unchanged build) never pays for an index.
  std::mutex loading; // before a shard's lock
  std::vector<std::span<const std::uint32_t>> loaded;
  std::vector<std::shared_ptr<const void>> memory; // of loaded texts
  unsigned scans = 0;
  std::atomic<bool> indexed = true; // changed under `loading`

  /// The id of a loaded text that is in no shard; 0 when there is none, or all are in shards.
  std::uint32_t scan(std::uint32_t hash, std::string_view wanted) {
    if (indexed.load(std::memory_order_acquire))
      return 0;
    std::scoped_lock hold{loading};
    if (indexed.load(std::memory_order_relaxed))
      return 0;
    if (++scans > scans_before_index) {
      index();
      return 0;
    }
    std::uint32_t first = 1;
    for (auto& hashes : loaded) {
      for (std::size_t i = 0; (i = next_equal(hashes, hash, i)) < hashes.size(); ++i) {
        auto number = first + static_cast<std::uint32_t>(i);
        if (text(number) == wanted)
          return number;
      }
      first += static_cast<std::uint32_t>(hashes.size());
    }
    return 0;
  }

  void index() {
    std::array<std::size_t, shard_count> counts{};
    for (auto& hashes : loaded)
      for (auto hash : hashes)
        ++counts[hash >> (32 - shard_bits)];
    for (std::size_t i = 0; i < shard_count; ++i) {
      std::scoped_lock hold{shards[i].lock};
      shards[i].reserve(counts[i]);
    }
    std::uint32_t number = 0;
    for (auto& hashes : loaded)
      for (auto hash : hashes) {
        auto& s = shard_of(hash);
        std::scoped_lock hold{s.lock};
        s.add(hash, ++number);
      }
    loaded = {};
    indexed.store(true, std::memory_order_release);
  }

  /// `store(shard)` gives the place of a new text.
  template <class Store>
  std::uint32_t find_or_add(std::string_view text, Store&& store) {
    auto hash = stable_hash(text);
    if (auto number = scan(hash, text))
      return number;
    auto& s = shard_of(hash);
    std::scoped_lock hold{s.lock};
    auto& slot = s.find(hash, [&](std::uint32_t id) { return this->text(id) == text; });
    if (slot.id != 0)
      return slot.id;
    auto stored = store(s);
    auto number = next.fetch_add(1, std::memory_order_relaxed);
    assert(number != ~std::uint32_t{0} && "an interner holds at most 2^32 - 2 texts");
    entry(number).store(stored, std::memory_order_release);
    s.take(slot, hash, number);
    return number;
  }
};

string_table::string_table() : state_(std::make_unique<state>()) {}
string_table::~string_table() = default;

std::uint32_t string_table::find_or_add(std::string_view text) {
  return state_->find_or_add(text, [&](shard& s) { return s.texts.store(text); });
}

std::uint32_t string_table::find_or_add_static(const std::uint32_t* length) {
  auto* stored = reinterpret_cast<stored_text>(length);
  return state_->find_or_add(view(stored), [&](shard&) { return stored; });
}

std::uint32_t string_table::find(std::string_view text) const {
  auto hash = stable_hash(text);
  if (auto number = state_->scan(hash, text))
    return number;
  auto& s = state_->shard_of(hash);
  std::scoped_lock hold{s.lock};
  return s.find(hash, [&](std::uint32_t id) { return state_->text(id) == text; }).id;
}

bool string_table::load(std::span<const std::uint32_t> hashes, std::string_view texts,
                        std::shared_ptr<const void> memory) {
  auto& s = *state_;
  s.indexed = false;
  s.loaded.push_back(hashes);
  if (s.memory.empty() || s.memory.back() != memory)
    s.memory.push_back(std::move(memory));
  auto number = s.next.load();
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::uint32_t length;
    if (texts.size() < sizeof length)
      return false;
    std::memcpy(&length, texts.data(), sizeof length);
    if (texts.size() - sizeof length < length)
      return false;
    s.entry(number++).store(texts.data(), std::memory_order_relaxed);
    texts.remove_prefix(sizeof length + length);
  }
  s.next = number;
  return texts.empty();
}

std::string_view string_table::text(std::uint32_t number) const {
  assert(number != 0 && number <= size() && "an id of this interner");
  return state_->text(number);
}

std::uint32_t string_table::size() const {
  return state_->next.load(std::memory_order_acquire) - 1;
}

} // namespace detail

std::uint32_t stable_hash(std::string_view text) {
  return static_cast<std::uint32_t>(XXH3_64bits(text.data(), text.size()));
}

} // namespace zako
