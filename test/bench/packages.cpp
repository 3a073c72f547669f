// Writes the packages.
#include "test/bench/packages.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "scripting/builtins.hpp"
#include "scripting/transpile/transpiler.hpp"
#include "test/bench/benchmark.hpp"
#include "test/bench/process.hpp"

namespace zako::bench {

namespace {

constexpr std::string_view library_text = R"(// Settings number @.
export interface Settings@ {
  readonly name: string;
  readonly flags: readonly string[];
  readonly level?: number;
}

const defaults: Settings@ = { name: "library@", flags: ["-O2", "-Wall"], level: @ };

export function merge@(own: Partial<Settings@>): Settings@ {
  return { ...defaults, ...own, flags: [...defaults.flags, ...(own.flags ?? [])] };
}

export class Names@ {
  readonly #prefix: string;
  constructor(prefix: string) {
    this.#prefix = prefix;
  }
  of(name: string, level: number = defaults.level!): string {
    return `${this.#prefix}-${name}-${level}`;
  }
  all(names: readonly string[]): string[] {
    return names.map((name, i) => this.of(name, i));
  }
}

export const enum Kind@ {
  Small = 1,
  Large = Small << 4,
}

export function weigh@(files: readonly string[], kind: Kind@ = Kind@.Small): number {
  let sum = 0;
  for (const file of files) sum += file.length * kind;
  return sum;
}
)";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string library(unsigned i) {
  return replaced(std::string(library_text), "@", std::to_string(i));
}

std::string library_path(unsigned i) {
  return fmt::format("libraries/library{}.ts", i);
}

std::string package_folder(unsigned i) {
  return fmt::format("packages/p{:04}", i);
}

unsigned imported(unsigned package, unsigned nth) {
  return (package * 7 + nth * 11) % package_tree::libraries;
}

std::string javascript_of(transpiler& t, const std::string& path) {
  auto made = t.transpile(read_file(path), path);
  if (!made)
    throw failure(to_text(made.error()));
  return made->javascript;
}

/// Stands in for what the isolate gives the built-in modules.
constexpr std::string_view syscall_text =
    R"(export const job = { module: "", context: "build", function: "", argument: { package: "" } };
export const call = () => null, print = console.log, modules = () => [], here = () => -1, position = () => null;
export function fail(why) { throw new Error(why.message); }
)";

void write_node_builtins(const std::string& folder) {
  auto below = [&](std::string_view id) {
    return fmt::format("{}/zako/{}.mjs", folder, id.substr(std::string_view("zako:").size()));
  };
  write_file(folder + "/package.json", "{ \"type\": \"module\" }\n");
  for (auto& module : builtin_modules()) {
    std::string text(module.javascript);
    for (auto specifier : module.imports)
      text =
          replaced(text, fmt::format("\"{}\"", specifier), fmt::format("\"{}\"", below(specifier)));
    std::filesystem::create_directories(std::filesystem::path(below(module.id)).parent_path());
    write_file(below(module.id), text);
  }
  write_file(below("zako:syscall"), std::string(syscall_text));
}

} // namespace

std::string package_tree::build_file(unsigned i) const {
  return fmt::format("{}/{}/BUILD.ts", folder, package_folder(i));
}

std::string package_text(unsigned i, unsigned edition) {
  std::string out = "import { fileGroup } from \"zako:rules/files\";\n";
  for (unsigned n = 0; n < package_tree::imports; ++n)
    out += fmt::format("import {{ merge{0}, Names{0}, weigh{0} }} from \"../../{1}\";\n",
                       imported(i, n), library_path(imported(i, n)));
  out += "\nconst files: string[] = [];\n";
  for (unsigned n = 0; n < package_tree::imports; ++n)
    out += fmt::format("const settings{0} = merge{0}({{ name: \"p{1}\", flags: [\"-g{2}\"] }});\n"
                       "files.push(...new Names{0}(settings{0}.name).all(settings{0}.flags));\n"
                       "files.push(`weight-${{weigh{0}(files)}}`);\n",
                       imported(i, n), i, edition);
  return out + fmt::format("\nfileGroup({{ name: `edition-{}-${{files.length}}`, "
                           "srcs: [\"source.txt\"] }});\n",
                           edition);
}

void write_zako_packages(const package_tree& tree) {
  write_file(tree.folder + "/zako.toml", "[package]\nname = \"packages\"\nversion = \"1.0.0\"\n");
  std::filesystem::create_directories(tree.folder + "/libraries");
  for (unsigned i = 0; i < package_tree::libraries; ++i)
    write_file(tree.folder + '/' + library_path(i), library(i));
  for (unsigned i = 0; i < tree.count; ++i) {
    auto package = tree.folder + '/' + package_folder(i);
    std::filesystem::create_directories(package);
    write_file(package + "/source.txt", fmt::format("source {}\n", i));
    write_file(tree.build_file(i), package_text(i, 0));
  }
}

std::string write_node_packages(const package_tree& zako, const std::string& folder) {
  write_node_builtins(folder);
  transpiler t;
  auto path = [&](const std::string& file) {
    return folder + '/' + file.substr(0, file.size() - 2) + "js";
  };
  std::filesystem::create_directories(folder + "/libraries");
  for (unsigned i = 0; i < package_tree::libraries; ++i)
    write_file(path(library_path(i)), javascript_of(t, zako.folder + '/' + library_path(i)));
  std::string main =
      fmt::format("import {{ declared }} from \"{}/zako/core/target.mjs\";\n", folder);
  for (unsigned i = 0; i < zako.count; ++i) {
    auto file = path(package_folder(i) + "/BUILD.ts");
    auto text = replaced(javascript_of(t, zako.build_file(i)), "\"zako:rules/files\"",
                         fmt::format("\"{}/zako/rules/files.mjs\"", folder));
    for (unsigned n = 0; n < package_tree::imports; ++n)
      text = replaced(text, fmt::format("\"../../{}\"", library_path(imported(i, n))),
                      fmt::format("\"{}\"", path(library_path(imported(i, n)))));
    std::filesystem::create_directories(folder + '/' + package_folder(i));
    write_file(file, text);
    main += fmt::format("import \"{}\";\n", file);
  }
  main += fmt::format("process.exit(declared.length === {} ? 0 : 1);\n", zako.count);
  write_file(folder + "/main.mjs", main);
  return folder + "/main.mjs";
}

void write_turbo_packages(const package_tree& tree) {
  write_file(tree.folder + "/package.json",
             "{ \"name\": \"packages\", \"private\": true, \"packageManager\": \"npm@10.0.0\",\n"
             "  \"workspaces\": [\"packages/*\"] }\n");
  write_file(tree.folder + "/turbo.json",
             "{ \"tasks\": { \"build\": { \"dependsOn\": [\"^build\"], \"outputs\": [\"out/**\"] } "
             "} }\n");
  for (unsigned i = 0; i < tree.count; ++i) {
    auto package = tree.folder + '/' + package_folder(i);
    std::string needs;
    for (unsigned n = 0; n < package_tree::imports && i >= package_tree::libraries; ++n)
      needs += fmt::format("{}\"@bench/p{:04}\": \"*\"", needs.empty() ? "" : ", ",
                           imported(i, n)); // the first 30 packages stand for the libraries
    std::filesystem::create_directories(package);
    write_file(package + "/source.txt", fmt::format("source {}\n", i));
    write_file(package + "/package.json",
               fmt::format("{{ \"name\": \"@bench/p{:04}\", \"version\": \"1.0.0\",\n"
                           "  \"scripts\": {{ \"build\": \"true\" }},\n"
                           "  \"dependencies\": {{ {} }} }}\n",
                           i, needs));
  }
}

} // namespace zako::bench
