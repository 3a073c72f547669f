// What scripts cannot see: the clock, chance, the machine's language, threads, code from text.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "hostile_cases.hpp"
#include "script_fixture.hpp"

using namespace zako;
using namespace zako::test;

TEST_CASE("what would make results differ is not there", "[hermetic]") {
  auto [name, use] = GENERATE(table<std::string, std::string>({
      {"Date", "new Date()"},
      {"Date", "Date.now()"},
      {"Date", "Date()"},
      {"Math.random", "Math.random()"},
      {"performance", "performance.now()"},
      {"WeakRef", "new WeakRef({})"},
      {"FinalizationRegistry", "new FinalizationRegistry(() => {})"},
      {"setTimeout", "setTimeout(() => {}, 1)"},
      {"setInterval", "setInterval(() => {}, 1)"},
      {"SharedArrayBuffer", "new SharedArrayBuffer(1)"},
      {"Atomics", "Atomics.add"},
      {"WebAssembly", "WebAssembly.compile"},
      {"Intl", "new Intl.NumberFormat()"},
      {"crypto", "crypto.randomUUID()"},
      {"String.prototype.localeCompare", "'a'.localeCompare('b')"},
      {"String.prototype.toLocaleLowerCase", "'I'.toLocaleLowerCase('tr')"},
      {"String.prototype.toLocaleUpperCase", "'i'.toLocaleUpperCase('tr')"},
      {"Number.prototype.toLocaleString", "(1).toLocaleString()"},
      {"BigInt.prototype.toLocaleString", "1n.toLocaleString()"},
      {"Array.prototype.toLocaleString", "[1].toLocaleString()"},
      {"TypedArray.prototype.toLocaleString", "new Int8Array(1).toLocaleString()"},
      {"Object.prototype.toLocaleString", "({}).toLocaleString()"},
      {"Promise.race", "Promise.race([])"},
      {"Promise.any", "Promise.any([])"},
      {"Symbol()", "Symbol('x')"},
      {"Symbol()", "new (Symbol as any)()"},
      {"RegExp[\"$1\"]", "(RegExp as any).$1"},
      {"RegExp[\"lastMatch\"]", "(RegExp as any).lastMatch"},
  }));
  CAPTURE(use);
  script_world world;
  world.file("a.ts", "declare const crypto: any;\n\nexport default " + use + ";");
  auto e = failure(world.run("a.ts", script_context::library));
  CHECK(e.code == errc::script);
  CHECK(e.message.starts_with(name + " is not available in scripts: "));
  CHECK_FALSE(e.remedy.empty());
  REQUIRE(e.position);
  CHECK(e.position->line == 3);
}

TEST_CASE("code is not made from text", "[hermetic]") {
  auto use = GENERATE(
      "eval('1')", "(0, eval)('1')", "new Function('return 1')()",
      "(async () => {}).constructor('return 1')()",
      "Object.getPrototypeOf(function* () {}).constructor('yield 1')",
      "Reflect.construct(Object.getPrototypeOf(async function* () {}).constructor, ['1'])");
  CAPTURE(use);
  script_world world;
  world.file("a.ts", std::string("export default ") + use + ";");
  auto e = failure(world.run("a.ts", script_context::library));
  CHECK(e.message.find("code cannot be made from text") != std::string::npos);
}

TEST_CASE("what is gone can still be asked for", "[hermetic]") {
  script_world world;
  world.file("a.ts", "export default [typeof Date, ({}) instanceof Date, typeof performance];");
  CHECK(json(world.run("a.ts", script_context::library)) == R"(["function",false,"object"])");
}

// A newer V8 brings new names: each must be looked at before it is added to the table, because it
// may know the time, chance, the machine or when memory is collected. ZAKO_UPDATE=1 writes the
// table anew.
TEST_CASE("what there is in a realm is known", "[hermetic]") {
  script_world world;
  world.file("canary.ts", hostile_files().at("canary.ts"));
  auto made = world.run("canary.ts", script_context::library);
  REQUIRE(made);
  std::string realm;
  for (auto& line : *(*made)["realm"].as_array())
    realm += *line.as_string() + '\n';
  if (std::getenv("ZAKO_UPDATE"))
    std::ofstream(ZAKO_REALM_TABLE) << realm;
  std::ifstream table(ZAKO_REALM_TABLE);
  CHECK(realm == std::string(std::istreambuf_iterator<char>(table), {}));
}
