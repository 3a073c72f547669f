// Finding the workspace, and patterns as seen from the user's folder.
#include <catch2/catch.hpp>

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "apps/zako/workspace.hpp"

namespace {

namespace fs = std::filesystem;
using namespace zako;

struct temporary_folder {
  fs::path path;
  temporary_folder() {
    auto text = (fs::temp_directory_path() / "zako-apps-XXXXXX").string();
    REQUIRE(mkdtemp(text.data()));
    path = fs::canonical(text);
  }
  ~temporary_folder() { fs::remove_all(path); }
};

TEST_CASE("the workspace is the nearest folder with a zako.toml") {
  temporary_folder tmp;
  fs::create_directories(tmp.path / "w/a/b");
  std::ofstream(tmp.path / "w/zako.toml");
  auto found = find_workspace((tmp.path / "w/a/b").string());
  REQUIRE(found);
  CHECK(found->workspace == (tmp.path / "w").string());
  CHECK(found->here.str() == "a/b");
  found = find_workspace((tmp.path / "w").string());
  REQUIRE(found);
  CHECK(found->here.empty());

  fs::create_directory_symlink(tmp.path / "w/a", tmp.path / "link");
  found = find_workspace((tmp.path / "link/b").string());
  REQUIRE(found);
  CHECK(found->here.str() == "a/b");

  std::ofstream(tmp.path / "w/a/zako.toml");
  found = find_workspace((tmp.path / "w/a/b").string());
  REQUIRE(found);
  CHECK(found->here.str() == "b");
}

TEST_CASE("no workspace and no folder are errors that say what to do") {
  temporary_folder tmp;
  auto none = find_workspace(tmp.path.string());
  REQUIRE_FALSE(none);
  CHECK_THAT(none.error().message, Catch::Contains("zako.toml"));
  CHECK_FALSE(none.error().remedy.empty());
  CHECK_FALSE(find_workspace((tmp.path / "missing").string()));
}

TEST_CASE("patterns are absolute after they were read") {
  auto here = neutral_path::parse("app");
  REQUIRE(here);
  CHECK(absolute_patterns({}, *here).value() == std::vector<std::string>{"//app/..."});
  CHECK(absolute_patterns({}, {}).value() == std::vector<std::string>{"//..."});
  CHECK(absolute_patterns({"x", "//y", ":all"}, *here).value() ==
        std::vector<std::string>{"//app:x", "//y:y", "//app:all"});
  CHECK_FALSE(absolute_patterns({"a b"}, *here));
}

} // namespace
