// The parser makes the trees that tree-sitter's own runtime makes of the same tables.
//
// ZAKO_PARSE_FILES names a file with the names of more sources, one per line, to compare.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "scripting/transpile/parser.hpp"
#include "test/scripting/runtime_tree.hpp"
#include "test/scripting/transpile_fixture.hpp"
#include <catch2/catch.hpp>

using namespace zako::transpile;
using namespace zako::test;

namespace {

struct item {
  parse_id from;
  TSSymbol symbol;
  std::size_t depth;
};

void flatten(const parse_forest& forest, const grammar& g, parse_id statement,
             std::vector<seen>& all) {
  std::vector<item> open{{statement, forest[statement].symbol, 1}};
  while (!open.empty()) {
    auto at = open.back();
    open.pop_back();
    auto& n = forest[at.from];
    auto depth = at.depth;
    if (g.is_visible(at.symbol)) {
      all.push_back({g.language().public_symbol_map[at.symbol], n.begin, n.end, at.depth});
      ++depth;
    }
    for (unsigned i = n.child_count; i > 0; --i) {
      auto child = forest.children[n.children + i - 1];
      auto alias = g.alias_of(n.production, i - 1);
      open.push_back({child, alias != 0 ? alias : forest[child].symbol, depth});
    }
  }
}

/// Where the runtime finds errors nothing is compared: false.
bool compare(const std::string& file) {
  INFO(file);
  auto text = slurp(file);
  bool tsx = file.ends_with(".tsx");
  auto& dialect = tsx ? grammar::tsx() : grammar::typescript();
  auto theirs = runtime_tree(text, tsx);
  std::vector<seen> ours;
  parser p;
  parser::options how;
  how.dialect = &dialect;
  how.take = [&](const std::vector<parse_id>& statements, const parser::checkpoint&) {
    for (auto s : statements)
      flatten(p.forest(), dialect, s, ours);
    return true;
  };
  auto end = p.parse(text, how, {});
  INFO(static_cast<int>(end) << " " << p.unexpected().begin);
  bool fits = end == parse_end::complete;
  if (theirs.empty()) {
    CHECK((!fits || ours.empty()));
  } else {
    CHECK(fits);
    // Behind a statement whose semicolon is not written, the runtime counts comments in.
    auto same = [&](const seen& x, const seen& y) {
      return x.symbol == y.symbol && x.begin == y.begin && x.depth == y.depth &&
             (x.end == y.end || (x.end < y.end && skip_trivia(text, x.end) >= y.end));
    };
    auto [a, b] = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end(), same);
    if (a != ours.end() || b != theirs.end()) {
      auto at = a != ours.end() ? a->begin : b->begin;
      FAIL_CHECK("other trees at " << at << ": " << text.substr(at, 80));
    }
  }
  return !theirs.empty();
}

} // namespace

TEST_CASE("the parser makes the trees of tree-sitter's runtime") {
  namespace fs = std::filesystem;
  for (auto folder :
       {ZAKO_SOURCE_ROOT "/scripting/builtins", ZAKO_SOURCE_ROOT "/test/scripting/trees"})
    for (auto& entry : fs::recursive_directory_iterator(folder))
      if (auto name = entry.path().string(); name.ends_with(".ts") || name.ends_with(".tsx"))
        CHECK(compare(name));
  if (auto list = std::getenv("ZAKO_PARSE_FILES"); list != nullptr) {
    std::ifstream names{list};
    for (std::string name; std::getline(names, name);)
      compare(name);
  }
}
