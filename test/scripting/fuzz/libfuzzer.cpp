// libFuzzer's entry: see ./run.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "test/scripting/fuzz/properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto bad = zako::test::broken_property({reinterpret_cast<const char*>(data), size});
  if (!bad.empty()) {
    std::fprintf(stderr, "%s\n", bad.c_str());
    std::abort();
  }
  return 0;
}
