// Checks every file in a folder: the inputs that fuzzing has found worth keeping.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "test/scripting/fuzz/properties.hpp"

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i)
    if (std::filesystem::is_directory(argv[i]))
      for (auto& entry : std::filesystem::directory_iterator(argv[i]))
        files.push_back(entry.path());
    else
      files.emplace_back(argv[i]);
  std::sort(files.begin(), files.end());
  int failed = 0;
  for (auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::string source{std::istreambuf_iterator<char>(in), {}};
    if (auto bad = zako::test::broken_property(source); !bad.empty()) {
      std::cerr << file.string() << ": " << bad << '\n';
      ++failed;
    }
  }
  std::cout << files.size() << " inputs, " << failed << " failed\n";
  return failed > 0 || files.empty() ? 1 : 0;
}
