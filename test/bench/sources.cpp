// Walks a folder and chooses files.
#include "test/bench/sources.hpp"

#include <algorithm>
#include <filesystem>
#include <random>

#include "test/bench/process.hpp"

namespace zako::bench {

std::vector<source_file> find_sources(const std::string& folder, std::size_t least,
                                      std::size_t most) {
  std::vector<std::string> paths;
  for (auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    auto path = entry.path().string();
    if (path.ends_with(".ts") && !path.ends_with(".d.ts") && entry.is_regular_file() &&
        entry.file_size() >= least && entry.file_size() <= most)
      paths.push_back(std::move(path));
  }
  std::sort(paths.begin(), paths.end());
  std::mt19937 random; // its own fixed seed
  for (std::size_t i = paths.size(); i > 1; --i)
    std::swap(paths[i - 1], paths[random() % i]);
  std::vector<source_file> files;
  for (auto& path : paths)
    files.push_back({path, read_file(path)});
  return files;
}

std::vector<source_file> take(const std::vector<source_file>& files, std::size_t bytes) {
  std::vector<source_file> out;
  std::size_t sum = 0;
  for (auto& file : files) {
    if (sum >= bytes)
      break;
    sum += file.text.size();
    out.push_back(file);
  }
  return out;
}

const source_file& nearest(const std::vector<source_file>& files, std::size_t bytes) {
  auto distance = [bytes](const source_file& x) {
    return x.text.size() > bytes ? x.text.size() - bytes : bytes - x.text.size();
  };
  return *std::min_element(files.begin(), files.end(),
                           [&](auto& a, auto& b) { return distance(a) < distance(b); });
}

std::size_t total_size(const std::vector<source_file>& files) {
  std::size_t sum = 0;
  for (auto& file : files)
    sum += file.text.size();
  return sum;
}

} // namespace zako::bench
