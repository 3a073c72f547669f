// A file that is edited: what was kept of the last text never shows in the answer.
//
// ZAKO_EDIT_SEED replays a run, ZAKO_EDITS says how many edits of each file, ZAKO_EDIT_FILES names
// a file with the names of more sources, one per line.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <catch2/catch.hpp>

#include "test/scripting/transpile_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

unsigned long number_from(const char* variable, unsigned long otherwise) {
  auto text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoul(text, nullptr, 10);
}

std::size_t shift_to_character(const std::string& text, std::size_t at) {
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80)
    ++at;
  return at;
}

class editor {
public:
  explicit editor(unsigned long seed) : random_(seed) {}

  std::string edit(const std::string& text) {
    static const std::vector<std::string> inserts = {
        "x",
        "1",
        " ",
        "\n",
        ";",
        "\nconst added = 1 as number;\n",
        "\nlet y: A = f<B>(c!);\n",
        "/* é */",
        "// c\n",
        "\nenum Added { A = 1, B }\n",
        "\nexport function g(this: T, a?: B): void {}\n",
        "\nclass P { constructor(private p: A) {} }\n",
        "\"",
        "(",
        "}",
        "\nimport { z } from \"z\";\nz();\n",
        "\ntype Added = string;\n",
        "`${",
        "\nimport(\"./dynamic\");\n",
        "😀",
        "\nnamespace N { export const v = 1 }\n",
        "\nexport { added };\n",
        "\nexport default added;\n",
        ": any",
        "=>",
        "\n(",
        "\n["};
    auto out = text;
    auto at = [&](std::size_t size) {
      return std::uniform_int_distribution<std::size_t>{0, size}(random_);
    };
    auto begin = shift_to_character(out, at(out.size()));
    auto what = at(9);
    if (what < 4) // at the end of a line
      begin = std::min(out.find('\n', begin), out.size());
    if (what == 9) { // a piece of itself
      auto from = shift_to_character(text, at(text.size()));
      auto to = shift_to_character(text, std::min(text.size(), from + at(200)));
      return out.insert(begin, text.substr(from, to - from));
    }
    if (what == 8)
      return out.erase(begin,
                       shift_to_character(out, std::min(out.size(), begin + at(30))) - begin);
    return out.insert(begin, inserts[at(inserts.size() - 1)]);
  }

  bool forget() { return std::uniform_int_distribution<int>{0, 2}(random_) != 0; }

private:
  std::mt19937_64 random_;
};

void compare(const result<transpiled>& kept, const result<transpiled>& fresh) {
  REQUIRE(kept.has_value() == fresh.has_value());
  if (!kept) {
    CHECK(to_text(kept.error()) == to_text(fresh.error()));
    return;
  }
  CHECK(kept->javascript == fresh->javascript);
  CHECK(kept->source_map == fresh->source_map);
  CHECK((kept->imports == fresh->imports));
}

void edit_again_and_again(const std::string& file, unsigned long seed, unsigned long edits) {
  auto text = slurp(file);
  editor hand{seed};
  transpiler keeping;
  transpiler fresh;
  transpile_options keep;
  keep.keep = true;
  compare(keeping.transpile(text, file, keep), fresh.transpile(text, file));
  for (unsigned long i = 0; i < edits; ++i) {
    auto next = hand.edit(text);
    INFO(file << ", ZAKO_EDIT_SEED=" << seed << ", edit " << i);
    auto made = fresh.transpile(next, file);
    compare(keeping.transpile(next, file, keep), made);
    if (made || !hand.forget()) // an error stays for a while
      text = next;
    if (!made && hand.forget())
      text = slurp(file);
  }
}

} // namespace

TEST_CASE("an edited file gives what a new one with its text gives") {
  namespace fs = std::filesystem;
  auto seed = number_from("ZAKO_EDIT_SEED", std::random_device{}());
  auto edits = number_from("ZAKO_EDITS", 60);
  std::vector<std::string> files;
  for (auto folder :
       {ZAKO_SOURCE_ROOT "/scripting/builtins", ZAKO_SOURCE_ROOT "/test/scripting/trees"})
    for (auto& entry : fs::recursive_directory_iterator(folder))
      if (auto name = entry.path().string(); name.ends_with(".ts") || name.ends_with(".tsx"))
        files.push_back(name);
  if (auto list = std::getenv("ZAKO_EDIT_FILES"); list != nullptr) {
    std::ifstream names{list};
    for (std::string name; std::getline(names, name);)
      files.push_back(name);
  }
  for (auto& file : files)
    edit_again_and_again(file, seed++, edits);
}

TEST_CASE("a kept file is forgotten with the rest of the memory, and by other options") {
  transpiler t;
  transpile_options keep;
  keep.keep = true;
  auto text =
      std::string{"import { a } from \"a\";\nexport const b = 1;\nexport const c: A = 2;\n"};
  REQUIRE(t.transpile(text, "a.ts", keep));
  CHECK(t.gc() > 0);
  keep.verbatim_module_syntax = true;
  auto made = t.transpile(text, "a.ts", keep);
  REQUIRE(made);
  CHECK(made->javascript.find("import { a }") == 0);
}
