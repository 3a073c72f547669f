// Build files: what they declare, and what they are told when it is wrong.
#include <catch2/catch.hpp>

#include "script_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

result<data> build(std::string source, std::string path = "app/BUILD.ts") {
  script_world world;
  world.answer("glob", [](const data& x) -> result<data> {
    CHECK(x.to_json() == R"({"include":["src/*.c"],"exclude":[]})");
    return data::strings({"src/a.c"});
  });
  world.file(path, "import { glob, packageName, packageSettings } from 'zako:build';\n"
                   "import { ccLibrary, ccBinary, ccTest } from 'zako:rules/cc';\n"
                   "import { fileGroup } from 'zako:rules/files';\n"
                   "import { generate, location, out } from 'zako:rules/gen';\n" +
                       source);
  return world.run(path);
}

/// Of a target: engine/script.hpp.
const data& field(const data& target, std::size_t number) {
  return target.as_array()->at(number);
}

/// The first target's attributes.
std::string attrs(const result<data>& x, const std::vector<std::string>& names) {
  if (!x)
    return to_text(x.error());
  data out;
  for (auto& name : names)
    out.set(name, (*x)["targets"].as_array()->front().as_array()->at(3)[name]);
  return out.to_json();
}

} // namespace

TEST_CASE("a build file's targets are its exports", "[build]") {
  auto x = build(
      "export const greet = ccLibrary({ srcs: ['greet.c'], hdrs: ['greet.h'] });\n"
      "export const hello = ccBinary({ srcs: ['main.c'], deps: [greet, '//lib:x', ':greet'] });");
  REQUIRE(x);
  auto& targets = *(*x)["targets"].as_array();
  REQUIRE(targets.size() == 2);
  CHECK(
      (*x)["rules"].to_json() ==
      R"([{"module":"zako:rules/cc","export":"ccLibrary"},{"module":"zako:rules/cc","export":"ccBinary"}])");
  CHECK(
      targets[0].to_json() ==
      R"(["greet",0,["cc"],{"srcs":[{"path":"app/greet.c"}],"hdrs":[{"path":"app/greet.h"}]},null])");
  CHECK(field(targets[1], 3)["deps"].to_json() ==
        R"([{"label":"//app:greet"},{"label":"//lib:x"},{"label":"//app:greet"}])");
}

TEST_CASE("places of targets are told when they are asked for", "[build]") {
  script_world world;
  world.places = true;
  world.file("BUILD.ts", "import { ccLibrary } from 'zako:rules/cc';\n\n"
                         "const lib = (name: string) => ccLibrary({ name });\n"
                         "lib('a');\nexport const b = ccLibrary({});\n");
  auto x = world.run("BUILD.ts");
  REQUIRE(x);
  auto& targets = *(*x)["targets"].as_array();
  CHECK(field(targets[0], 4).to_json() == R"({"file":"BUILD.ts","line":3,"column":31})");
  CHECK(field(targets[1], 4).to_json() == R"({"file":"BUILD.ts","line":5,"column":18})");
}

TEST_CASE("targets can be named, listed and made by functions", "[build]") {
  auto names = [](const result<data>& x) {
    std::string out;
    if (!x)
      return to_text(x.error());
    for (auto& target : *(*x)["targets"].as_array())
      out += *field(target, 0).as_string() + " ";
    return out;
  };
  CHECK(names(build("ccLibrary({ name: 'a' });\nexport const x = ccLibrary({ name: 'b' });")) ==
        "a b ");
  CHECK(names(build("export default ['a', 'b'].map((name) => ccLibrary({ name }));")) == "a b ");
  CHECK(names(build("export const n = 1;\nexport function f() {}\nexport const t = fileGroup({ "
                    "srcs: ['x'] });")) == "t ");
}

TEST_CASE("names must be given once", "[build]") {
  auto unnamed = failure(build("\nconst x = ccLibrary({});\nexport const y = 1;"));
  CHECK(unnamed.code == errc::invalid_attribute);
  CHECK(unnamed.message == "this target has no name");
  CHECK(unnamed.remedy.starts_with("export it or give it a name"));
  REQUIRE(unnamed.position);
  CHECK(unnamed.position->line == 6);
  CHECK(unnamed.position->column == 11);

  auto twice = failure(build("ccLibrary({ name: 'a' });\nccLibrary({ name: 'a' });"));
  CHECK(twice.message == "two targets are named 'a'");
  CHECK(twice.position->line == 6);
  REQUIRE(twice.causes.size() == 1);
  CHECK(twice.causes[0].position->line == 5);

  CHECK(failure(build("export const a = ccLibrary({});\nexport { a as b };")).message ==
        "one target is exported as 'a' and as 'b'");
  CHECK(failure(build("export const all = ccLibrary({});")).message ==
        "a target cannot be named 'all'");
  CHECK(failure(build("export const $x = ccLibrary({});")).message ==
        "a target cannot be named '$x'");
  CHECK(failure(build("ccLibrary({ name: 'a b' });")).message ==
        "ccLibrary: 'name' must be a target's name, not the text \"a b\"");
}

TEST_CASE("wrong attributes are shown at the call", "[build]") {
  auto [source, message, remedy] = GENERATE(table<std::string, std::string, std::string>({
      {"ccLibrary({ name: 'x', src: [] });", "ccLibrary has no attribute 'src'",
       "did you mean 'srcs'?"},
      {"ccLibrary({ name: 'x', zzz: [] });", "ccLibrary has no attribute 'zzz'",
       "it has name, srcs, deps, includes, defines, localDefines, copts, conlyopts, cxxopts, "
       "linkopts, hdrs"},
      {"ccLibrary({ name: 'x', copts: '-O2' });",
       "ccLibrary: 'copts' must be a list of texts, not the text \"-O2\"",
       "put it in brackets: [ … ]"},
      {"ccLibrary({ name: 'x', copts: ['-O2', 3] });",
       "ccLibrary: 'copts[1]' must be a text, not 3", ""},
      {"ccLibrary({ name: 'x', srcs: ['a.rs'] });",
       "ccLibrary: 'srcs[0]': 'app/a.rs' is not one of .c .cc .cpp .cxx .c++ .C .S .s .h .hh .hpp "
       ".hxx .h++ .inc "
       ".inl .ipp .tcc .def .a .o .so",
       ""},
      {"ccLibrary({ name: 'x', srcs: ['../a.c'] });",
       "ccLibrary: 'srcs[0]': '../a.c' leads out of its package",
       "export the file there with fileGroup, and name that by its label \"//path:name\""},
      {"ccLibrary({ name: 'x', srcs: ['/a.c'] });", "ccLibrary: 'srcs[0]': '/a.c' is absolute",
       "write a path relative to the BUILD.ts"},
      {"ccLibrary({ name: 'x', deps: ['lib'] });",
       "ccLibrary: 'deps[0]' must be a target or a label, not the text \"lib\"",
       "name a target of this file by its constant, another one as \"//path:name\""},
      {"ccLibrary({ name: 'x', deps: ['//a//b'] });",
       "ccLibrary: 'deps[0]': '//a//b' is not a label",
       "labels look like \"//path:name\" or \":name\""},
      {"ccTest({ name: 'x', timeout: '3' });",
       "ccTest: 'timeout' must be a number, not the text \"3\"", ""},
      {"ccTest({ name: 'x', env: { A: 1 } });", "ccTest: 'env.A' must be a text, not 1", ""},
      {"ccLibrary();", "ccLibrary takes one object of attributes, not undefined",
       "write ccLibrary({ … })"},
      {"fileGroup({ name: 'x' });", "fileGroup needs the attribute 'srcs'",
       "'srcs' is a list of files"},
      {"glob(3);", "glob: the pattern must be a text or a list of texts",
       "write glob(\"src/*.c\")"},
  }));
  CAPTURE(source);
  auto e = failure(build("declare const any: any;\n\n" + source));
  CHECK(e.code == errc::invalid_attribute);
  CHECK(e.message == message);
  if (!remedy.empty())
    CHECK(e.remedy == remedy);
  REQUIRE(e.position);
  CHECK(e.position->file == "app/BUILD.ts");
  CHECK(e.position->line == 7);
  CHECK(e.position->column == 1);
  CHECK_FALSE(e.frame.empty());
}

TEST_CASE("globs and settings", "[build]") {
  CHECK(attrs(build("export const x = ccLibrary({ srcs: [glob('src/*.c'), 'b.c', ['c.c']] });",
                    "BUILD.ts"),
              {"srcs"}) == R"({"srcs":[{"path":"src/a.c"},{"path":"b.c"},{"path":"c.c"}]})");
  script_world world;
  world.file("p/BUILD.ts", "import { packageName, packageSettings } from 'zako:build';\n"
                           "import { ccLibrary } from 'zako:rules/cc';\n"
                           "const { opt } = packageSettings<{ opt: string }>();\n"
                           "export const x = ccLibrary({ copts: [opt, packageName] });");
  data argument(data::object{{"package", "p"}, {"settings", data::object{{"opt", "-O3"}}}});
  CHECK(attrs(world.run("p/BUILD.ts", script_context::build, "", argument), {"copts"}) ==
        R"({"copts":["-O3","p"]})");
}

TEST_CASE("an engine's refusal is shown where it was asked for", "[build]") {
  script_world world;
  world.answer("glob", [](const data&) -> result<data> {
    return fail(errc::invalid_argument, "the pattern '[' is malformed", "close the set");
  });
  world.file("BUILD.ts", "import { glob } from 'zako:build';\n\nexport const all = glob('[');");
  auto e = failure(world.run("BUILD.ts"));
  CHECK(e.code == errc::invalid_argument);
  CHECK(e.remedy == "close the set");
  REQUIRE(e.position);
  CHECK(e.position->line == 3);
}

TEST_CASE("generated files", "[build]") {
  auto x =
      build("export const tool = ccBinary({ srcs: ['tool.c'] });\n"
            "export const g = generate({ tool, srcs: ['x.in'], outs: ['x.h'],\n"
            "  args: ['-i', location('x.in'), `--out=${out('x.h')}`, `${location(tool)}`] });");
  REQUIRE(x);
  auto& g = (*x)["targets"].as_array()->back();
  CHECK(field(g, 2).to_json() == "[]");
  CHECK(field(g, 3)["tool"].to_json() ==
        R"({"command":{"file":{"label":"//app:tool"}},"args":[]})");
  CHECK(field(g, 3)["args"].to_json() ==
        R"(["-i",{"parts":[{"file":{"path":"app/x.in"}}]},{"parts":["--out=",{"output":"x.h"}]},)"
        R"({"parts":[{"file":{"label":"//app:tool"}}]}])");
  auto y =
      build("export const g = generate({ tool: ['awk', '-f', location('x.awk')], outs: ['y'] });");
  REQUIRE(y);
  CHECK(field((*y)["targets"].as_array()->front(), 2).to_json() == R"(["host"])");
}

TEST_CASE("rules of the workspace", "[build]") {
  script_world world;
  world.file("concat.rule.ts", "import { attr, rule } from 'zako:rule';\n"
                               "export const concat = rule({\n"
                               "  attrs: { srcs: attr.files(), out: attr.string() },\n"
                               "  implement({ attrs, actions }) {\n"
                               "    const out = actions.declareFile(attrs.out);\n"
                               "    actions.run({ mnemonic: 'Concat', argv: ['cat', "
                               "...attrs.srcs], stdout: out, inputs: attrs.srcs });\n"
                               "    return { files: [out] };\n"
                               "  },\n"
                               "});\n");
  world.file("BUILD.ts", "import { concat } from './concat.rule.ts';\n"
                         "export const joined = concat({ srcs: ['a', 'b'], out: 'all.txt' });");
  auto declared = world.run("BUILD.ts");
  CHECK(
      json(declared) ==
      R"({"rules":[{"module":"concat.rule.ts","export":"concat"}],"targets":[["joined",0,["host"],)"
      R"({"srcs":[{"path":"a"},{"path":"b"}],"out":"all.txt"},null]]})");
  data argument(
      data::object{{"label", "//:joined"},
                   {"package", ""},
                   {"name", "joined"},
                   {"attrs", field((*declared)["targets"].as_array()->front(), 3)},
                   {"toolchains", data::object{{"host", data::object{{"cat", "/bin/cat"}}}}}});
  CHECK(
      json(world.run("concat.rule.ts", script_context::rule, "concat", argument)) ==
      R"({"actions":[{"mnemonic":"Concat","title":"Concat all.txt","argv":["/bin/cat","a","b"],"env":{},)"
      R"("inputs":[{"path":"a"},{"path":"b"}],"outputs":["zako-out/all.txt"],"stdout":"zako-out/all.txt",)"
      R"("depfile":null,"resources":{},"jobserver":false}],"files":[{"path":"zako-out/all.txt","owner":"//:joined"}],"providers":{},)"
      R"("executable":null,"test":null})");
}

TEST_CASE("a package's settings", "[build]") {
  script_world world;
  world.file(
      "zako.ts",
      "import { definePackage } from 'zako:package';\n"
      "export default definePackage(({ manifest }) => ({ opt: '-O2', of: manifest.name }));");
  data argument(data::object{{"manifest", data::object{{"name", "p"}}}});
  CHECK(json(world.run("zako.ts", script_context::package, "", argument)) ==
        R"({"opt":"-O2","of":"p"})");
}
