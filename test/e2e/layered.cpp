// The layered workspace's build file, and its right answer by the same hash that mix.c uses.
#include "layered.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <sstream>

namespace e2e {

namespace {

/// Of the files below that an action reads: itself and two others.
constexpr std::uint64_t reads[] = {0, 1, 3};

/// Every fourth output is too large for the content store's database and becomes a file there.
std::size_t size_of(std::uint64_t i) {
  return i % 4 == 0 ? 6000 : 17;
}

std::string mixed(const std::vector<std::string>& layer, std::uint64_t i) {
  std::uint64_t hash = 14695981039346656037u;
  for (auto offset : reads)
    for (unsigned char c : layer[(i + offset) % layer.size()])
      hash = (hash ^ c) * 1099511628211u;
  char line[18];
  std::snprintf(line, sizeof line, "%016llx\n", static_cast<unsigned long long>(hash));
  std::string out;
  while (out.size() < size_of(i))
    out += line;
  out.resize(size_of(i));
  return out;
}

std::uint64_t seed() {
  auto* text = std::getenv("ZAKO_SEED");
  return text ? std::strtoull(text, nullptr, 10) : std::random_device{}();
}

} // namespace

chance::chance(const std::string& what) {
  auto from = seed();
  std::cout << what << ": ZAKO_SEED=" << from << std::endl;
  random_.seed(from);
}

std::uint64_t repeats(const char* variable, std::uint64_t in_ci) {
  auto* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : in_ci;
}

layered_workspace::layered_workspace(int layers, int width) : layers_(layers) {
  for (int i = 0; i < width; ++i)
    sources_.push_back("source " + std::to_string(i) + "\n");
  write_all();
}

layered_workspace::layered_workspace(const layered_workspace& other)
    : workspace(), layers_(other.layers_), sources_(other.sources_) {
  write_all();
}

void layered_workspace::write_all() {
  auto* mix = std::getenv("ZAKO_MIX");
  REQUIRE(mix);
  fs::create_directories(root() / "bin");
  fs::copy_file(mix, root() / "bin/mix");
  std::ostringstream text;
  text << "import { generate, location, out } from \"zako:rules/gen\";\n"
          "const width = "
       << sources_.size()
       << ";\n"
          "let below: any[] = Array.from({ length: width }, (_, i) => `s${i}`);\n"
          "const all: any[] = [];\n"
          "for (let layer = 0; layer < "
       << layers_
       << "; layer++) {\n"
          "  below = below.map((_, i) => {\n"
          "    const name = `n${layer}_${i}`;\n"
          "    const files = [0, 1, 3].map((offset) => below[(i + offset) % width]);\n"
          "    const size = i % 4 === 0 ? \"6000\" : \"17\";\n"
          "    return generate({ name, tool: \"bin/mix\", outs: [name],\n"
          "      args: [size, out(name), ...files.map((file) => location(file))] });\n"
          "  });\n"
          "  all.push(...below);\n"
          "}\n"
          "export default all;\n";
  write("BUILD.ts", text.str());
  for (std::uint64_t i = 0; i < sources_.size(); ++i)
    set_source(i, sources_[i]);
}

void layered_workspace::set_source(std::uint64_t i, const std::string& text) {
  sources_[i] = text;
  write("s" + std::to_string(i), text);
}

void layered_workspace::change(chance& random) {
  for (auto n = 1 + random.below(3); n > 0; --n)
    set_source(random.below(sources_.size()), std::to_string(random.below(1u << 30)) + "\n");
}

void layered_workspace::change_all(chance& random) {
  for (std::uint64_t i = 0; i < sources_.size(); ++i)
    set_source(i, std::to_string(random.below(1u << 30)) + "\n");
}

void layered_workspace::forget() const {
  remove(".zako");
  remove("zako-out");
  fs::remove_all(environment.at("ZAKO_CACHE"));
}

std::string layered_workspace::output(int layer, std::uint64_t i) const {
  return "zako-out/n" + std::to_string(layer) + "_" + std::to_string(i);
}

layered_workspace::contents layered_workspace::right() const {
  contents out{sources_};
  for (int layer = 0; layer < layers_; ++layer) {
    std::vector<std::string> made;
    for (std::uint64_t i = 0; i < sources_.size(); ++i)
      made.push_back(mixed(out.back(), i));
    out.push_back(std::move(made));
  }
  return out;
}

int layered_workspace::affected_since(const contents& then) const {
  auto now = right();
  int count = 0;
  for (std::size_t layer = 0; layer + 1 < now.size(); ++layer)
    for (std::uint64_t i = 0; i < sources_.size(); ++i)
      count += std::any_of(std::begin(reads), std::end(reads), [&](auto offset) {
        auto at = (i + offset) % sources_.size();
        return now[layer][at] != then[layer][at];
      });
  return count;
}

std::string layered_workspace::wrong_output() const {
  auto expected = right();
  for (int layer = 0; layer < layers_; ++layer)
    for (std::uint64_t i = 0; i < sources_.size(); ++i) {
      auto name = output(layer, i);
      if (!exists(name))
        return name + " is missing";
      if (auto found = read(name); found != expected[static_cast<std::size_t>(layer) + 1][i])
        return name + ": " + found.substr(0, 40);
    }
  return {};
}

words layered_workspace::ran() const {
  std::istringstream list(read_file(outside() / "ran"));
  words out;
  for (std::string line; std::getline(list, line);)
    out.push_back(line);
  return out;
}

} // namespace e2e
