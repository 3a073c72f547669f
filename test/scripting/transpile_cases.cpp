// The cases of cases/*.txt: what each line of TypeScript becomes. TypeScript itself checks them too
// (oracle/cases.mjs).
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "scripting/transpile/text.hpp"
#include "test/scripting/transpile_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

std::string with_line_breaks(std::string text) {
  constexpr std::string_view mark = "⏎";
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at))
    text.replace(at, mark.size(), "\n");
  return text;
}

/// Without the white space that separates no words.
std::string tightened(std::string_view text) {
  auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_space(text[i])) {
      out += text[i];
      continue;
    }
    while (i + 1 < text.size() && is_space(text[i + 1]))
      ++i;
    if (!out.empty() && i + 1 < text.size() && transpile::is_word(out.back()) &&
        transpile::is_word(text[i + 1]))
      out += ' ';
  }
  return out;
}

transpile_options read_options(std::istringstream words) {
  transpile_options options;
  for (std::string word; words >> word;) {
    if (word == "tsx")
      options.tsx = true;
    else if (word == "verbatim")
      options.verbatim_module_syntax = true;
    else if (word == "esnext")
      options.target = script_target::esnext;
    else if (word == "preserve")
      options.jsx = jsx_mode::preserve;
    else if (word.compare(0, 7, "source=") == 0)
      options.jsx_import_source = word.substr(7);
    else
      FAIL("no such option: " << word);
  }
  return options;
}

void check_case(transpiler& t, const std::string& line, const transpile_options& options) {
  INFO(line);
  for (std::string_view mark : {" ⇒ ", " ≠ ", " ⇏ "}) {
    auto at = line.find(mark);
    if (at == std::string::npos)
      continue;
    auto source = with_line_breaks(line.substr(0, at));
    auto expected = line.substr(at + mark.size());
    auto r = t.transpile(source, "a.ts", options);
    if (mark == " ⇏ ") {
      REQUIRE(!r);
      CHECK_THAT(to_text(r.error()), Catch::Contains(expected));
    } else if (!r) {
      FAIL_CHECK(to_text(r.error()));
    } else {
      CHECK(tightened(r->javascript) == tightened(with_line_breaks(expected)));
    }
    return;
  }
  FAIL("a line without an arrow");
}

} // namespace

TEST_CASE("every case of the transpiler's lists") {
  transpiler t;
  std::size_t count = 0;
  for (auto& file : std::filesystem::directory_iterator{ZAKO_CASES_DIR}) {
    if (file.path().extension() != ".txt")
      continue;
    std::ifstream in{file.path()};
    transpile_options options;
    std::string purpose;
    for (std::string line; std::getline(in, line);) {
      if (line.empty())
        continue;
      if (line[0] == '#') {
        purpose = line;
      } else if (line[0] == '@') {
        options = read_options(std::istringstream{line.substr(1)});
      } else {
        INFO(file.path().filename() << ": " << purpose);
        check_case(t, line, options);
        ++count;
      }
    }
  }
  CHECK(count > 50);
}
