// What a source may be as a text: its encoding, its line breaks, its size.
#include <ctime>

#include "test/scripting/transpile_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

using namespace std::string_literals;

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

} // namespace

TEST_CASE("what is not UTF-8 is refused where it begins") {
  transpiler t;
  struct text_case {
    const char* purpose;
    std::string bytes;
  };
  for (auto& c : std::vector<text_case>{
           {"a stray byte", "\xff"},
           {"a continuation alone", "\x80"},
           {"two bytes for an ASCII character", "\xc0\xaf"},
           {"three bytes where two are enough", "\xe0\x80\xaf"},
           {"four bytes where three are enough", "\xf0\x80\x80\xaf"},
           {"half of a pair of surrogates", "\xed\xa0\x80"},
           {"beyond the last character", "\xf4\x90\x80\x80"},
           {"five bytes", "\xf8\x88\x80\x80\x80"},
           {"cut off after one byte", "\xc3"},
           {"cut off after two bytes", "\xe2\x82"},
           {"cut off after three bytes", "\xf0\x9f\x98"},
           {"UTF-16", "\xfe\xff\0a"s},
           {"a NUL", "\0"s},
       })
    for (auto& place : {"let a = '"s, "// "s, "`"s, "/"s, ""s}) {
      INFO(c.purpose << " behind " << place);
      auto r = t.transpile("let é;\n" + place + c.bytes + "';", "a.ts");
      REQUIRE(!r);
      CHECK(r.error().code == errc::syntax);
      CHECK(r.error().position ==
            source_position{"a.ts", 2, static_cast<std::uint32_t>(place.size()) + 1});
      CHECK_FALSE(r.error().remedy.empty());
    }
}

TEST_CASE("a byte order mark at the beginning is no part of the text") {
  transpiler t;
  CHECK(t.transpile("\ufefflet a: B;", "a.ts")->javascript == "let a   ;");
  CHECK(t.transpile("\ufeff", "a.ts")->javascript.empty());
  CHECK(t.transpile("\ufefflet a = ;", "a.ts").error().position == source_position{"a.ts", 1, 9});
}

TEST_CASE("strings end on their line, and names are words") {
  transpiler t;
  for (std::string source : {"a = 'x\n';", "a = '\n';", "a = \"x\ny\";", "a§ = 1;", "let 😀 = 1;"}) {
    INFO(source);
    auto r = t.transpile(source, "a.ts");
    REQUIRE(!r);
    CHECK(r.error().code == errc::syntax);
  }
  CHECK(t.transpile("a = 'x\\\ny';", "a.ts"));
  CHECK(t.transpile("x = <a b='c\nd'>e\nf</a>;", "a.tsx"));
  CHECK(t.transpile("let é中ª = 1, ℮ = 2;", "a.ts"));
}

TEST_CASE("every character and line break that TypeScript takes is taken") {
  check_cases({
      {"an empty file", "", ""},
      {"only blanks", " \t\n ", " \t\n "},
      {"only a line break", "\r\n", "\r\n"},
      {"old line breaks", "let a: A\rlet b", "let a \rlet b"},
      {"line and paragraph separators", "let a: A\u2028let b: B\u2029b",
       "let a \u2028let b \u2029b"},
      {"separators end a comment", "// a\u2028let b: C;", "// a\u2028let b ;"},
      {"a byte order mark between words",
       "let\xef\xbb\xbf"
       "a: B;",
       "let\xef\xbb\xbf"
       "a ;"},
      {"Windows' line breaks", "let a: A\r\nlet b:\r\nB\r\n", "let a \r\nlet b \r\n \r\n"},
      {"separators in a type are kept", "let a:\u2028A = 1", "let a \u2028 = 1"},
      {"separators in a string", "let a: A = '\u2028';", "let a = '\u2028';"},
      {"blanks of all kinds", "let\u00a0a\u3000:\u2003A\v;\f", "let\u00a0a\u3000 \v;\f"},
      {"letters of all kinds", "let größe: A, 変数: B, 𠮷: C;", "let größe , 変数 , 𠮷 ;"},
      {"escaped letters", "let \\u0061b: A, \\u{63}: B;", "let \\u0061b , \\u{63} ;"},
      {"joiners in names", "let a\u200c\u200d: A;", "let a\u200c\u200d ;"},
      {"pictures in strings", "let a: '😀' = '😀';", "let a = '😀';"},
      {"a first line for the shell", "#!/usr/bin/env node\nlet a: A;",
       "#!/usr/bin/env node\nlet a ;"},
  });
}

TEST_CASE("columns of errors count UTF-16 units") {
  transpiler t;
  auto place = [&](const char* source) {
    auto r = t.transpile(source, "a.ts");
    REQUIRE(!r);
    return r.error().position.value_or(source_position{});
  };
  CHECK(place("'ä'; export = 1;") == source_position{"a.ts", 1, 6});
  CHECK(place("'😀'; export = 1;") == source_position{"a.ts", 1, 7});
  CHECK(place("'e\u0301'; export = 1;") == source_position{"a.ts", 1, 7});
  CHECK(place("'\u2028'; export = 1;") == source_position{"a.ts", 2, 4});
  CHECK(place("\r\n\rexport = 1;") == source_position{"a.ts", 3, 1});
}

TEST_CASE("a file of 50 MB is transpiled or refused, and one that is too large is refused",
          "[slow]") {
  transpiler t;
  std::string statement = "export function f(a: number, b?: string): void { return g(a, b!); }\n";
  std::string source;
  while (source.size() < 50'000'000)
    source += statement;
  auto begin = cpu_seconds();
  auto r = t.transpile(source, "a.ts");
  CHECK(cpu_seconds() - begin < 30);
  if (r) {
    CHECK(r->javascript.size() == source.size());
    CHECK((r->javascript.find("number") == std::string::npos));
  } else {
    CHECK(r.error().code == errc::limit);
    CHECK(r.error().position.has_value());
  }
  t.gc();
  source.append(20'000'000, '\n');
  begin = cpu_seconds();
  r = t.transpile(source, "a.ts");
  CHECK(cpu_seconds() - begin < 1);
  REQUIRE(!r);
  CHECK(r.error().code == errc::limit);
  CHECK(t.transpile("let x: A;", "a.ts")->javascript == "let x   ;");
}
