// The table behind `interner`: texts in shards with a lock each, ids in one dense array that is
// read without locks.
#include "storage/interner.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include <xxhash.h>

namespace zako::detail {

namespace {

constexpr std::size_t shard_count = 64;         // far more than threads that intern at one moment
constexpr std::uint32_t first_block_ids = 1024; // block k of the dense array has 2^k times as many
constexpr std::size_t block_count = 22;         // 1024 × (2^22 - 1) ids: just below 2^32
constexpr std::size_t first_arena_bytes = 4096;
constexpr std::size_t last_arena_bytes = 1 << 20;

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

/// A hash table from texts to ids with linear probing, and the memory of its texts. Under its
/// shard's lock.
class shard {
public:
  mutable std::mutex lock;

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
    if (++used_ * 4 <= slots_.size() * 3)
      return;
    std::vector<slot> old(slots_.size() * 2);
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

  stored_text store(std::string_view text) {
    auto length = static_cast<std::uint32_t>(text.size());
    assert(length == text.size() && "an interned text is shorter than 4 GiB");
    auto bytes = sizeof length + text.size();
    char* p;
    if (bytes > last_arena_bytes / 4) {
      p = arenas_.emplace_back(std::make_unique_for_overwrite<char[]>(bytes)).get();
    } else {
      if (bytes > left_) {
        left_ = std::max(next_arena_, bytes);
        free_ = arenas_.emplace_back(std::make_unique_for_overwrite<char[]>(left_)).get();
        next_arena_ = std::min(next_arena_ * 2, last_arena_bytes);
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
  std::vector<slot> slots_ = std::vector<slot>(16);
  std::size_t used_ = 0;
  std::vector<std::unique_ptr<char[]>> arenas_;
  char* free_ = nullptr;
  std::size_t left_ = 0;
  std::size_t next_arena_ = first_arena_bytes;
};

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

  padded_shard& shard_of(std::uint64_t hash) { return shards[hash >> 58]; }
};

static_assert(shard_count == 1u << (64 - 58));

string_table::string_table() : state_(std::make_unique<state>()) {}
string_table::~string_table() = default;

std::uint32_t string_table::find_or_add(std::string_view text) {
  auto hash = XXH3_64bits(text.data(), text.size());
  auto& s = state_->shard_of(hash);
  std::scoped_lock hold{s.lock};
  auto same = [&](std::uint32_t id) { return state_->text(id) == text; };
  auto short_hash = static_cast<std::uint32_t>(hash);
  auto& slot = s.find(short_hash, same);
  if (slot.id != 0)
    return slot.id;
  auto stored = s.store(text);
  auto number = state_->next.fetch_add(1, std::memory_order_relaxed);
  assert(number != ~std::uint32_t{0} && "an interner holds at most 2^32 - 2 texts");
  state_->entry(number).store(stored, std::memory_order_release);
  s.take(slot, short_hash, number);
  return number;
}

std::uint32_t string_table::find(std::string_view text) const {
  auto hash = XXH3_64bits(text.data(), text.size());
  auto& s = state_->shard_of(hash);
  std::scoped_lock hold{s.lock};
  auto same = [&](std::uint32_t id) { return state_->text(id) == text; };
  return s.find(static_cast<std::uint32_t>(hash), same).id;
}

std::string_view string_table::text(std::uint32_t number) const {
  assert(number != 0 && number <= size() && "an id of this interner");
  return state_->text(number);
}

std::uint32_t string_table::size() const {
  return state_->next.load(std::memory_order_acquire) - 1;
}

} // namespace zako::detail
