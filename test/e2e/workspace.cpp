// Where zako is, what it says at the end, and the smallest manifest.
#include "workspace.hpp"

#include <cstdlib>
#include <regex>

namespace e2e {

std::string zako_program() {
  auto* path = std::getenv("ZAKO_PROGRAM");
  REQUIRE(path);
  return path;
}

totals totals_of(const finished& x) {
  static const std::regex form(R"(: (\d+) actions? run, (\d+) reused(?:, (\d+) failed)? in )");
  std::smatch found;
  INFO(x.all());
  REQUIRE(std::regex_search(x.out, found, form));
  return {std::stoi(found[1]), std::stoi(found[2]), found[3].matched ? std::stoi(found[3]) : 0};
}

workspace::workspace() {
  environment = {{"ZAKO_CACHE", (folder_.path() / "cache").string()},
                 {"HOME", folder_.path().string()}, // with no .zakorc of somebody's own
                 {"LC_ALL", "C"}};
  write("zako.toml", "[package]\nname = \"test\"\nversion = \"0.1.0\"\n");
}

void workspace::edit(const std::string& path, const std::string& from,
                     const std::string& to) const {
  auto text = read(path);
  auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  write(path, text.replace(at, from.size(), to));
}

words workspace::command(words arguments) const {
  arguments.insert(arguments.begin(), zako_program());
  return arguments;
}

totals workspace::build(words arguments) const {
  arguments.insert(arguments.begin(), "build");
  auto done = zako(std::move(arguments));
  INFO(done.all());
  REQUIRE(done.code == 0);
  CHECK(done.err.empty());
  return totals_of(done);
}

std::string workspace::build_fails(words arguments) const {
  arguments.insert(arguments.begin(), "build");
  auto done = zako(std::move(arguments));
  INFO(done.all());
  REQUIRE(done.code == 1);
  CHECK(done.all().find("internal") == std::string::npos);
  return done.all();
}

hello_workspace::hello_workspace() {
  write("BUILD.ts",
        "import { ccBinary, ccLibrary } from \"zako:rules/cc\";\n"
        "export const greet = ccLibrary({ srcs: [\"greet.c\"], hdrs: [\"greet.h\"] });\n"
        "export const hello = ccBinary({ srcs: [\"main.c\"], deps: [greet] });\n");
  write("greet.h", "#define PLANET \"World\"\nvoid greet(const char* whom);\n");
  write("greet.c",
        "#include <stdio.h>\n"
        "#include \"greet.h\"\n"
        "void greet(const char* whom) { printf(\"Hello, %s from %s\\n\", whom, PLANET); }\n");
  write(
      "main.c",
      "#include \"greet.h\"\n"
      "int main(int argc, char** argv) { greet(argc > 1 ? argv[1] : PLANET); return argc - 1; }\n");
}

const std::string import_generate = "import { generate } from \"zako:rules/gen\";\n";

std::string shell_target(const std::string& name, const std::string& script, const words& outs) {
  std::string list;
  for (auto& out : outs)
    list += (list.empty() ? "\"" : ", \"") + out + '"';
  return "export const " + name + " = generate({ tool: [\"sh\", \"-c\", `" + script +
         "`], outs: [" + list + "] });\n";
}

} // namespace e2e
