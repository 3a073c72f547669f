// The program's operator new: large blocks get large pages.
//
// A build over a large workspace fills tables of some ten megabytes and throws them away; in pages
// of 4 KiB the kernel's work to provide them would cost more than ours to fill them.
#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t large_page = std::size_t{2} << 20;

void* allocate(std::size_t bytes) {
  if (bytes < large_page)
    return std::malloc(bytes > 0 ? bytes : 1);
  auto whole = (bytes + large_page - 1) / large_page * large_page;
  if (whole < bytes)
    return nullptr;
  auto* p = std::aligned_alloc(large_page, whole);
  if (p)
    ::madvise(p, whole, MADV_HUGEPAGE); // a wish: where it cannot be granted, small pages will do
  return p;
}

} // namespace

void* operator new(std::size_t bytes) {
  for (;;) {
    if (auto* p = allocate(bytes))
      return p;
    auto handler = std::get_new_handler();
    if (!handler)
      throw std::bad_alloc();
    handler();
  }
}

void operator delete(void* p) noexcept {
  std::free(p);
}

void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
