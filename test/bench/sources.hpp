// TypeScript to measure with: files of the corpus, chosen by rule.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace zako::bench {

struct source_file {
  std::string path; // absolute
  std::string text;
};

/// All `.ts` files below `folder` of `least` to `most` bytes that are no declaration files, in an
/// order that is always the same and mixes the packages.
std::vector<source_file> find_sources(const std::string& folder, std::size_t least,
                                      std::size_t most);

/// The first of them, until they have `bytes` together.
std::vector<source_file> take(const std::vector<source_file>& files, std::size_t bytes);

/// The one whose size is nearest to `bytes`; there must be one.
const source_file& nearest(const std::vector<source_file>& files, std::size_t bytes);

std::size_t total_size(const std::vector<source_file>& files);

} // namespace zako::bench
