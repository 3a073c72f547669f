// Array buffers with a quota: V8's heap limit does not count them.
#pragma once

#include <atomic>
#include <cstdlib>

#include <v8.h>

namespace zako {

/// Refuses what would pass the quota; V8 then throws a RangeError. Thread-safe: V8 frees buffers on
/// its own threads.
class quota_allocator final : public v8::ArrayBuffer::Allocator {
public:
  explicit quota_allocator(std::size_t quota) : left_(quota) {}

  void* Allocate(std::size_t size) override {
    return take(size) ? keep(std::calloc(1, size), size) : nullptr;
  }
  void* AllocateUninitialized(std::size_t size) override {
    return take(size) ? keep(std::malloc(size), size) : nullptr;
  }
  void Free(void* memory, std::size_t size) override {
    std::free(memory);
    left_ += size;
  }

private:
  bool take(std::size_t size) {
    auto left = left_.load();
    while (size <= left)
      if (left_.compare_exchange_weak(left, left - size))
        return true;
    return false;
  }
  void* keep(void* memory, std::size_t size) {
    if (!memory)
      left_ += size;
    return memory;
  }

  std::atomic<std::size_t> left_;
};

} // namespace zako
