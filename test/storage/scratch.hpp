// A folder for one test, and plain ways to touch files that bypass the code under test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace zako::test {

namespace fs = std::filesystem;

class scratch {
public:
  explicit scratch(const fs::path& where = fs::temp_directory_path()) {
    auto pattern = (where / "zako-storage-XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
      throw std::runtime_error("no scratch folder");
    path_ = pattern;
  }
  ~scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  [[nodiscard]] std::string str() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
  std::string path_;
};

/// Where syncing costs nothing, for tests of thousands of commits; not for tests of fingerprints.
inline fs::path memory_folder() {
  return fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
}

inline void write_file(const std::string& path, const std::string& bytes) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void append_to(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::app) << bytes;
}

/// Changes one bit, in place.
inline void flip_bit(const std::string& path, std::uint64_t bit) {
  std::fstream f(path, std::ios::binary | std::ios::in | std::ios::out);
  auto at = static_cast<std::streamoff>(bit / 8);
  f.seekg(at);
  auto byte = static_cast<char>(f.get());
  f.seekp(at);
  f.put(static_cast<char>(byte ^ (1 << (bit % 8))));
}

/// Waits until files made before are older than the clock's granularity.
inline void let_age() {
  ::timespec t{0, 60'000'000};
  ::nanosleep(&t, nullptr);
}

inline void set_mtime(const std::string& path, std::int64_t seconds, std::int64_t ns = 1) {
  ::timespec times[2] = {{seconds, ns}, {seconds, ns}};
  ::utimensat(AT_FDCWD, path.c_str(), times, 0);
}

inline std::string random_bytes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::string bytes(count, '\0');
  for (auto& c : bytes)
    c = static_cast<char>(random());
  return bytes;
}

} // namespace zako::test
