// Runs when Zako is built: writes the built-in modules and their declarations as C++ tables.
//
//   zako-embed OUTPUT FOLDER FILE...
//
//   FOLDER/rules/cc.ts           is transpiled: the module "zako:rules/cc"
//   FOLDER/types/rules/cc.d.ts   is the declaration "rules/cc.d.ts"
//   anywhere/semver.js           is ready, and imports nothing: the module "zako:semver"
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

struct declaration {
  std::string name;
  std::string text;
};

struct tables {
  std::vector<module> modules;
  std::vector<declaration> declarations;
};

constexpr std::string_view delimiter = "zako";

result<std::string> read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in)
    return fail(errc::io, fmt::format("cannot read '{}'", file));
  if (text.find(fmt::format("){}\"", delimiter)) != std::string::npos)
    return fail(errc::unsupported, fmt::format("'{}' holds the text that ends a literal", file));
  return text;
}

result<module> transpiled(transpiler& t, const std::string& file, std::string_view source) {
  auto done = t.transpile(source, file);
  if (!done)
    return tl::unexpected(std::move(done.error()));
  module out{.id = {}, .javascript = std::move(done->javascript), .imports = {}};
  for (auto& import : done->imports)
    if (!import.dynamic &&
        std::find(out.imports.begin(), out.imports.end(), import.specifier) == out.imports.end())
      out.imports.push_back(std::move(import.specifier));
  return out;
}

result<void> add(tables& to, transpiler& t, const std::string& file, std::string_view folder) {
  auto text = read(file);
  if (!text)
    return tl::unexpected(std::move(text.error()));
  // Both may be relative to the folder that this program was started in.
  auto path = std::filesystem::proximate(file, folder);
  auto name = path.generic_string();
  constexpr std::string_view types = "types/";
  if (name.starts_with(types)) {
    to.declarations.push_back({name.substr(types.size()), std::move(*text)});
    return {};
  }
  if (path.extension() == ".js") {
    to.modules.push_back(
        {.id = "zako:" + path.stem().string(), .javascript = std::move(*text), .imports = {}});
    return {};
  }
  auto made = transpiled(t, file, *text);
  if (!made)
    return tl::unexpected(std::move(made.error()));
  made->id = "zako:" + path.replace_extension().generic_string();
  to.modules.push_back(std::move(*made));
  return {};
}

std::string literal(std::string_view text) {
  return fmt::format("R\"{0}({1}){0}\"", delimiter, text);
}

std::string content_of(std::string_view text) {
  std::string bytes;
  for (auto byte : digest_of(text).bytes)
    bytes += fmt::format("{},", byte);
  return fmt::format("{{{{{}}}}}", bytes);
}

std::string module_table(const std::vector<module>& modules) {
  std::string out;
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
    out += fmt::format("{{.id = \"{}\",\n .javascript = {},\n .imports = {},\n"
                       " .content = {}}},\n",
                       m.id, literal(m.javascript),
                       m.imports.empty() ? "{}" : fmt::format("imports_{}", i),
                       content_of(m.javascript));
  }
  return out + "};\n";
}

std::string declaration_table(const std::vector<declaration>& declarations) {
  std::string out = "\nconstexpr builtin_declaration declarations[] = {\n";
  for (auto& d : declarations)
    out += fmt::format("{{.name = \"{}\",\n .text = {},\n .content = {}}},\n", d.name,
                       literal(d.text), content_of(d.text));
  return out + "};\n";
}

std::string unit(const tables& all) {
  return "// Made from scripting/builtins/ by embed.cpp.\n"
         "#include \"scripting/builtins.hpp\"\n\nnamespace zako {\n\nnamespace {\n" +
         module_table(all.modules) + declaration_table(all.declarations) +
         "\n} // namespace\n\nstd::span<const builtin_module> builtin_modules() {\n"
         "  return modules;\n}\n\nstd::span<const builtin_declaration> builtin_declarations() {\n"
         "  return declarations;\n}\n\n} // namespace zako\n";
}

int embed(const std::string& output, std::string_view folder,
          const std::vector<std::string>& files) {
  transpiler t;
  tables all;
  int status = 0;
  for (auto& file : files)
    if (auto added = add(all, t, file, folder); !added) {
      fmt::print(stderr, "{}\n", to_text(added.error()));
      status = 1;
    }
  if (status != 0)
    return status;
  std::ranges::sort(all.modules, {}, &module::id);
  std::ranges::sort(all.declarations, {}, &declaration::name);
  std::ofstream out(output, std::ios::binary);
  out << unit(all);
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
