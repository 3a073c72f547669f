// Runs when Zako is built: transpiles the built-in modules and writes them as a C++ table.
//
//   zako-embed OUTPUT FOLDER FILE...     "FOLDER/rules/cc.ts" becomes the module
//   "zako:rules/cc"
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "scripting/transpile/transpiler.hpp"

namespace zako {

namespace {

struct module {
  std::string id;
  std::string javascript;
  std::vector<std::string> imports;
};

constexpr std::string_view delimiter = "zako";

result<module> read_module(transpiler& t, const std::string& file, std::string_view folder) {
  // Both may be relative to the folder that this program was started in.
  auto name = std::filesystem::proximate(file, folder).replace_extension().generic_string();
  std::ifstream in(file, std::ios::binary);
  std::string source{std::istreambuf_iterator<char>(in), {}};
  if (!in)
    return fail(errc::io, fmt::format("cannot read '{}'", file));
  auto done = t.transpile(source, file);
  if (!done)
    return tl::unexpected(std::move(done.error()));
  module out{
      .id = fmt::format("zako:{}", name), .javascript = std::move(done->javascript), .imports = {}};
  for (auto& import : done->imports)
    if (!import.dynamic &&
        std::find(out.imports.begin(), out.imports.end(), import.specifier) == out.imports.end())
      out.imports.push_back(std::move(import.specifier));
  if (out.javascript.find(fmt::format("){}\"", delimiter)) != std::string::npos)
    return fail(errc::unsupported, fmt::format("'{}' holds the text that ends a literal", file));
  return out;
}

std::string table(const std::vector<module>& modules) {
  std::string out = "// Made from scripting/builtins/ by embed.cpp.\n"
                    "#include \"scripting/builtins.hpp\"\n\nnamespace zako {\n\nnamespace {\n";
  for (std::size_t i = 0; i < modules.size(); ++i) {
    if (modules[i].imports.empty())
      continue;
    out += fmt::format("\nconstexpr std::string_view imports_{}[] = {{", i);
    for (auto& specifier : modules[i].imports)
      out += fmt::format("\"{}\", ", specifier);
    out += "};\n";
  }
  out += "\nconstexpr builtin_module modules[] = {\n";
  for (std::size_t i = 0; i < modules.size(); ++i) {
    auto& m = modules[i];
    std::string bytes;
    for (auto byte : digest_of(m.javascript).bytes)
      bytes += fmt::format("{},", byte);
    out += fmt::format("{{.id = \"{}\",\n .javascript = R\"{}({}){}\",\n .imports = {},\n"
                       " .content = {{{{{}}}}}}},\n",
                       m.id, delimiter, m.javascript, delimiter,
                       m.imports.empty() ? "{}" : fmt::format("imports_{}", i), bytes);
  }
  return out + "};\n\n} // namespace\n\nstd::span<const builtin_module> builtin_modules() {\n"
               "  return modules;\n}\n\n} // namespace zako\n";
}

int embed(const std::string& output, std::string_view folder,
          const std::vector<std::string>& files) {
  transpiler t;
  std::vector<module> modules;
  int status = 0;
  for (auto& file : files) {
    auto m = read_module(t, file, folder);
    if (m)
      modules.push_back(std::move(*m));
    else {
      fmt::print(stderr, "{}\n", to_text(m.error()));
      status = 1;
    }
  }
  if (status != 0)
    return status;
  std::sort(modules.begin(), modules.end(), [](auto& a, auto& b) { return a.id < b.id; });
  std::ofstream out(output, std::ios::binary);
  out << table(modules);
  out.close();
  if (!out) {
    fmt::print(stderr, "cannot write '{}'\n", output);
    return 1;
  }
  return 0;
}

} // namespace

} // namespace zako

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: zako-embed OUTPUT FOLDER FILE...\n", stderr);
    return 2;
  }
  return zako::embed(argv[1], argv[2], {argv + 3, argv + argc});
}
