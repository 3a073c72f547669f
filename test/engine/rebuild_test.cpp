// What is built again, and what is not: clean, null, and every kind of edit.
#include <catch2/catch.hpp>

#include "test/engine/fake_project.hpp"

using namespace zako;
using namespace zako::test;
using strings = std::vector<std::string>;

TEST_CASE("a clean build runs every action, in order of need") {
  project p;
  auto built = p.build();
  REQUIRE(built);
  auto what = *built->as<build_value>();
  REQUIRE(what->targets.size() == 2);
  CHECK(what->targets[0].label == "//:hello");
  CHECK(what->targets[0].files == strings{"zako-out/hello"});
  CHECK(what->targets[0].executable == "zako-out/hello");
  CHECK(p.world.ran.size() == 5); // the probe, two CC, two LD
  CHECK(p.world.text("zako-out/hello").find("greet\n") != std::string::npos);
  CHECK(p.world.exists("zako-out/lib/greet"));
}

TEST_CASE("only what is asked for is built") {
  project p;
  REQUIRE(p.build({"//lib:greet"}));
  CHECK_FALSE(p.world.exists("zako-out/hello"));
  REQUIRE(p.build({"//:hello"}));
  CHECK(p.world.ran == strings{"CC main.c", "LD hello"});
}

TEST_CASE("what can be built is built beside a package that cannot be evaluated") {
  project p;
  auto good = p.world.scripts["BUILD.ts"];
  p.world.scripts["BUILD.ts"] = [](auto&, auto&) -> result<script_step> {
    return fail(errc::script, "no build file today");
  };
  auto kept_going = [&] { return p.engine.build(salvage_key({"//..."})); };
  auto failed = kept_going();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "no build file today");
  CHECK(p.world.exists("zako-out/lib/greet"));
  p.world.ran.clear();
  p.world.write("BUILD.ts", "repaired\n");
  p.world.scripts["BUILD.ts"] = good;
  REQUIRE(kept_going());
  CHECK(p.world.ran == strings{"CC main.c", "LD hello"});
}

TEST_CASE("a null build computes nothing and reads nothing") {
  project p;
  REQUIRE(p.build());
  SECTION("in the same process") {}
  SECTION("in another process") {
    p.engine.restart();
  }
  REQUIRE(p.build());
  CHECK(p.engine.computed.empty());
  CHECK(p.world.ran.empty());
  CHECK(p.world.scripts_run.empty());
  CHECK(p.world.contents_read == 0);
}

TEST_CASE("touched files are read again, and that is all") {
  project p;
  REQUIRE(p.build());
  for (auto path : {"main.c", "lib/greet.h", "BUILD.ts", "zako.toml", "/bin/cc"})
    p.world.touch(path);
  REQUIRE(p.build());
  CHECK(p.engine.computed.empty());
  CHECK(p.world.contents_read == 5);
  REQUIRE(p.build());
  CHECK(p.world.contents_read == 0); // the new fingerprints were kept
}

TEST_CASE("an edited source runs its compiler and the links that change") {
  project p;
  REQUIRE(p.build());
  p.world.write("main.c", "#include \"lib/greet.h\"\nmain 2\n");
  REQUIRE(p.build());
  CHECK(p.world.ran == strings{"CC main.c", "LD hello"});
  p.world.write("lib/greet.c", "#include \"lib/greet.h\"\ngreet 2\n");
  p.engine.restart();
  REQUIRE(p.build());
  CHECK(p.world.ran.size() == 3);
  CHECK(p.world.scripts_run.empty());
}

TEST_CASE("a header found through a dependency file is an input") {
  project p;
  REQUIRE(p.build());
  p.world.write("lib/greet.h", "#define GREET 2\n");
  REQUIRE(p.build());
  CHECK(p.world.ran.size() == 4);
  p.world.write("lib/greet.c", "greet\n"); // does not include it any more
  REQUIRE(p.build());
  p.world.write("lib/greet.h", "#define GREET 3\n");
  REQUIRE(p.build());
  CHECK(p.world.ran == strings{"CC main.c", "LD hello"});
}

TEST_CASE("an edited comment ends at the object that is the same") {
  project p;
  REQUIRE(p.build());
  p.world.write("main.c", "#include \"lib/greet.h\"\n// words\nmain\n");
  REQUIRE(p.build());
  CHECK(p.world.ran == strings{"CC main.c"});
  CHECK_FALSE(p.engine.did_compute("action://:hello hello"));
  CHECK_FALSE(p.engine.did_compute("build://..."));
}

TEST_CASE("a BUILD.ts edit that changes nothing ends at the build file") {
  project p;
  REQUIRE(p.build());
  p.world.write("BUILD.ts", "// words\nimport \"zako:rules/cc\"\n");
  auto moved = target("hello",
                      data::object{{"srcs", data::array{file("main.c")}},
                                   {"deps", data::array{target_label("//lib:greet")}},
                                   {"flags", data::array()}},
                      "binary", 2);
  p.world.scripts["BUILD.ts"] = declares({moved});
  REQUIRE(p.build());
  CHECK(p.world.scripts_run == strings{"BUILD.ts"});
  CHECK_FALSE(p.engine.did_compute("label://:hello"));
  CHECK_FALSE(p.engine.did_compute("target://:hello"));
  CHECK(p.world.ran.empty());
}

TEST_CASE("a changed flag runs the target's actions whose command differs") {
  project p;
  REQUIRE(p.build());
  p.world.write("BUILD.ts", "import \"zako:rules/cc\" // -O2\n");
  p.declare({"-O2"});
  REQUIRE(p.build());
  CHECK(p.world.ran == strings{"CC main.c", "LD hello"});
  CHECK(p.world.scripts_run == strings{"BUILD.ts", "zako:rules/cc#binary"});
}

TEST_CASE("a new version of the compiler runs what it compiles") {
  project p;
  REQUIRE(p.build());
  p.world.write("/bin/cc", "another compiler", true);
  REQUIRE(p.build());
  CHECK(p.world.ran.size() == 3); // the probe and two CC; the objects are the same
}

TEST_CASE("lost and spoilt outputs are put back without running anything") {
  project p;
  REQUIRE(p.build());
  auto good = p.world.text("zako-out/hello");
  p.world.remove("zako-out/hello");
  p.world.write("zako-out/hello.d/main.c.o", "spoilt");
  SECTION("in the same process") {}
  SECTION("in another process") {
    p.engine.restart();
  }
  REQUIRE(p.build());
  CHECK(p.world.ran.empty());
  CHECK(p.world.text("zako-out/hello") == good);
  CHECK(p.world.text("zako-out/hello.d/main.c.o") != "spoilt");
}

TEST_CASE("a failed edit that is taken back costs nothing") {
  project p;
  REQUIRE(p.build());
  auto before = p.world.text("main.c");
  p.world.write("main.c", "error\n");
  auto failed = p.build();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == errc::action_failed);
  p.world.write("main.c", before);
  REQUIRE(p.build());
  CHECK(p.world.ran.empty());
  p.world.remove("main.c");
  REQUIRE_FALSE(p.build());
  p.engine.restart();
  p.world.write("main.c", before);
  REQUIRE(p.build());
  CHECK(p.world.ran.empty());
}

TEST_CASE("an input that changes while its action runs is named, and the result not kept") {
  project p;
  REQUIRE(p.build());
  p.world.write("main.c", "main 2\n");
  p.world.on_run = [&](auto& what) {
    if (what.argv[1] == "main.c")
      p.world.write("main.c", "main 3\n");
  };
  auto failed = p.build();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == errc::io);
  CHECK(failed.error().message == "'main.c' changed while CC main.c ran");
  p.world.on_run = nullptr;
  REQUIRE(p.build());
  CHECK(p.world.text("zako-out/hello").find("main 3") != std::string::npos);
}

TEST_CASE("globs notice files that come and go") {
  project p;
  data::array found;
  p.world.write("src/a.c", "a\n");
  p.world.scripts["BUILD.ts"] = [](auto&, auto& replies) -> result<script_step> {
    if (replies.empty())
      return script_asks("glob", data(data::object{{"include", data::array{"src/**/*.c"}}}));
    data::array sources;
    for (auto& path : *replies[0].reply.value.as_array())
      sources.push_back(file(*path.as_string()));
    return script_end(declared({target("all_files", data::object{{"srcs", sources}})}));
  };
  REQUIRE(p.build({"//:all_files"}));
  p.world.write("src/deep/b.c", "b\n");
  p.world.write("src/notes.txt", "not asked for\n");
  REQUIRE(p.build({"//:all_files"}));
  CHECK(p.world.ran == strings{"CC src/deep/b.c", "LD all_files"});
  p.world.write("src/more.txt", "not asked for\n");
  REQUIRE(p.build({"//:all_files"}));
  CHECK(p.world.scripts_run.empty());
  p.world.remove("src/a.c");
  REQUIRE(p.build({"//:all_files"}));
  CHECK(p.world.ran == strings{"LD all_files"});
}
