// What the repl makes of what was typed: modules, places, names, completion.
#include <catch2/catch.hpp>

#include "apps/zako/completion.hpp"
#include "apps/zako/repl_session.hpp"

namespace {

using namespace zako;
using words = std::vector<std::string>;

typed_input expression(std::string text) {
  return {input_form::expression, std::move(text), std::nullopt};
}

typed_input statements(std::string text) {
  return {input_form::statements, std::move(text), std::nullopt};
}

/// The line of `text` that begins with `part`, from 1 on.
std::uint32_t line_of(const std::string& text, const std::string& part) {
  auto at = text.find("\n" + part);
  REQUIRE(at != std::string::npos);
  return static_cast<std::uint32_t>(
             std::count(text.begin(), text.begin() + static_cast<long>(at) + 1, '\n')) +
         1;
}

words names_in(std::string_view text) {
  words out;
  for (auto& x : declared_names(text))
    out.push_back(x.name + (x.imported ? "!" : ""));
  return out;
}

/// `|` is the cursor.
std::string place_in(std::string line) {
  auto cursor = line.find('|');
  line.erase(cursor, 1);
  auto x = completion_at(line, cursor);
  static constexpr const char* kinds[] = {"nothing", "modules", "exports", "names", "members"};
  return std::string(kinds[static_cast<std::size_t>(x.what)]) + " " + x.owner + " " + x.begun;
}

TEST_CASE("a session's inputs stand before the new one, each on lines of its own") {
  repl_session session;
  session.accept(statements("const a = 1 // one"), 0);
  session.accept(expression("f(\n  a)"), 2);
  auto made = session.then(expression("a + 1"));
  REQUIRE(made.texts.size() == 3);
  CHECK(made.texts[0].first_line == line_of(made.source, "const a = 1 // one\n;\n"));
  CHECK(made.texts[1].first_line == line_of(made.source, "f(\n  a)\n);\n"));
  CHECK(made.texts[2].first_line == line_of(made.source, "a + 1\n));\n"));
  CHECK(session.printed() == 2);
  session.clear();
  CHECK(session.then(expression("1")).texts.size() == 1);
  CHECK(session.printed() == 0);
}

TEST_CASE("what an input imports is used, so that it is loaded at once") {
  repl_session session;
  auto made = session.then(statements("import { a, type T, b as c } from \"zako:core\";"));
  CHECK_THAT(made.source,
             Catch::Contains("void [a, T, c, ];") || Catch::Contains("void [a, c, ];"));
  CHECK_THAT(session.then(statements("const x = 1")).source, Catch::Contains("void [];"));
}

TEST_CASE("errors of the module are errors of what was typed") {
  std::vector<typed_text> texts{{"one\ntwo", 2}, {"three", 6}};
  auto at = [&](std::uint32_t line) {
    auto e = error_at(errc::script, "'memory:x' failed", {"memory:x", line, 3});
    e.frame = "of the module";
    e.causes.push_back(error_at(errc::script, "called", {"memory:x", 2, 1}));
    return in_typed_texts(std::move(e), "memory:x", texts);
  };
  auto e = at(3);
  CHECK(e.position == source_position{"<x>", 2, 3});
  CHECK(e.frame == code_frame("one\ntwo", 2, 3));
  CHECK(e.message == "'<x>' failed");
  CHECK(e.causes[0].position == source_position{"<x>", 1, 1});
  CHECK(at(6).position == source_position{"<x>", 1, 3});
  CHECK(at(5).position == source_position{"<x>", 1, 1});
  CHECK(at(5).frame == code_frame("three", 1, 1));
  CHECK(at(9).position == source_position{"<x>", 1, 6});
  auto other = in_typed_texts(error_at(errc::script, "", {"a.ts", 3, 1}), "memory:x", texts);
  CHECK(other.position == source_position{"a.ts", 3, 1});
}

TEST_CASE("declared and imported names are found") {
  CHECK(names_in("const a = 1, x = 2") == words{"a"});
  CHECK(names_in("let { a, b: c, d = e, ...f } = g") == words{"a", "c", "d", "f"});
  CHECK(names_in("const [a, [b]] = c") == words{"a", "b"});
  CHECK(names_in("const a: string = 'const z'") == words{"a"});
  CHECK(names_in("async function f() {} class A {} enum E {}") == words{"f", "A", "E"});
  CHECK(names_in("function* g() {}") == words{"g"});
  CHECK(names_in("// const no = 1\n/* let no */ var yes = 1") == words{"yes"});
  CHECK(names_in("import a, { b, c as d } from \"zako:x\"") == words{"a!", "b!", "d!"});
  CHECK(names_in("import * as ns from 'zako:x'") == words{"ns!"});
  CHECK(names_in("import type { T } from 'zako:x'") == words{"T"});
  CHECK(names_in("import 'zako:x'; import('zako:y')").empty());
}

TEST_CASE("what may be completed follows from the line") {
  CHECK(place_in("import { a } from \"zako:c|") == "modules  zako:c");
  CHECK(place_in("import '|") == "modules  ");
  CHECK(place_in("await import('zako:|')") == "modules  zako:");
  CHECK(place_in("f('a|") == "nothing  ");
  CHECK(place_in("import { sat| } from \"zako:semver\"") == "exports zako:semver sat");
  CHECK(place_in("import { a, | } from 'zako:semver';") == "exports zako:semver ");
  CHECK(place_in("import { a|") == "nothing  ");
  CHECK(place_in("Obj|") == "names  Obj");
  CHECK(place_in("f(1 + Obj|)") == "names  Obj");
  CHECK(place_in("|") == "nothing  ");
  CHECK(place_in("1 + |") == "nothing  ");
  CHECK(place_in("Object.ke|") == "members Object ke");
  CHECK(place_in("f(a.b.|)") == "members a.b ");
  CHECK(place_in("f().a|") == "nothing  ");
  CHECK(place_in("a?.b|") == "nothing  ");
  CHECK(place_in("1.5|") == "nothing  ");
}

TEST_CASE("words that begin so, and how they go on") {
  CHECK(words_that_begin({"keys", "key", "keys", "__k", "k-l", "other"}, "k") ==
        words{"key", "keys"});
  CHECK(words_that_begin({"zako:rules/cc", "zako:rule"}, "zako:r") ==
        words{"zako:rule", "zako:rules/cc"});
  CHECK(common_beginning({"keys", "key"}) == "key");
  CHECK(common_beginning({}).empty());
}

} // namespace
