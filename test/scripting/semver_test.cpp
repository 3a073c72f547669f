// "zako:semver" is npm's semver at work in our realm: the answers are those of its documentation.
#include <catch2/catch.hpp>

#include "engine/script.hpp"
#include "script_fixture.hpp"
#include "scripting/builtins.hpp"

using namespace zako;
using namespace zako::test;

TEST_CASE("semver answers as its documentation says", "[semver]") {
  auto [expression, answer] = GENERATE(table<std::string, std::string>({
      {"valid('1.2.3')", R"("1.2.3")"},
      {"valid('a.b.c')", "null"},
      {"clean('  =v1.2.3   ')", R"("1.2.3")"},
      {"clean(' = v 2.1.5foo')", "null"},
      {"clean(' = v 2.1.5foo', { loose: true })", R"("2.1.5-foo")"},
      {"clean('~1.0.0')", "null"},
      {"satisfies('1.2.3', '1.x || >=2.5.0 || 5.0.0 - 7.2.3')", "true"},
      {"gt('1.2.3', '9.8.7')", "false"},
      {"lt('1.2.3', '9.8.7')", "true"},
      {"cmp('1.2.3', '>=', '1.2.2')", "true"},
      {"compare('1.2.3', '1.2.4')", "-1"},
      {"diff('1.2.3', '2.0.0-beta.1')", R"("premajor")"},
      {"major('1.2.3') + minor('1.2.3') + patch('1.2.3')", "6"},
      {"prerelease('1.2.3-alpha.1')", R"(["alpha",1])"},
      {"inc('1.2.3', 'prerelease', 'beta')", R"("1.2.4-beta.0")"},
      {"inc('1.2.3', 'prerelease', 'beta', '1')", R"("1.2.4-beta.1")"},
      {"inc('1.2.3', 'prerelease', 'beta', false)", R"("1.2.4-beta")"},
      {"inc('1.2.4-beta.1', 'release')", R"("1.2.4")"},
      {"minVersion('>=1.0.0')!.version", R"("1.0.0")"},
      {"validRange('1.2.3 - 2.3')", R"(">=1.2.3 <2.4.0-0")"},
      {"validRange('1.2.x')", R"(">=1.2.0 <1.3.0-0")"},
      {"validRange('~1.2.3-beta.2')", R"(">=1.2.3-beta.2 <1.3.0-0")"},
      {"validRange('^0.0.3')", R"(">=0.0.3 <0.0.4-0")"},
      {"validRange('no range')", "null"},
      {"satisfies('1.2.3-alpha.7', '>1.2.3-alpha.3')", "true"},
      {"satisfies('3.4.5-alpha.9', '>1.2.3-alpha.3')", "false"},
      {"satisfies('3.4.5-alpha.9', '>1.2.3-alpha.3', { includePrerelease: true })", "true"},
      {"satisfies('1.2.10', '1.2 <1.2.9 || >2.0.0')", "false"},
      {"gtr('1.2.10', '1.2 <1.2.9 || >2.0.0')", "false"},
      {"ltr('1.2.3', '^1.3')", "true"},
      {"outside('3.0.0', '^1.2', '>')", "true"},
      {"maxSatisfying(['1.2.3', '1.9.0', '2.0.0', '1.10.0-rc.1'], '^1.2')", R"("1.9.0")"},
      {"minSatisfying(['1.2.3', '1.9.0', '2.0.0'], '>1.2.3')", R"("1.9.0")"},
      {"coerce('v2')!.version", R"("2.0.0")"},
      {"coerce('42.6.7.9.3-alpha')!.version", R"("42.6.7")"},
      {"coerce('version one')", "null"},
      {"coerce('1.2.3.4', { rtl: true })!.version", R"("2.3.4")"},
      {"coerce('a1.2.3-rc.1+rev.2', { includePrerelease: true })!.version", R"("1.2.3-rc.1")"},
      {"sort(['1.2.3+2', '1.10.0', '1.2.3+1', '1.2.3-a'])",
       R"(["1.2.3-a","1.2.3+1","1.2.3+2","1.10.0"])"},
      {"rsort(['1.2.3', '1.10.0'])", R"(["1.10.0","1.2.3"])"},
      {"intersects('^1.2', '>=1.9 <3')", "true"},
      {"subset('~1.2.3', '^1.0')", "true"},
      {"simplifyRange(['1.0.0', '1.1.0', '2.0.0'], '1.0.0 || 1.1.0 || 1.1.1')", R"("<=1.1.0")"},
      {"new Range('>=1.2.3').test('1.3.0')", "true"},
      {"new Comparator('<2.0.0').test(new SemVer('1.9.9'))", "true"},
      {"String(new SemVer('1.2.3-beta').inc('minor'))", R"("1.3.0")"},
      {"RELEASE_TYPES.length", "7"},
      {"SEMVER_SPEC_VERSION", R"("2.0.0")"},
  }));
  CAPTURE(expression);
  script_world world;
  world.file(
      "a.ts",
      "import { clean, cmp, coerce, Comparator, compare, diff, gt, gtr, inc, intersects, lt, ltr, "
      "major, maxSatisfying, minor, minSatisfying, minVersion, outside, patch, prerelease, Range, "
      "RELEASE_TYPES, rsort, satisfies, SemVer, SEMVER_SPEC_VERSION, simplifyRange, sort, subset, "
      "valid, validRange } from 'zako:semver';\nexport default " +
          expression + ";");
  CHECK(json(world.run("a.ts", script_context::library)) == answer);
}

TEST_CASE("what is no version is an error at the caller's line", "[semver]") {
  script_world world;
  world.file("a.ts", "import { gt } from 'zako:semver';\n\nexport default gt('1.0.0', 'newest');");
  auto e = failure(world.run("a.ts", script_context::library));
  CHECK(e.message.find("Invalid Version: newest") != std::string::npos);
  REQUIRE(e.position);
  CHECK(e.position->file == "a.ts");
  CHECK(e.position->line == 3);
}

TEST_CASE("semver is the same wherever Zako was built, and needs nothing else", "[semver]") {
  auto* module = find_builtin("zako:semver");
  REQUIRE(module);
  CHECK(module->imports.empty());
  // Names of files that esbuild leaves in it.
  CHECK(module->javascript.find("\"node_modules/semver/classes/range.js\"") != std::string::npos);
  CHECK(module->javascript.find("../") == std::string::npos);
}
