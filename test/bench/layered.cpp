// Writes the layered graph.
#include "test/bench/layered.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "test/bench/process.hpp"
#include "test/bench/workspaces.hpp"

namespace zako::bench {

namespace {

constexpr unsigned fan_in = 3;
constexpr std::size_t source_size = 256;

/// usage: mix OUTPUT INPUT...: FNV-1a of the first 64 bytes of each input, as 16 digits and a
/// line's end.
constexpr const char* program_source = R"(
#include <fcntl.h>
#include <unistd.h>
int main(int argc, char** argv) {
  unsigned long long hash = 14695981039346656037ull;
  char text[17];
  if (argc < 3) return 2;
  for (int i = 2; i < argc; ++i) {
    unsigned char bytes[64];
    int fd = open(argv[i], O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    if (n < 0) return 1;
    close(fd);
    for (ssize_t k = 0; k < n; ++k) hash = (hash ^ bytes[k]) * 1099511628211ull;
  }
  for (int i = 0; i < 16; ++i) text[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
  text[16] = '\n';
  int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (fd < 0 || write(fd, text, sizeof text) != sizeof text) return 1;
  return 0;
}
)";

constexpr const char* rule_text = R"(import {{ attr, rule }} from "zako:rule";

/** Each action mixes three neighbours of the sources. */
export const mix = rule({{
  attrs: {{ srcs: attr.files(), count: attr.number() }},
  implement({{ attrs: {{ srcs, count }}, actions }}) {{
    const files = Array.from({{ length: count }}, (_, i) => {{
      const first = Math.min(i, srcs.length - {0});
      const out = actions.declareFile(String(i).padStart(4, "0"));
      actions.run({{ mnemonic: "Mix", argv: ["{1}", out, ...srcs.slice(first, first + {0})] }});
      return out;
    }});
    return {{ files }};
  }},
}});
)";

std::string folder_of(unsigned layer, unsigned part) {
  return fmt::format("layer{}/part{}", layer, part);
}

unsigned parts_of(const layered_graph& graph) {
  return (graph.width + layered_graph::package_size - 1) / layered_graph::package_size;
}

unsigned size_of_part(const layered_graph& graph, unsigned part) {
  return std::min(layered_graph::package_size, graph.width - part * layered_graph::package_size);
}

/// Where a layer's action begins to read among the outputs below it. A package of the lowest layer
/// has its own sources.
unsigned first_input(const layered_graph& graph, unsigned layer, unsigned i) {
  auto end = graph.width;
  if (layer == 0) {
    auto part = i / layered_graph::package_size;
    end = part * layered_graph::package_size + size_of_part(graph, part);
  }
  return std::min(i, end - fan_in);
}

} // namespace

std::vector<std::string> layered_graph::inputs(std::size_t i) const {
  auto layer = static_cast<unsigned>(i / width);
  auto first = first_input(*this, layer, static_cast<unsigned>(i % width));
  auto& below = layer == 0 ? sources : outputs;
  auto begin = below.begin() + first + (layer == 0 ? 0 : (layer - 1) * width);
  return {begin, begin + fan_in};
}

std::vector<std::string> layered_graph::command(std::size_t i) const {
  std::vector<std::string> out{program, outputs[i]};
  for (auto& path : inputs(i))
    out.push_back(path);
  return out;
}

layered_graph make_layered_graph(unsigned actions, const std::string& program) {
  layered_graph out;
  out.width = std::max(fan_in, actions / layered_graph::layers);
  // The last package of the lowest layer has enough sources for one action, too.
  if (auto rest = out.width % layered_graph::package_size; rest != 0 && rest < fan_in)
    out.width += fan_in - rest;
  out.program = program;
  for (unsigned i = 0; i < out.width; ++i)
    out.sources.push_back(fmt::format("{}/{:04}.txt", folder_of(0, i / layered_graph::package_size),
                                      i % layered_graph::package_size));
  for (unsigned layer = 0; layer < layered_graph::layers; ++layer)
    for (unsigned i = 0; i < out.width; ++i)
      out.outputs.push_back(fmt::format("zako-out/{}/{:04}",
                                        folder_of(layer, i / layered_graph::package_size),
                                        i % layered_graph::package_size));
  write_file(program + ".c", program_source);
  spawn_good({"cc", "-O2", "-static", program + ".c", "-o", program},
             {.environment = fair_environment(), .keep_output = true});
  return out;
}

void write_sources(const layered_graph& graph, const std::string& folder) {
  for (unsigned part = 0; part < parts_of(graph); ++part)
    std::filesystem::create_directories(folder + '/' + folder_of(0, part));
  for (std::size_t i = 0; i < graph.sources.size(); ++i) {
    auto text = fmt::format("source {:0>56}\n", i);
    write_file(folder + '/' + graph.sources[i],
               text + std::string(source_size - text.size() - 1, '.') + '\n');
  }
}

void write_zako_files(const layered_graph& graph, const std::string& folder) {
  write_file(folder + "/zako.toml", "[package]\nname = \"layered\"\nversion = \"1.0.0\"\n");
  write_file(folder + "/mix.rule.ts", fmt::format(rule_text, fan_in, graph.program));
  for (unsigned layer = 0; layer < layered_graph::layers; ++layer)
    for (unsigned part = 0; part < parts_of(graph); ++part) {
      auto package = folder_of(layer, part);
      std::filesystem::create_directories(folder + '/' + package);
      std::string srcs = "glob(\"*.txt\")";
      if (layer > 0) {
        srcs = fmt::format("[\"//{}:mixed\"", folder_of(layer - 1, part));
        if (part + 1 < parts_of(graph))
          srcs += fmt::format(", \"//{}:mixed\"", folder_of(layer - 1, part + 1));
        srcs += "]";
      }
      write_file(folder + '/' + package + "/BUILD.ts",
                 fmt::format("import {{ glob }} from \"zako:build\";\n"
                             "import {{ mix }} from \"../../mix.rule.ts\";\n\n"
                             "export const mixed = mix({{ srcs: {}, count: {} }});\n",
                             srcs, size_of_part(graph, part)));
    }
}

void write_ninja_file(const layered_graph& graph, const std::string& folder) {
  auto text =
      fmt::format("rule mix\n  command = {} $out $in\n  description = MIX $out\n\n", graph.program);
  for (std::size_t i = 0; i < graph.outputs.size(); ++i)
    text += fmt::format("build {}: mix {}\n", graph.outputs[i], fmt::join(graph.inputs(i), " "));
  write_file(folder + "/build.ninja", text);
}

} // namespace zako::bench
