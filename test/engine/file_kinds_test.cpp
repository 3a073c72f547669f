// Files, folders, globs, the machine, and the manifest.
#include <catch2/catch.hpp>

#include "engine/keys.hpp"
#include "engine/kinds/manifest.hpp"
#include "engine/values.hpp"
#include "test/engine/test_engine.hpp"

using namespace zako;
using namespace zako::test;
using strings = std::vector<std::string>;

namespace {

struct rig {
  fake_world world;
  test_engine engine{world};

  template <class T>
  T get(const key& k) {
    auto x = engine.build(k);
    REQUIRE(x);
    return **x->template as<T>();
  }
};

strings glob_of(rig& r, std::string folder, strings include, strings exclude = {}) {
  glob_query query{neutral_path::parse(folder).value(), std::move(include), std::move(exclude)};
  return r.get<paths_value>(glob_key(query)).paths;
}

} // namespace

TEST_CASE("a file's content is read once per change") {
  rig r;
  r.world.write("a", "1");
  auto a = r.get<file_value>(file_key("a"));
  CHECK(a.type == file_type::regular);
  CHECK(a.content == digest_of("1"));
  r.get<file_value>(file_key("a"));
  CHECK(r.world.contents_read == 0);
  r.world.touch("a");
  r.get<file_value>(file_key("a"));
  CHECK(r.engine.computed.empty());
  CHECK(r.world.contents_read == 1);
  r.world.write("a", "1", true); // executable now
  CHECK(r.get<file_value>(file_key("a")).executable);
  CHECK(r.engine.computed == strings{"file:a"});
  r.world.remove("a");
  CHECK(r.get<file_value>(file_key("a")).type == file_type::missing);
  CHECK_FALSE(r.engine.build(file_key("a/../b")));
  CHECK_FALSE(r.engine.build(file_key("x//a")));
}

TEST_CASE("a folder's names are its value") {
  rig r;
  CHECK_FALSE(r.get<directory_value>(directory_key("d")).exists);
  r.world.write("d/x", "");
  r.world.write("d/sub/y", "");
  auto d = r.get<directory_value>(directory_key("d"));
  REQUIRE(d.entries.size() == 2);
  CHECK(d.entries[0].name == "sub");
  CHECK(d.entries[0].type == file_type::folder);
  r.world.write("d/x", "other content");
  r.get<directory_value>(directory_key("d"));
  CHECK(r.engine.computed.empty());
}

TEST_CASE("globs stop at packages and workspaces, and look only where they must") {
  rig r;
  for (auto path :
       {"p/BUILD.ts", "p/a.c", "p/src/b.c", "p/src/x/c.c", "p/inner/BUILD.ts", "p/inner/d.c",
        "p/other/zako.toml", "p/other/e.c", "p/.hidden/f.c", "p/zako-out/g.c", "p/docs/h.md"})
    r.world.write(path, "");
  CHECK(glob_of(r, "p", {"**/*.c"}) == strings{"a.c", "src/b.c", "src/x/c.c"});
  CHECK(glob_of(r, "p", {"**/*.c"}, {"src/**"}) == strings{"a.c"});
  CHECK_FALSE(r.engine.did_compute("directory:p/src"));
  CHECK(glob_of(r, "p", {"src/*.c"}) == strings{"src/b.c"});
  CHECK(glob_of(r, "p", {".hidden/*.c"}) == strings{".hidden/f.c"});
  CHECK(glob_of(r, "p", {"*.none"}).empty());
  CHECK(glob_of(r, "absent", {"**"}).empty());
  fake_world empty;
  test_engine fresh(empty);
  CHECK(r.get<paths_value>(packages_key({})).paths == strings{"p", "p/inner"});
}

TEST_CASE("environment, search and probes are looked at again, and run again only when they must") {
  rig r;
  r.world.environment["X"] = "1";
  CHECK(r.get<environment_value>(environment_key("X")).text == "1");
  r.world.environment["X"] = "2";
  CHECK(r.get<environment_value>(environment_key("X")).text == "2");
  CHECK_FALSE(r.get<environment_value>(environment_key("Y")).text);

  CHECK(r.get<which_value>(which_key("cc")).path == "/bin/cc");
  r.world.write("/opt/cc", "", true);
  r.world.environment["PATH"] = "/opt";
  CHECK(r.get<which_value>(which_key("cc")).path == "/opt/cc");
  r.world.remove("/opt/cc");
  CHECK_FALSE(r.get<which_value>(which_key("cc")).path);

  r.world.programs["/bin/cc"] = [](auto& what, auto&, auto& out) { out.text = what.argv.at(1); };
  auto probe = probe_key({"/bin/cc", "--version"});
  CHECK(r.get<probe_value>(probe).text == "--version");
  r.get<probe_value>(probe);
  CHECK(r.world.ran.empty());
  r.world.write("/bin/cc", "new", true);
  r.get<probe_value>(probe);
  CHECK(r.world.ran.size() == 1);
  CHECK(r.engine.build(probe_key({"/bin/absent"})).error().code == errc::tool_missing);
  CHECK(r.engine.build(probe_key({"cc"})).error().code == errc::invalid_argument);
}

TEST_CASE("a manifest declares options, imports and dependencies") {
  std::string package = "[package]\nname = \"x\"\nversion = \"1\"\n";
  auto good = parse_manifest(
      package + "[options]\ndebug = false\nlevel = 2\nbackend = { default = \"gl\", values = "
                "[\"gl\", \"vk\"], description = \"d\" }\n[imports]\n\"#lib/\" = \"./lib/\"\nwords "
                "= \"./words.json\"\n[dependencies]\nstrings = { path = \"../strings\" }\n");
  REQUIRE(good);
  CHECK(good->options.at("debug") == option_declaration{false, {}, ""});
  CHECK(good->options.at("level").fallback == data(2.0));
  CHECK(good->options.at("backend") == option_declaration{"gl", {"gl", "vk"}, "d"});
  CHECK(good->imports.at("#lib/") == "./lib/");
  CHECK(good->dependencies.at("strings") == "../strings");
  CHECK(manifest_data(*good).to_json() ==
        R"({"name":"x","version":"1","description":"","license":"","options":{)"
        R"("backend":{"default":"gl","values":["gl","vk"],"description":"d"},)"
        R"("debug":{"default":false,"values":[],"description":""},)"
        R"("level":{"default":2,"values":[],"description":""}},)"
        R"("dependencies":{"strings":{"path":"../strings"}}})");
  for (auto [text, says] : {
           std::pair{"[options]\n\"a b\" = 1", "'a b' is no name for an option"},
           {"[options]\nx = {}", "the option x has no default"},
           {"[options]\nx = [1]", "must be a text, a number, true or false"},
           {"[options]\nx = { default = 1, vaules = [] }", "the key of an option 'vaules'"},
           {"[options]\nx = { default = 1, values = [\"a\"] }", "must be a list of texts"},
           {"[options]\nx = { default = \"b\", values = [\"a\"] }", "is not one of its values"},
           {"[imports]\n\"./x\" = \"./x.ts\"", "'./x' is no name for imports"},
           {"[imports]\n\"zako:x\" = \"./x.ts\"", "'zako:x' is no name for imports"},
           {"[imports]\nx = \"x.ts\"", "must lead to a path of this package"},
           {"[imports]\nx = \"./../x.ts\"", "must lead to a path of this package"},
           {"[imports]\nx = 1", "must lead to a path of this package"},
           {"[imports]\n\"x/\" = \"./x\"", "must both end in '/'"},
           {"[imports]\nx = \"./x.js\"", "is not a .ts or .json file"},
           {"[dependencies]\nx = \"libs/x\"", "the dependency x must be a table"},
           {"[dependencies]\nx = { path = \"/x\" }", "must have the path of a folder"},
           {"[dependencies]\nx = { git = \"x\" }", "the key of a dependency 'git' is not known"},
           {"[dependencies]\n\"@x/y\" = { path = \"x\" }", "is no name for a dependency"},
       }) {
    CAPTURE(text);
    auto bad = parse_manifest(package + text, "libs/x/zako.toml");
    REQUIRE_FALSE(bad);
    CHECK_THAT(bad.error().message, Catch::Contains(says));
    CHECK(bad.error().position->file == "libs/x/zako.toml");
    CHECK(bad.error().position->line == 5);
    CHECK_FALSE(bad.error().frame.empty());
  }
}

TEST_CASE("a manifest is read, and its mistakes are shown") {
  auto good = parse_manifest("[package]\nname = \"x\"\nversion = \"1.2\"\nlicense = \"MIT\"\n");
  REQUIRE(good);
  CHECK(good->name == "x");
  CHECK(good->license == "MIT");
  struct row {
    const char* text;
    const char* says;
    std::uint32_t line;
    std::uint32_t column;
    const char* remedy;
  };
  for (auto& [text, says, line, column, remedy] :
       {row{"[package]\nname = \"x\"\nversoin = \"1\"\n",
            "the [package] key 'versoin' is not known", 3, 1, "did you mean 'version'?"},
        row{"[pakage]\n", "the table or key 'pakage' is not known", 1, 2,
            "did you mean 'package'?"},
        row{"[package]\nname = 1\n", "name must be a string", 2, 8, "in quotes"},
        row{"[package]\nname = \"x\"\n", "[package] has no version", 1, 1, "version = \"0.1.0\""},
        row{"[package]\nname = \"\"\nversion = \"1\"\n", "name is empty", 2, 8, ""},
        row{"", "zako.toml has no [package] table", 1, 1, "[package]"},
        row{"[package\n", "zako.toml is not TOML", 1, 9, ""}}) {
    auto bad = parse_manifest(text);
    REQUIRE_FALSE(bad);
    auto& e = bad.error();
    INFO(to_text(e));
    CHECK(e.code == errc::invalid_manifest);
    CHECK(e.message.find(says) != std::string::npos);
    CHECK(e.position->line == line);
    CHECK(e.position->column == column);
    CHECK(e.remedy.find(remedy) != std::string::npos);
    if (*text)
      CHECK_FALSE(e.frame.empty());
  }
  rig r;
  auto missing = r.engine.build(manifest_key());
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == errc::invalid_manifest);
  CHECK(missing.error().remedy.find("[package]") != std::string::npos);
}
