// `zako types`, and that builds keep what it writes as it should be. What TypeScript makes of it:
// test/scripting/types.
#include "workspace.hpp"

using namespace e2e;
using Catch::Contains;

namespace {

constexpr const char* stamp = ".zako/types/stamp";
constexpr const char* declaration = ".zako/types/rules/cc.d.ts";

/// When each file of the folder was last written.
std::map<std::string, fs::file_time_type> times(const workspace& w) {
  std::map<std::string, fs::file_time_type> out;
  for (auto& entry : fs::recursive_directory_iterator(w.root() / ".zako/types"))
    out[entry.path().string()] = entry.last_write_time();
  return out;
}

TEST_CASE("a build writes the types once") {
  hello_workspace w;
  w.build();
  CHECK_THAT(w.read(declaration), Contains("declare module \"zako:rules/cc\""));
  CHECK_THAT(w.read(".zako/types/tsconfig.build.json"), Contains("../../**/BUILD.ts"));
  CHECK_FALSE(w.exists("tsconfig.json")); // only who asks for it gets one
  auto before = times(w);
  w.edit("greet.c", "Hello", "Hallo");
  w.build();
  CHECK(times(w) == before);
}

TEST_CASE("types of another Zako are written anew, also by a build that fails") {
  hello_workspace w;
  w.build();
  auto right = w.read(declaration);
  w.write(declaration, "older\n");
  w.build();
  CHECK(w.read(declaration) == "older\n"); // the stamp says that all is right: no file is read
  w.write(stamp, "another\n");
  w.edit("BUILD.ts", "export", "export export");
  w.build_fails();
  CHECK(w.read(declaration) == right);
  CHECK(w.read(stamp) != "another\n");
}

TEST_CASE("a changed manifest changes what editors know of names") {
  hello_workspace w;
  w.build();
  auto manifest = w.read("zako.toml");
  w.write("zako.toml", manifest + "[imports]\n\"#lib/\" = \"./lib/\"\n\"#\" = \"./one.ts\"\n"
                                  "[dependencies]\nstrings = { path = \"../far\" }\n");
  w.zako({"build"});
  auto config = w.read(".zako/types/tsconfig.json");
  CHECK_THAT(config, Contains("\"#lib/*\"") && Contains("\"../../lib/*\""));
  CHECK_THAT(config, Contains("\"../../one.ts\"") && Contains("\"../../../far/*\""));
  w.write("zako.toml", manifest);
  w.build();
  CHECK_THAT(w.read(".zako/types/tsconfig.json"), !Contains("#lib"));
}

TEST_CASE("types that cannot be written do not disturb a build") {
  hello_workspace w;
  w.write(".zako/types", "no folder\n");
  auto done = w.zako({"build"});
  CHECK(done.code == 0);
  CHECK(done.err.empty());
  CHECK(w.read(".zako/types") == "no folder\n");
  done = w.zako({"types"});
  CHECK(done.code == 1);
  CHECK_THAT(done.err, Contains("error: ") && Contains(".zako/types"));
}

TEST_CASE("zako types gives the workspace a tsconfig.json, and leaves one that is there") {
  workspace w;
  auto done = w.zako({"types"});
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Contains("wrote tsconfig.json"));
  CHECK_THAT(w.read("tsconfig.json"), Contains("./.zako/types/tsconfig.json"));
  CHECK(w.exists(declaration));
  done = w.zako({"types"});
  CHECK(done.code == 0);
  CHECK(done.all().empty());
  w.write("tsconfig.json", "{}\n");
  done = w.zako({"types"});
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Contains("left as it is") && Contains("extends"));
  CHECK(w.read("tsconfig.json") == "{}\n");
}

TEST_CASE("zako types repairs what a build does not look at, and clean removes all") {
  hello_workspace w;
  w.build();
  auto right = w.read(declaration);
  w.remove(declaration);
  CHECK(w.zako({"types"}).code == 0);
  CHECK(w.read(declaration) == right);
  CHECK(w.zako({"clean"}).code == 0);
  CHECK_FALSE(w.exists(".zako/types"));
}

TEST_CASE("libraries are in the gates of those who import them") {
  hello_workspace w;
  w.write("flags.ts", "import { glob } from 'zako:build';\nexport const flags = glob('x');\n");
  w.write("web/tsconfig.json", "{}");
  w.write("web/page.ts", "import 'zako:core';\n");
  w.write("BUILD.ts", "import { flags } from './flags.ts';\n" + w.read("BUILD.ts"));
  fs::create_directory_symlink("..", w.root() / "web/ring");
  fs::create_directory_symlink(".", w.root() / "ring");
  CHECK(w.zako({"types"}).code == 0);
  CHECK_THAT(w.read(".zako/types/tsconfig.build.json"), Contains("\"../../flags.ts\""));
  CHECK_THAT(w.read(".zako/types/tsconfig.library.json"), !Contains("flags.ts"));
  CHECK_THAT(w.read(".zako/types/tsconfig.library.json"), !Contains("page.ts"));
  CHECK_THAT(w.read(".zako/types/tsconfig.json"), Contains("\"../../web\""));
}

} // namespace
