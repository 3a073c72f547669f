// Sources made to harm: each gets an answer or a clear error, within a second, and the next one is
// not touched.
#include <algorithm>
#include <cstring>
#include <ctime>
#include <sstream>

#include "test/scripting/transpile_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double slower = 20;
#else
constexpr double slower = 1;
#endif
constexpr double most_seconds =
    2.5; // on a busy machine, where one core is shared; idle, less than 1

std::string repeat(std::string_view part, std::size_t count) {
  std::string out;
  out.reserve(part.size() * count);
  for (std::size_t i = 0; i < count; ++i)
    out += part;
  return out;
}

void check_is_clear(const error& e) {
  INFO(to_text(e).substr(0, 2000));
  CHECK((e.code == errc::limit || e.code == errc::syntax || e.code == errc::unsupported));
  REQUIRE(e.position);
  CHECK((e.position->line > 0 && e.position->column > 0));
  CHECK(!e.message.empty());
  CHECK(to_text(e).size() < 100'000); // not the source again
}

/// `head`, a million times `open` (fewer where that is long), `middle`, as often `close`, `tail`.
struct deep_case {
  const char* purpose;
  const char* head;
  const char* open;
  const char* middle;
  const char* close;
  const char* tail;
};

constexpr std::size_t depth = 1'000'000;
constexpr std::size_t most_bytes = 2'000'000;

std::string source_of(const deep_case& c, std::size_t count = depth) {
  count = std::min(count, most_bytes / (std::strlen(c.open) + std::strlen(c.close)));
  return c.head + repeat(c.open, count) + c.middle + repeat(c.close, count) + c.tail;
}

/// Transpiles within the time, and gives back whatever came.
result<transpiled> in_time(transpiler& t, std::string_view source, const std::string& file) {
  auto begin = cpu_seconds();
  auto r = t.transpile(source, file);
  CHECK(cpu_seconds() - begin < most_seconds * slower);
  return r;
}

// JavaScript that stays as it is.
const std::vector<deep_case> deep_javascript{
    {"parentheses", "a = ", "(", "1", ")", ";"},
    {"brackets", "a = ", "[", "", "]", ";"},
    {"blocks", "", "{", "", "}", ""},
    {"objects", "a = ", "{b:", "1", "}", ";"},
    {"signs", "a = ", "- ", "1", "", ";"},
    {"exclamation marks", "a = ", "!", "1", "", ";"},
    {"operators that are words", "a = ", "typeof ", "1", "", ";"},
    {"await", "", "await ", "1", "", ";"},
    {"conditions", "a = ", "b ? c : ", "1", "", ";"},
    {"conditions in conditions", "a = ", "b ? ", "1", " : c", ";"},
    {"conditions that look like arrows", "a = ", "b ? (c) : d => ", "1", "", ";"},
    {"sums", "a = ", "1 + ", "1", "", ";"},
    {"powers", "a = ", "1 ** ", "1", "", ";"},
    {"logic", "a = ", "b && c || ", "1", "", ";"},
    {"commas", "", "a, ", "1", "", ";"},
    {"assignments", "", "a = ", "1", "", ";"},
    {"comparisons", "a = ", "b < ", "1", "", ";"},
    {"members", "a", ".x", "", "", ";"},
    {"members that may be missing", "a", "?.x", "", "", ";"},
    {"members by number", "a", "[0]", "", "", ";"},
    {"calls", "a", "()", "", "", ";"},
    {"calls in calls", "a = ", "f(", "", ")", ";"},
    {"tags", "a", "``", "", "", ";"},
    {"templates", "a = ", "`${", "1", "}`", ";"},
    {"arrows", "a = ", "x => ", "1", "", ";"},
    {"arrows with parentheses", "a = ", "(x) => ", "1", "", ";"},
    {"arrows with blocks", "a = ", "x => {", "", "}", ";"},
    {"default values", "a = ", "(x = ", "1", ") => 1", ";"},
    {"functions", "", "function f() {", "", "}", ""},
    {"classes", "a = ", "class { b = ", "1", " }", ";"},
    {"classes that extend", "a = ", "class extends ", "b", " {}", ";"},
    {"patterns", "let ", "[", "a", "]", " = b;"},
    {"if", "", "if (a) ", ";", "", ""},
    {"else", "", "if (a); else ", ";", "", ""},
    {"loops", "", "for (;;) ", ";", "", ""},
    {"labels", "", "a: ", ";", "", ""},
    {"try", "", "try {", "", "} finally {}", ""},
    {"switch", "", "switch (a) { default: ", "", "}", ""},
    {"statements", "", "a;", "", "", ""},
    {"semicolons", "", ";", "", "", ""},
    {"line breaks", "", "\n", "", "", ""},
    {"comments", "", "/**/", "", "", ""},
    {"a list", "a = [", "1, ", "", "", "];"},
    {"a list of parentheses", "a = [", "(1), ", "", "", "];"},
    {"declarations", "let a", ", a", "", "", ";"},
    {"a long string", "a = '", "b", "", "", "';"},
    {"a long name", "a", "b", "", "", ";"},
    {"a long number", "a = 1", "0", "", "", ";"},
    {"a long comment", "//", "*/ ", "", "", ""},
    {"a long regular expression", "a = /", "(b)", "", "", "/;"},
    {"a long character class", "a = /[", "(/", "", "", "]/;"},
};

// TypeScript that leaves nothing.
const std::vector<deep_case> deep_types{
    {"type parentheses", "type A = ", "(", "B", ")", ";"},
    {"tuples", "type A = ", "[", "B", "]", ";"},
    {"object types", "type A = ", "{ b: ", "B", " }", ";"},
    {"type arguments", "type A = ", "B<", "C", ">", ";"},
    {"type arguments whose ends look like shifts", "type A = ", "B<C, ", "C", ">", ";"},
    {"arrays", "type A = B", "[]", "", "", ";"},
    {"indexed types", "type A = B", "['c']", "", "", ";"},
    {"unions", "type A = B", " | C", "", "", ";"},
    {"intersections", "type A = B", " & C", "", "", ";"},
    {"keyof", "type A = ", "keyof ", "B", "", ";"},
    {"conditional types", "type A = ", "B extends C ? D : ", "E", "", ";"},
    {"conditional types within", "type A = ", "B extends C ? ", "D", " : E", ";"},
    {"function types", "type A = ", "(b: C) => ", "D", "", ";"},
    {"function types as parameters", "type A = ", "(b: ", "C", ") => D", ";"},
    {"generic function types", "type A = ", "<B>(b: B) => ", "D", "", ";"},
    {"template types", "type A = ", "`${", "B", "}`", ";"},
    {"mapped types", "type A = ", "{ [b in C]: ", "D", " }", ";"},
    {"qualified names", "type A = B", ".C", "", "", ";"},
    {"infer", "type A = B extends ", "C<infer D extends ", "E", ">", " ? F : G;"},
    {"interfaces", "", "interface A {}", "", "", ""},
    {"members of an interface", "interface A { ", "b: C; ", "", "", "}"},
    {"namespaces of types", "", "namespace A { ", "", "}", ""},
    {"ambient", "declare namespace A { ", "namespace B { ", "", "}", "}"},
    {"namespaces of types by dots", "namespace A", ".B", "", "", " {}"},
    {"overloads", "", "function f(): A;", "", "", "declare function f();"},
};

// Both.
const std::vector<deep_case> deep_typescript{
    {"namespaces with values", "", "namespace A { ", "f();", "}", ""},
    {"namespaces with values by dots", "namespace A", ".B", "", "", " { f(); }"},
    {"casts", "a = b", " as C", "", "", ";"},
    {"casts within", "a = ", "(", "b", " as C)", ";"},
    {"satisfies", "a = b", " satisfies C", "", "", ";"},
    {"old casts", "a = ", "<A>", "b", "", ";"},
    {"assertions", "a = b", "!", "", "", ";"},
    {"calls with types", "a = ", "f<A>(", "", ")", ";"},
    {"instantiations", "", "a<b>\n", "", "", ""},
    {"typed arrows", "a = ", "(x: A): B => ", "1", "", ";"},
    {"generic arrows", "a = ", "<T,>(x: T) => ", "1", "", ";"},
    {"typed conditions that look like arrows", "a = ", "b ? (c) : (d): e => ", "1", "", ";"},
    {"parameters in parentheses", "a = ", "(b: C = ", "1", ") => 1", ";"},
    {"comparisons that look like type arguments", "a = ", "f(b < c, d > ", "1", ")", ";"},
    {"comparisons after one another", "a = ", "b<c,", "d", "", ";"},
    {"enums", "", "enum E { A }", "", "", ""},
    {"members of an enum", "enum E { ", "A, ", "", "", "}"},
    {"an enum's value", "enum E { A = ", "(", "1", ")", " }"},
    {"an enum's sum", "enum E { A = 1", " + 1", "", "", " }"},
    {"decorators", "", "@a ", "class A {}", "", ""},
    {"modifiers", "class A { ", "readonly ", "b;", "", " }"},
    {"parameter properties", "class A { constructor(", "public a, ", "", "", ") {} }"},
    {"imports", "", "import { A } from 'a';", "", "", ""},
    {"imported names", "import { ", "A, ", "", "", "} from 'a';"},
    {"exported names", "let A: B; export { ", "A, ", "", "", "};"},
};

const std::vector<deep_case> deep_jsx{
    {"elements", "a = ", "<b>", "", "</b>", ";"},
    {"elements without names", "a = ", "<>", "", "</>", ";"},
    {"elements in expressions", "a = ", "<b>{", "", "}</b>", ";"},
    {"elements in attributes", "a = ", "<b c={", "1", "}/>", ";"},
    {"attributes", "a = <b", " c='d'", "", "", "/>;"},
    {"names of elements", "a = <b", ".c", "", "", "/>;"},
    {"children", "a = <b>", "{c}", "", "", "</b>;"},
    {"text", "a = <b>", "c &lt; ", "", "", "</b>;"},
};

// No program at all.
const std::vector<deep_case> deep_nonsense{
    {"open parentheses", "", "(", "", "", ""},
    {"open brackets", "", "[", "", "", ""},
    {"open blocks", "", "{", "", "", ""},
    {"closed parentheses", "", ")", "", "", ""},
    {"closed blocks", "", "}", "", "", ""},
    {"every bracket", "", "([{<", "", "", ""},
    {"angles", "", "<", "", "", ""},
    {"open templates", "", "`${", "", "", ""},
    {"open elements", "a = ", "<b>", "", "", ""},
    {"open type arguments", "let a: ", "A<", "", "", ""},
    {"open arrows", "a = ", "(b: c, ", "", "", ""},
    {"open functions", "", "function f(", "", "", ""},
    {"open classes", "", "class A { b(", "", "", ""},
    {"open comment", "", "/*", "", "", ""},
    {"quotes", "a = ", "'a' ", "", "", ""},
    {"slashes", "a = ", "/ ", "", "", ""},
    {"question marks", "a ", "? ", "", "", ""},
    {"colons", "a ", ": ", "", "", ""},
    {"keywords", "", "export ", "", "", ""},
    {"more keywords", "", "declare abstract async ", "", "", "="},
    {"numbers", "a = ", "1 ", "", "", ""},
    {"hashes", "", "#", "", "", ""},
    {"backslashes", "", "\\", "", "", ""},
    {"errors on many lines", "", "let a = ;\n", "", "", ""},
};

void check_deep(const std::vector<deep_case>& cases, const std::string& file) {
  transpiler t;
  for (auto& c : cases) {
    INFO(c.purpose);
    auto r = in_time(t, source_of(c), file);
    if (!r)
      check_is_clear(r.error());
    INFO("shallow");
    auto few = t.transpile(source_of(c, 3), file);
    if (!few && few.error().code != errc::unsupported)
      FAIL_CHECK(to_text(few.error()));
  }
}

} // namespace

TEST_CASE("JavaScript of any depth stays as it is, or is refused", "[hostile]") {
  transpiler t;
  for (auto& c : deep_javascript) {
    INFO(c.purpose);
    for (auto count : {std::size_t{3}, std::size_t{100}}) {
      auto source = source_of(c, count);
      auto r = t.transpile(source, "a.ts");
      if (!r)
        FAIL_CHECK(to_text(r.error()).substr(0, 2000));
      else
        CHECK(r->javascript == source);
    }
    auto source = source_of(c);
    auto r = in_time(t, source, "a.ts");
    if (!r)
      check_is_clear(r.error());
    else
      CHECK((r->javascript == source));
  }
}

TEST_CASE("types of any depth are erased, or refused", "[hostile]") {
  transpiler t;
  for (auto& c : deep_types) {
    INFO(c.purpose);
    auto few = t.transpile(source_of(c, 3), "a.ts");
    if (!few)
      FAIL_CHECK(to_text(few.error()));
    else
      CHECK(few->javascript.find_first_not_of("; \n") == std::string::npos);
    auto r = in_time(t, source_of(c), "a.ts");
    if (!r)
      check_is_clear(r.error());
    else
      CHECK((r->javascript.find_first_not_of("; \n") == std::string::npos));
  }
}

TEST_CASE("TypeScript of any depth is transpiled, or refused", "[hostile]") {
  check_deep(deep_typescript, "a.ts");
}

TEST_CASE("JSX of any depth is transpiled, or refused", "[hostile]") {
  check_deep(deep_jsx, "a.tsx");
}

TEST_CASE("a million pieces of nonsense are errors", "[hostile]") {
  transpiler t;
  for (auto& c : deep_nonsense) {
    INFO(c.purpose);
    for (auto count : {std::size_t{30}, depth}) {
      auto r = in_time(t, source_of(c, count), "a.ts");
      REQUIRE(!r);
      check_is_clear(r.error());
    }
  }
}
