// Modules of real workspaces: symbolic links, import maps, dependencies, config and toolchain
// files, and who is evaluated again when an option or a variable changes.
#include "workspace.hpp"

using namespace e2e;
using Catch::Contains;

namespace {

const std::string manifest = "[package]\nname = \"test\"\nversion = \"0.1.0\"\n";

/// A BUILD.ts with one target, whose evaluation prints `expression`.
std::string printing(const std::string& imports, const std::string& expression) {
  return imports + "console.log(`evaluated: ${" + expression +
         "}`);\n"
         "import { fileGroup } from 'zako:rules/files';\n"
         "export const nothing = fileGroup({ srcs: [] });\n";
}

/// What a build printed of `printing`, without what else it says; the text of its errors otherwise.
std::string evaluated(const workspace& w, words arguments = {}) {
  arguments.insert(arguments.begin(), "build");
  auto done = w.zako(arguments);
  if (done.code != 0)
    return done.all();
  std::string out;
  auto all = done.all();
  const std::string sign = "evaluated: ";
  for (auto at = all.find(sign); at != std::string::npos; at = all.find(sign, at + 1))
    out += all.substr(at + sign.size(), all.find('\n', at) - at - sign.size()) + " ";
  return out;
}

} // namespace

TEST_CASE("no symbolic link leads out of the package") {
  workspace w;
  write_file(w.outside() / "secret/x.ts", "export const x = 'secret';\n");
  write_file(w.outside() / "secret/y.json", "\"secret\"\n");
  w.write("inside/x.ts", "import { y } from './y.ts';\nexport const x = y;\n");
  w.write("inside/y.ts", "export const y = 'inside';\n");
  w.write("BUILD.ts", printing("import { x } from './link/x.ts';\n", "x"));
  fs::create_directory_symlink("inside", w.root() / "link");
  CHECK(evaluated(w) == "inside ");
  SECTION("of a folder, changed between two builds") {
    fs::remove(w.root() / "link");
    fs::create_directory_symlink("../secret", w.root() / "link");
    auto text = w.build_fails();
    CHECK_THAT(text, Contains("BUILD.ts:1:19: 'link/x.ts' leads by a symbolic link to "
                              "'../secret/x.ts', out of its package"));
    fs::remove(w.root() / "link");
    fs::create_directory_symlink("inside", w.root() / "link");
    w.build();
  }
  SECTION("of a file, with the same text as before") {
    fs::remove(w.root() / "inside/y.ts");
    write_file(w.outside() / "secret/y.ts", "export const y = 'inside';\n");
    fs::create_symlink("../../secret/y.ts", w.root() / "inside/y.ts");
    CHECK_THAT(w.build_fails(), Contains("'inside/y.ts' leads by a symbolic link"));
  }
  SECTION("of JSON") {
    fs::create_symlink(w.outside() / "secret/y.json", w.root() / "y.json");
    w.write("BUILD.ts", printing("import x from './y.json';\n", "x"));
    CHECK_THAT(w.build_fails(), Contains("'y.json' leads by a symbolic link"));
  }
  SECTION("of a build file") {
    write_file(w.outside() / "secret/BUILD.ts", "export {};\n");
    fs::create_directory_symlink("../secret", w.root() / "app");
    CHECK_THAT(w.build_fails({"//app:all"}), Contains("'app/BUILD.ts' leads by a symbolic link"));
  }
  SECTION("of what is read as text") {
    w.write("BUILD.ts",
            printing("import { readText } from 'zako:build';\n", "readText('link/y.json')"));
    fs::remove(w.root() / "link");
    fs::create_directory_symlink("../secret", w.root() / "link");
    CHECK_THAT(w.build_fails(), Contains("which is no source of this package"));
  }
  SECTION("and by none to another kind of file") {
    w.write("x.ts", "import 'zako:rule';\nexport const x = 1;\n");
    fs::create_symlink("x.ts", w.root() / "x.rule.ts");
    w.write("BUILD.ts", printing("import { x } from './x.rule.ts';\n", "x"));
    CHECK_THAT(w.build_fails(), Contains("'x.rule.ts' is a symbolic link to 'x.ts', which is "
                                         "another kind of file"));
  }
}

TEST_CASE("a module is one, by whatever links it is imported") {
  workspace w;
  w.write("a.ts", "export const list: number[] = [];\n");
  fs::create_symlink("a.ts", w.root() / "b.ts");
  w.write("BUILD.ts", printing("import { list } from './a.ts';\nimport { list as other } from "
                               "'./b.ts';\n",
                               "list === other"));
  CHECK(evaluated(w) == "true ");
}

TEST_CASE("imports are mapped by zako.toml") {
  workspace w;
  w.write("zako.toml", manifest + "[imports]\n\"#lib/\" = \"./lib/\"\nwords = \"./words.json\"\n");
  w.write("lib/x.ts", "import words from 'words';\nexport const x = words.hello;\n");
  w.write("words.json", "{ \"hello\": \"moin\" }\n");
  w.write("app/BUILD.ts", printing("import { x } from '#lib/x.ts';\n", "x"));
  CHECK(evaluated(w) == "moin ");
  CHECK(evaluated(w).empty());
  w.edit("zako.toml", "./words.json", "./other.json");
  w.write("other.json", "{ \"hello\": \"hej\" }\n");
  CHECK(evaluated(w) == "hej ");
  w.edit("app/BUILD.ts", "#lib/x", "#lob/x");
  auto text = w.build_fails();
  CHECK_THAT(text, Contains("app/BUILD.ts:1:19: '#lob/x.ts' is neither a relative path"));
  CHECK_THAT(text, Contains("did you mean '#lib/x.ts'?"));
}

TEST_CASE("dependencies are imported by name, in the workspace and beside it") {
  workspace w;
  w.write("zako.toml", manifest + "[dependencies]\nstrings = { path = \"libs/strings\" }\nshared = "
                                  "{ path = \"../shared\" }\n");
  w.write("libs/strings/zako.toml",
          "[package]\nname = \"strings\"\nversion = \"1\"\n[imports]\nhelp "
          "= \"./help.ts\"\n");
  w.write("libs/strings/x.ts", "export { help } from 'help';\n");
  w.write("libs/strings/help.ts", "export const help = 'strings';\n");
  write_file(w.outside() / "shared/zako.toml", "[package]\nname = \"shared\"\nversion = \"1\"\n");
  write_file(w.outside() / "shared/a/y.ts", "export { z } from '../z.ts';\n");
  write_file(w.outside() / "shared/z.ts", "export const z = 'shared';\n");
  write_file(w.outside() / "z.ts", "export const z = 'secret';\n");
  w.write("BUILD.ts", printing("import { help } from 'strings/x.ts';\nimport { z } from "
                               "'shared/a/y.ts';\n",
                               "help + z"));
  CHECK(evaluated(w) == "stringsshared ");
  CHECK(evaluated(w).empty());
  SECTION("what changes beside the workspace is seen") {
    write_file(w.outside() / "shared/z.ts", "export const z = 'changed';\n");
    CHECK(evaluated(w) == "stringschanged ");
  }
  SECTION("they end at their folders") {
    write_file(w.outside() / "shared/a/y.ts", "export { z } from '../../z.ts';\n");
    auto text = w.build_fails();
    CHECK_THAT(text, Contains("../shared/a/y.ts:1:19: '../../z.ts' leads out of the package"));
    CHECK_THAT(text, Contains("BUILD.ts:2:19: '../shared/a/y.ts' is imported here"));
  }
  SECTION("they are named, or not there") {
    w.edit("BUILD.ts", "strings/x", "./libs/strings/x");
    CHECK_THAT(w.build_fails(), Contains("import it by that name: \"strings/x.ts\""));
    w.edit("BUILD.ts", "./libs/strings/x", "strngs/x");
    CHECK_THAT(w.build_fails(), Contains("did you mean 'strings/x.ts'?"));
    w.edit("zako.toml", "libs/strings", "libs/string");
    auto text = w.build_fails();
    CHECK_THAT(text, Contains("zako.toml:5:1: the dependency strings has no"));
  }
}

TEST_CASE("options and variables matter to who reads them") {
  workspace w;
  w.write("zako.toml",
          manifest + "[options]\ndebug = false\nbackend = { default = \"gl\", values = [\"gl\", "
                     "\"vk\"] }\n");
  w.write("a/BUILD.ts",
          printing("import { option } from 'zako:build';\n", "'a:' + option('debug')"));
  w.write("b/BUILD.ts",
          printing("import config from '../b.config.ts';\n", "'b:' + JSON.stringify(config)"));
  w.write("c/BUILD.ts", printing("", "'c'"));
  w.write("b.config.ts", "import { defineConfig, env, option, readText } from 'zako:config';\n"
                         "export default defineConfig({ b: option('backend'), e: "
                         "env('ZAKO_TEST_COLOUR'), t: readText('t.txt').trim() });\n");
  w.write("t.txt", "text\n");
  auto all = evaluated(w);
  CHECK_THAT(all, Contains("a:false ") && Contains("c ") &&
                      Contains("b:{\"b\":\"gl\",\"e\":null,\"t\":\"text\"}"));
  CHECK(evaluated(w).empty());
  CHECK(evaluated(w, {"--option", "debug=true"}) == "a:true ");
  CHECK(evaluated(w, {"--option", "debug=true"}).empty());
  CHECK(evaluated(w, {"--option", "debug=true", "--option", "backend=vk"}) ==
        "b:{\"b\":\"vk\",\"e\":null,\"t\":\"text\"} ");
  w.write(".zakorc", "[options]\ndebug = true\nbackend = \"vk\"\n");
  CHECK(evaluated(w).empty());
  CHECK(evaluated(w, {"--option", "debug=false"}) == "a:false "); // the command line wins
  w.remove(".zakorc");
  CHECK_THAT(evaluated(w), Contains("b:"));
  w.environment["ZAKO_TEST_COLOUR"] = "red";
  CHECK(evaluated(w) == "b:{\"b\":\"gl\",\"e\":\"red\",\"t\":\"text\"} ");
  CHECK(evaluated(w).empty());
  w.write("t.txt", "text \n"); // the config comes out the same
  CHECK(evaluated(w).empty());
}

TEST_CASE("wrong options are told before anything is built") {
  workspace w;
  w.write("zako.toml", manifest + "[options]\ndebug = false\n");
  w.write("BUILD.ts", printing("", "1"));
  auto said = [&](const std::string& option) {
    auto done = w.zako({"build", "--option", option});
    CHECK(done.code == 2);
    return done.err;
  };
  CHECK_THAT(said("debug=maybe"), Contains("--option: the option debug must be true or false"));
  CHECK_THAT(said("debgu=true"), Contains("did you mean 'debug'?"));
  CHECK_THAT(said("debug"), Contains("--option takes NAME=VALUE"));
  write_file(w.outside() / ".zakorc", "[options]\nother = 1\n"); // of another workspace
  CHECK(evaluated(w) == "1 ");
}

TEST_CASE("a rule's own toolchain file is run and found by its name") {
  workspace w;
  w.write("tools/cat.toolchain.ts",
          "import { readText, which } from 'zako:toolchain';\n"
          "export default { program: which('cat'), version: readText('version.txt').trim() };\n");
  w.write("tools/version.txt", "7\n");
  w.write("tools/cat.rule.ts",
          "import { attr, rule } from 'zako:rule';\n"
          "export const cat = rule({\n"
          "  attrs: { src: attr.file() },\n"
          "  toolchains: ['./cat.toolchain.ts'],\n"
          "  implement({ attrs, actions, toolchains }) {\n"
          "    const { program, version } = toolchains.cat as any;\n"
          "    const out = actions.declareFile('out.' + version);\n"
          "    actions.run({ mnemonic: 'CAT', argv: [program, attrs.src!], stdout: out });\n"
          "    return { files: [out] };\n"
          "  },\n"
          "});\n");
  w.write("BUILD.ts", "import { cat } from './tools/cat.rule.ts';\n"
                      "export const x = cat({ src: 'x.txt' });\n");
  w.write("x.txt", "x\n");
  CHECK_THAT(w.build(), RunsActions(1));
  CHECK(w.read("zako-out/out.7") == "x\n");
  w.write("tools/version.txt", "8\n");
  CHECK_THAT(w.build(), RunsActions(1));
  CHECK(w.exists("zako-out/out.8"));
  w.edit("tools/cat.toolchain.ts", "version:", "f: () => 1, version:");
  CHECK_THAT(w.build_fails(), Contains("tools/cat.toolchain.ts") && Contains("result.f"));
}

TEST_CASE("an import() that fails can be caught, and is told at its place otherwise") {
  workspace w;
  w.write("a.ts", "let said = \"\";\ntry {\n  await import(\"./none.ts\");\n} catch (e) {\n"
                  "  said = (e as Error).message;\n}\nexport default said;\n");
  CHECK(w.zako({"eval", "a.ts"}).out == "\"there is no file 'none.ts'\"\n");
  w.write("b.ts", "export default 1;\nawait import(\"zako:rule\");\n");
  auto thrown = w.zako({"eval", "b.ts"});
  CHECK(thrown.code == 1);
  CHECK_THAT(thrown.err, Contains("error: b.ts:2:1: 'zako:rule' cannot be imported by a library") &&
                             Contains("> 2 | await import"));
}

TEST_CASE("a wrong import is told with its context and the way to it") {
  workspace w;
  w.write("BUILD.ts", "import { a } from './a.ts';\nconsole.log(a);\n");
  w.write("a.ts", "import { b } from './b.rule.ts';\nexport const a = b;\n");
  w.write("b.rule.ts", "import { glob } from 'zako:build';\nexport const b = glob('*');\n");
  auto text = w.build_fails();
  CHECK_THAT(text, Contains("b.rule.ts:1:22: 'zako:build' cannot be imported by a rule file"));
  CHECK_THAT(text, Contains("> 1 | import { glob }"));
  CHECK_THAT(text, Contains("why: a.ts:1:19: 'b.rule.ts' is imported here"));
  CHECK_THAT(text, Contains("why: BUILD.ts:1:19: 'a.ts' is imported here"));
  CHECK_THAT(text, Contains("a rule file may import zako:rule, zako:core"));
}
