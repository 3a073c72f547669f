// Scripts from their modules to their results.
#include <cstdlib>
#include <random>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "script_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

/// The default export of one library file.
result<data> value_of(std::string source) {
  script_world world;
  world.file("a.ts", std::move(source));
  return world.run("a.ts", script_context::library);
}

} // namespace

TEST_CASE("values leave scripts as plain data", "[script]") {
  CHECK(
      json(value_of("export default { n: 1.5, s: 'ä\\u{1f600}', a: [1, [true, null]], o: {} };")) ==
      R"({"n":1.5,"s":"ä😀","a":[1,[true,null]],"o":{}})");
  CHECK(json(value_of("export default undefined;")) == "null");
  CHECK(json(value_of("const x = { y: 1 }; export default [x, x];")) == R"([{"y":1},{"y":1}])");
  CHECK(json(value_of("export default Promise.resolve(3);")) == "3");
  CHECK(json(value_of("export default JSON.parse('{\"__proto__\": {\"x\": 1}}');")) ==
        R"({"__proto__":{"x":1}})");
}

TEST_CASE("values of every shape leave scripts as they are", "[script]") {
  auto [source, expected] = GENERATE(table<std::string, std::string>({
      {"export default { 7: 'a', x: 1, 3: 'b' };", R"({"3":"b","7":"a","x":1})"},
      {"export default [1, , 3];", "[1,null,3]"},
      {"const a = [1]; (a as any).more = 2; export default a;", "[1]"},
      {"const a = new Array(3); a[0] = 1; a[1] = 2; a[2] = 3; export default a;", "[1,2,3]"},
      {"export default { u: undefined, n: null, m: -0.5, big: 2 ** 40, least: -(2 ** 31) };",
       R"({"u":null,"n":null,"m":-0.5,"big":1099511627776,"least":-2147483648})"},
      {"export default { 'ä': 'ÿ', '😀': 'a😀', lone: 'x\\ud800y' };",
       "{\"ä\":\"ÿ\",\"😀\":\"a😀\",\"lone\":\"x\xef\xbf\xbdy\"}"},
      {"class A { x = 1; #y = 2; get z() { return this.#y; } } export default new A();",
       R"({"x":1})"},
      {"export default { get x() { return { y: [2] }; } };", R"({"x":{"y":[2]}})"},
      {"const s = { y: [{}] }; export default { a: s, b: [s, s.y, s.y[0]], c: s };",
       R"({"a":{"y":[{}]},"b":[{"y":[{}]},[{}],{}],"c":{"y":[{}]}})"},
      {"export default Object.create(null, { x: { value: 1, enumerable: true }, y: { value: 2 } "
       "});",
       R"({"x":1})"},
  }));
  CAPTURE(source);
  CHECK(json(value_of(source)) == expected);
}

TEST_CASE("random values leave scripts as JSON would write them", "[script]") {
  auto* given = std::getenv("ZAKO_SCRIPT_SEED");
  auto seed = given ? std::strtoul(given, nullptr, 10) : std::random_device{}();
  INFO("ZAKO_SCRIPT_SEED=" << seed);
  script_world world;
  world.file("a.ts", R"(
export function make(seed: number) {
  const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
  const known: unknown[] = [];
  const text = () => Array.from({ length: random(5) }, () => ['a', 'B', 'ä', 'ŋ', '😀'][random(5)]).join('');
  const keep = <T>(x: T): T => (known.push(x), x);
  function value(depth: number): unknown {
    switch (random(depth > 5 ? 5 : 9)) {
      case 0: return null;
      case 1: return random(2) === 1;
      case 2: return (random(2000) - 1000) / 2;
      case 3: case 4: return text();
      case 5: return known.length === 0 ? 0 : known[random(known.length)];
      case 6: return keep(Array.from({ length: random(6) }, () => value(depth + 1)));
      default: {
        const out: Record<string, unknown> = {};
        for (let i = random(6); i > 0; --i) out[random(4) === 0 ? random(9) : text()] = value(depth + 1);
        return keep(out);
      }
    }
  }
  const made = Array.from({ length: 20 }, () => value(0));
  return { made, text: JSON.stringify(made) };
})");
  for (unsigned i = 0; i < 30; ++i) {
    auto x = world.run("a.ts", script_context::library, "make",
                       data(static_cast<double>(seed % 1'000'000 + i + 1)));
    REQUIRE(x);
    CHECK((*x)["made"].to_json() == *(*x)["text"].as_string());
  }
}

TEST_CASE("values enter scripts as plain data", "[script]") {
  script_world world;
  world.file("a.ts", "export function echo(x: any) { return { x, keys: Object.keys(x) }; }");
  data argument(data::object{{"z", 1}, {"a", data::array{"ä", nullptr, true}}, {"__proto__", 2}});
  CHECK(json(world.run("a.ts", script_context::library, "echo", argument)) ==
        R"({"x":{"z":1,"a":["ä",null,true],"__proto__":2},"keys":["z","a","__proto__"]})");
}

TEST_CASE("what is not plain data is refused with its path", "[script]") {
  CHECK(failure(value_of("export default { a: [1, { 'b c': () => 1 }] };")).message ==
        "result.a[1][\"b c\"] is a function, which cannot leave the script");
  CHECK(failure(value_of("const x: any = { y: {} }; x.y.z = x; export default x;")).message ==
        "result.y.z contains itself");
  CHECK(failure(value_of("export default [Symbol.for('x')];")).message ==
        "result[0] is a symbol, which cannot leave the script");
  CHECK(failure(value_of("export default { m: new Map() };")).message ==
        "result.m is a map (use Object.fromEntries), which cannot leave the script");
  CHECK(
      failure(value_of("let x: any = 1; for (let i = 0; i < 300; ++i) x = [x]; export default x;"))
          .message.find("nested deeper than 200 levels") != std::string::npos);
  auto thrown =
      failure(value_of("export default {\n  get x(): number { throw new Error('no'); } };"));
  CHECK(thrown.message == "no");
  REQUIRE(thrown.position);
  CHECK(thrown.position->line == 2);
}

TEST_CASE("a library without a default gives what of its exports is plain data", "[script]") {
  CHECK(json(value_of("export const b = [1, { c: null }];\nexport const a = 'x';\n"
                      "export function f() {}\nexport class C {}\n"
                      "export const deep = [{ f }];\nexport const map = new Map();")) ==
        R"({"a":"x","b":[1,{"c":null}]})");
  CHECK(json(value_of("export const a = 1;\nexport default 2;")) == "2");
  auto e = failure(value_of("export default () => 1;"));
  CHECK(e.message.ends_with("is a function, which is no data"));
  CHECK_FALSE(e.remedy.empty());
  CHECK(failure(value_of("export const ring: any = {};\nring.of = ring;")).message ==
        "result.ring.of contains itself");
}

TEST_CASE("results are bounded", "[script]") {
  script_world world;
  world.limits.values = 1000;
  world.file("a.ts", "export default new Array(4e9);");
  CHECK(failure(world.run("a.ts", script_context::library)).code == errc::limit);
}

TEST_CASE("modules import each other", "[script]") {
  script_world world;
  SECTION("in levels, each asked once") {
    world.file(
        "a.ts",
        "import { b } from './lib/b.ts';\nimport { c } from './c.ts';\nexport default b + c;");
    world.file("lib/b.ts", "import { c } from '../c.ts';\nexport const b = c + 1;");
    world.file("c.ts", "export const c = 1;");
    CHECK(json(world.run("a.ts", script_context::library)) == "3");
    CHECK(world.batches == std::vector<std::size_t>{1, 2, 1}); // the entry, b and c, c again
  }
  SECTION("in rings") {
    world.file("a.ts",
               "import { b } from './b.ts';\nexport const a = () => 1;\nexport default b();");
    world.file("b.ts", "import { a } from './a.ts';\nexport const b = () => a() + 1;");
    CHECK(json(world.run("a.ts", script_context::library)) == "2");
  }
  SECTION("with top-level await") {
    world.file("a.ts", "import { b } from './b.ts';\nexport default await b;");
    world.file("b.ts", "export const b = Promise.resolve(await Promise.resolve(7));");
    CHECK(json(world.run("a.ts", script_context::library)) == "7");
  }
  SECTION("dynamically") {
    world.file("a.ts", "const [b, c] = await Promise.all([import('./b.ts'), import('./c.ts')]);\n"
                       "export default [b.x, c.x, b === await import('./b.ts')];");
    world.file("b.ts", "export const x: number = await Promise.resolve(1);");
    world.file("c.ts", "export const x: number = 2;");
    CHECK(json(world.run("a.ts", script_context::library)) == "[1,2,true]");
    CHECK(world.batches.back() == 2); // both at once, and the third from memory
  }
  SECTION("and JSON") {
    world.file("a.ts",
               "import x from './x.json' with { type: 'json' };\nimport y from './x.json';\n"
               "export default x.y + y.y;");
    world.file("x.json", "{ \"y\": 4 }");
    CHECK(json(world.run("a.ts", script_context::library)) == "8");
  }
  SECTION("and know where they are") {
    world.file("lib/a.ts", "const { url, dirname, filename } = import.meta;\n"
                           "export default [url, dirname, filename];");
    CHECK(json(world.run("lib/a.ts", script_context::library)) ==
          R"(["workspace:///lib/a.ts","lib","lib/a.ts"])");
  }
}

TEST_CASE("a failed import is shown where it is written", "[script]") {
  script_world world;
  world.file("a.ts", "import './b.ts';\n\nimport { x } from './gone.ts';\nexport default x;");
  world.file("b.ts", "export {};");
  SECTION("a file that is not there") {
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.code == errc::not_found);
    REQUIRE(e.position);
    CHECK(e.position->file == "a.ts");
    CHECK(e.position->line == 3);
    CHECK_FALSE(e.frame.empty());
  }
  SECTION("a name that is not exported") {
    world.file("gone.ts", "export const y = 1;");
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.code == errc::script);
    CHECK(e.message.find("does not provide an export named 'x'") != std::string::npos);
    REQUIRE(e.position);
    CHECK(e.position->line == 3);
  }
  SECTION("a syntax error keeps its own place") {
    world.file("gone.ts", "export const x = ;\n");
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.code == errc::syntax);
  }
  SECTION("a module that only built-in ones may import") {
    world.file("gone.ts",
               "import { call } from 'zako:syscall';\nexport const x = call('glob', {});");
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.code == errc::import_denied);
    REQUIRE(e.position);
    CHECK(e.position->file == "gone.ts");
  }
  SECTION("caught, when it is dynamic") {
    world.file("a.ts", "let text = '';\ntry { await import('./gone.ts'); } catch (e) { text = (e "
                       "as Error).message; }\n"
                       "export default text;");
    CHECK(json(world.run("a.ts", script_context::library)) == R"("there is no file 'gone.ts'")");
  }
  SECTION("uncaught, as what it was") {
    world.file("a.ts",
               "const f = (x: string) => import(x);\n\nawait f('./gone.ts');\nexport default 1;");
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.code == errc::not_found);
    REQUIRE(e.position);
    CHECK(e.position->line == 1);
  }
}

TEST_CASE("errors point at the TypeScript", "[script]") {
  script_world world;
  SECTION("with calls, causes and a code frame") {
    world.file("a.ts", "import { f } from './b.ts';\nenum Shift { A, B }\nfunction g(): number {\n"
                       "  return f(Shift.A);\n}\nexport default g();");
    world.file("b.ts", "interface Long {\n  x: number;\n}\nexport function f(x: number): number {\n"
                       "  throw new TypeError('bad ' + x, { cause: new Error('deep') });\n}");
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.code == errc::script);
    CHECK(e.message == "TypeError: bad 0");
    REQUIRE(e.position);
    CHECK(e.position->file == "b.ts");
    CHECK(e.position->line == 5);
    CHECK(e.position->column == 9);
    CHECK(e.frame.find("throw new TypeError") != std::string::npos);
    REQUIRE(e.causes.size() == 3);
    CHECK(e.causes[0].message == "called from 'g'");
    REQUIRE(e.causes[0].position);
    CHECK(e.causes[0].position->file == "a.ts");
    CHECK(e.causes[0].position->line == 4);
    CHECK(e.causes[0].position->column == 10);
    CHECK(e.causes[1].position->line == 6);
    CHECK(e.causes[2].message == "deep");
  }
  SECTION("for what is thrown and is no Error") {
    world.file("a.ts", "\nthrow 'text';");
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.message == "text");
    REQUIRE(e.position);
    CHECK(e.position->file == "a.ts");
  }
  SECTION("for a promise that nobody awaits") {
    world.file("a.ts",
               "async function f() {\n  throw new Error('lost');\n}\nvoid f();\nexport default 1;");
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.message == "lost");
    REQUIRE(e.position);
    CHECK(e.position->line == 2);
  }
  SECTION("for a missing export") {
    world.file("a.ts", "export const x = 1;");
    CHECK(failure(world.run("a.ts", script_context::config)).message ==
          "'a.ts' does not export a default");
  }
}

TEST_CASE("the console is kept, line by line", "[script]") {
  script_world world;
  world.file("a.ts",
             "console.log('a %s b', 1, { x: [1] });\nconsole.warn(new Map([[1, 'x']]));\n"
             "console.group('g'); console.error('in'); console.groupEnd();\nexport default 1;");
  CHECK(json(world.run("a.ts", script_context::library)) == "1");
  REQUIRE(world.console.size() == 4);
  CHECK(world.console[0].level == "info");
  CHECK(world.console[0].text == "a 1 b { x: [ 1 ] }");
  CHECK(world.console[1].text == "Map(1) { 1 => \"x\" }");
  CHECK(world.console[3].text == "  in");
}

TEST_CASE("an isolate runs one script after the other, each in a realm of its own", "[script]") {
  script_world world;
  world.file("a.ts",
             "Array.prototype.map = () => { throw 1; };\n(globalThis as any).left = 1;\n"
             "Promise.resolve().then(() => { (globalThis as any).late = 1; });\nexport default 1;");
  world.file("b.ts", "export default [[1].map(x => x + 1), typeof (globalThis as any).left];");
  for (int i = 0; i < 3; ++i) {
    CHECK(json(world.run("a.ts", script_context::library)) == "1");
    CHECK(json(world.run("b.ts", script_context::library)) == R"([[2],"undefined"])");
  }
  CHECK(world.isolate->gc() > 0);
  CHECK(json(world.run("b.ts", script_context::library)) == R"([[2],"undefined"])");
}

TEST_CASE("errors have the place in the TypeScript, whatever has moved before it") {
  script_world world;
  auto place = [&](const std::string& text) {
    world.file("a.ts", text);
    auto e = failure(world.run("a.ts", script_context::library));
    auto at = e.position.value_or(source_position{});
    return fmt::format("{}:{}:{}", at.file, at.line, at.column);
  };
  CHECK(place("enum E { A, B = 'x' } throw new Error('x');") == "a.ts:1:29");
  CHECK(place("enum E {\n  A,\n}\nlet a: number = E.A; throw new Error('x');") == "a.ts:4:28");
  CHECK(
      place(
          "namespace N { export const a = 1; export function f(): never { throw new Error(`${a}`); "
          "} }\nN.f();") == "a.ts:1:70");
  CHECK(place("class A { constructor(public a = 1) { throw new Error('x'); } }\nnew A();") ==
        "a.ts:1:45");
  CHECK(place("enum É { Ü = '😀' } const b: '😀' = '😀'; throw new Error(b);") == "a.ts:1:49");
  CHECK(place("enum E { A = '\u2028' } let a = `\u2029`; throw new Error(a);") == "a.ts:3:10");
  CHECK(place("enum E { A }\r\n\r  throw new Error('x');") == "a.ts:3:9");
}

TEST_CASE("large modules are compiled once", "[script]") {
  script_world world;
  std::string functions;
  for (int i = 0; i < 400; ++i)
    functions += "export function f" + std::to_string(i) + "(x: number) { return x * " +
                 std::to_string(i) + " + 1; }\n";
  world.file("large.ts", functions);
  world.file("a.ts", "import { f7 } from './large.ts';\nexport default f7(2);");
  CHECK(json(world.run("a.ts", script_context::library)) == "15");
  REQUIRE(world.bytecode.size() == 1); // a.ts is small
  auto [name, bytes] = *world.bytecode.begin();
  CHECK(bytes.size() > 1000);

  world.isolate.reset();
  world.bytecode[name] = bytes;
  CHECK(json(world.run("a.ts", script_context::library)) == "15");
  CHECK(world.bytecode[name] == bytes); // taken as it was

  SECTION("another source of the same length is another name") {
    world.isolate.reset();
    auto at = functions.find("x * 7 + 1");
    world.file("large.ts", functions.replace(at, 9, "x * 8 + 1"));
    CHECK(json(world.run("a.ts", script_context::library)) == "17");
    CHECK(world.bytecode.size() == 2);
  }
  SECTION("bytecode that V8 refuses is made again") {
    world.isolate.reset();
    world.bytecode[name] = std::string(bytes.size(), 'x');
    CHECK(json(world.run("a.ts", script_context::library)) == "15");
    CHECK(world.bytecode[name].size() > 1000);
    CHECK(world.bytecode[name].front() != 'x');
  }
}
