// zako-bench: runs one benchmark and prints what it measured.
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "test/bench/benchmark.hpp"

namespace {

using namespace zako::bench;

constexpr const char* usage = R"(Usage: zako-bench list
       zako-bench NAME [--size N]

Measures the program 'zako' that lies beside this one. Ends with one line for each metric:
NAME.metric=value unit. Exit codes: 0 good, 1 could not measure, 2 wrong command line.
)";

int wrong_usage(std::string_view why) {
  fmt::print(stderr, "error: {}\n{}", why, usage);
  return 2;
}

int list() {
  for (auto& x : benchmarks())
    fmt::print("{:<12} {}\n", x.name, x.about);
  return 0;
}

std::optional<unsigned> positive(std::string_view text) {
  unsigned n = 0;
  auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (bad != std::errc() || end != text.data() + text.size() || n == 0)
    return std::nullopt;
  return n;
}

int measure(const benchmark& x, settings given) {
  namespace fs = std::filesystem;
  given.zako = (fs::canonical("/proc/self/exe").parent_path() / "zako").string();
  given.source = ZAKO_SOURCE_ROOT;
  if (!fs::exists(given.zako))
    throw failure(fmt::format("there is no '{}' to measure: compile it first", given.zako));
  report out(x.name);
  x.run(given, out);
  fmt::print("{}", out.text());
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  std::vector<std::string_view> words(argv + 1, argv + argc);
  if (words.size() == 1 && (words[0] == "--help" || words[0] == "-h")) {
    fmt::print("{}", usage);
    return 0;
  }
  if (words.size() == 1 && words[0] == "list")
    return list();
  settings given;
  if (words.size() == 3 && words[1] == "--size") {
    auto n = positive(words[2]);
    if (!n)
      return wrong_usage("--size takes a whole number above 0");
    given.size = *n;
  } else if (words.size() != 1) {
    return wrong_usage("name one benchmark");
  }
  for (auto& x : benchmarks())
    if (x.name == words[0])
      try {
        return measure(x, given);
      } catch (const failure& e) {
        fmt::print(stderr, "error: {}\n", e.what());
        return 1;
      }
  return wrong_usage(fmt::format("there is no benchmark '{}', see 'zako-bench list'", words[0]));
}
