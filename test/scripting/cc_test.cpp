// zako:rules/cc and the toolchains: from attributes to actions.
#include <catch2/catch.hpp>

#include "script_fixture.hpp"

using namespace zako;
using namespace zako::test;

namespace {

data toolchain(bool with_cxx = true) {
  return data(data::object{{"cc", data::array{"/usr/bin/cc"}},
                           {"cxx", with_cxx ? data(data::array{"/usr/bin/c++"}) : data()},
                           {"ar", data::array{"/usr/bin/ar"}},
                           {"env", data::object{{"PATH", "/usr/bin"}}}});
}

data path(std::string text) {
  return data(data::object{{"path", std::move(text)}});
}

/// Implements one target of the package "app".
result<data> implement(const std::string& rule, const std::string& name, data::object attrs,
                       data cc = toolchain(), std::string package = "app") {
  script_world world;
  data argument(data::object{{"label", "//" + package + ":" + name},
                             {"package", package},
                             {"name", name},
                             {"attrs", std::move(attrs)},
                             {"toolchains", data::object{{"cc", std::move(cc)}}}});
  auto module = rule == "generate" ? "zako:rules/gen" : "zako:rules/cc";
  return world.run(module, script_context::rule, rule, argument);
}

std::string words(const data& x) {
  std::string out;
  if (x.as_array())
    for (auto& word : *x.as_array())
      out += (out.empty() ? "" : " ") +
             (word.as_string() ? *word.as_string() : *word["path"].as_string());
  return out;
}

/// "TITLE: argv" of each action.
std::vector<std::string> actions(const result<data>& x) {
  std::vector<std::string> out;
  if (!x)
    return {to_text(x.error())};
  for (auto& action : *(*x)["actions"].as_array())
    out.push_back(*action["title"].as_string() + ": " + words(action["argv"]));
  return out;
}

/// A library as its dependents see it.
data as_dependency(const std::string& label, const result<data>& x) {
  REQUIRE(x);
  return data(data::object{{"label", label},
                           {"files", (*x)["files"]},
                           {"providers", (*x)["providers"]},
                           {"executable", (*x)["executable"]}});
}

} // namespace

TEST_CASE("a C library", "[cc]") {
  auto x = implement("ccLibrary", "lua",
                     {{"srcs", data::array{path("app/src/lapi.c"), path("app/src/lapi.h")}},
                      {"hdrs", data::array{path("app/src/lua.h")}},
                      {"includes", data::array{"src"}},
                      {"defines", data::array{"LUA_USE_LINUX"}},
                      {"localDefines", data::array{"X=1"}},
                      {"copts", data::array{"-O2"}}});
  CHECK(actions(x) ==
        std::vector<std::string>{"CC app/src/lapi.c: /usr/bin/cc -O2 -DLUA_USE_LINUX -DX=1 -iquote "
                                 "app -iquote . -Iapp/src -MD -MF "
                                 "zako-out/app/_objs/lua/src/lapi.d -c app/src/lapi.c -o "
                                 "zako-out/app/_objs/lua/src/lapi.o",
                                 "AR app/liblua.a: /usr/bin/ar rcsD zako-out/app/liblua.a "
                                 "zako-out/app/_objs/lua/src/lapi.o"});
  auto& compile = (*x)["actions"].as_array()->front();
  CHECK(words(compile["inputs"]) == "app/src/lapi.c"); // headers are found by the compiler
  CHECK(words(compile["outputs"]) ==
        "zako-out/app/_objs/lua/src/lapi.o zako-out/app/_objs/lua/src/lapi.d");
  CHECK(compile["depfile"].to_json() == "\"zako-out/app/_objs/lua/src/lapi.d\"");
  CHECK(compile["env"].to_json() == R"({"PATH":"/usr/bin"})");
  CHECK((*x)["files"].to_json() == R"([{"path":"zako-out/app/liblua.a","owner":"//app:lua"}])");
}

TEST_CASE("at the root of the workspace nothing is prefixed", "[cc]") {
  auto x = implement("ccBinary", "lua",
                     {{"srcs", data::array{path("src/lua.c")}}, {"linkopts", data::array{"-lm"}}},
                     toolchain(), "");
  CHECK(actions(x) ==
        std::vector<std::string>{
            "CC src/lua.c: /usr/bin/cc -iquote . -MD -MF zako-out/_objs/lua/src/lua.d -c src/lua.c "
            "-o "
            "zako-out/_objs/lua/src/lua.o",
            "LINK lua: /usr/bin/cc -o zako-out/lua zako-out/_objs/lua/src/lua.o -lm"});
  CHECK((*x)["executable"].to_json() == R"({"path":"zako-out/lua","owner":"//:lua"})");
}

TEST_CASE("what a library needs reaches the programs that use it", "[cc]") {
  auto low = implement("ccLibrary", "low",
                       {{"srcs", data::array{path("app/low.cpp")}},
                        {"linkopts", data::array{"-lpthread"}},
                        {"defines", data::array{"LOW"}},
                        {"includes", data::array{"."}}});
  auto low_dep = as_dependency("//app:low", low);
  auto left = as_dependency("//app:left", implement("ccLibrary", "left",
                                                    {{"srcs", data::array{path("app/left.c")}},
                                                     {"deps", data::array{low_dep}}}));
  auto right = as_dependency("//app:right", implement("ccLibrary", "right",
                                                      {{"srcs", data::array{path("app/right.c")}},
                                                       {"deps", data::array{low_dep}}}));
  auto x = implement(
      "ccBinary", "top",
      {{"srcs", data::array{path("app/main.c")}}, {"deps", data::array{left, low_dep, right}}});
  CHECK(actions(x) ==
        std::vector<std::string>{"CC app/main.c: /usr/bin/cc -DLOW -iquote app -iquote . -Iapp -MD "
                                 "-MF zako-out/app/_objs/top/main.d -c "
                                 "app/main.c -o zako-out/app/_objs/top/main.o",
                                 "LINK app/top: /usr/bin/c++ -o zako-out/app/top "
                                 "zako-out/app/_objs/top/main.o zako-out/app/libleft.a "
                                 "zako-out/app/libright.a zako-out/app/liblow.a -lpthread"});
  auto& link = (*x)["actions"].as_array()->back();
  CHECK(link["inputs"].as_array()->at(3).to_json() ==
        R"({"path":"zako-out/app/liblow.a","owner":"//app:low"})");
}

TEST_CASE("generated headers are made before anything is compiled", "[cc]") {
  data version(data::object{{"label", "//app:version"},
                            {"files", data::array{data::object{{"path", "zako-out/app/version.h"},
                                                               {"owner", "//app:version"}}}},
                            {"providers", data::object{}},
                            {"executable", nullptr}});
  auto lib = as_dependency(
      "//app:lib", implement("ccLibrary", "lib",
                             {{"hdrs", data::array{version}}, {"includes", data::array{"."}}}));
  CHECK(lib["files"].to_json() == "[]");
  auto x = implement("ccTest", "t",
                     {{"srcs", data::array{path("app/t.cc")}},
                      {"deps", data::array{lib}},
                      {"args", data::array{"-v"}}});
  CHECK(actions(x).front() ==
        "CXX app/t.cc: /usr/bin/c++ -iquote app -iquote . -iquote zako-out/app -iquote zako-out "
        "-Iapp -Izako-out/app "
        "-MD -MF zako-out/app/_objs/t/t.d -c app/t.cc -o zako-out/app/_objs/t/t.o");
  CHECK(words((*x)["actions"].as_array()->front()["inputs"]) == "zako-out/app/version.h app/t.cc");
  CHECK(
      (*x)["test"].to_json() ==
      R"({"argv":["zako-out/app/t","-v"],"env":{},"inputs":[{"path":"zako-out/app/t","owner":"//app:t"}],"timeout":300})");
}

TEST_CASE("sources that differ only in extension get objects of their own", "[cc]") {
  auto x = implement("ccLibrary", "l", {{"srcs", data::array{path("app/a.c"), path("app/a.cpp")}}});
  REQUIRE(actions(x).size() == 3);
  CHECK(actions(x)[2] == "AR app/libl.a: /usr/bin/ar rcsD zako-out/app/libl.a "
                         "zako-out/app/_objs/l/a.c.o zako-out/app/_objs/l/a.cpp.o");
}

TEST_CASE("C++ needs a C++ compiler", "[cc]") {
  auto e = failure(
      implement("ccBinary", "x", {{"srcs", data::array{path("app/a.cpp")}}}, toolchain(false)));
  CHECK(e.code == errc::tool_missing);
  CHECK(e.message.starts_with("//app:x needs a C++ compiler: $CXX is not set"));
}

TEST_CASE("a dependency must be a library", "[cc]") {
  data group(
      data::object{{"label", "//:g"}, {"files", data::array{}}, {"providers", data::object{}}});
  auto e = failure(implement("ccBinary", "x", {{"deps", data::array{group}}}));
  CHECK(e.code == errc::invalid_attribute);
  CHECK(e.message == "//app:x: '//:g' in deps is no C or C++ library");
}

TEST_CASE("a generator runs its tool", "[cc]") {
  data tool(data::object{
      {"label", "//app:tool"},
      {"files", data::array{}},
      {"providers", data::object{}},
      {"executable", data::object{{"path", "zako-out/app/tool"}, {"owner", "//app:tool"}}}});
  auto x = implement(
      "generate", "g",
      {{"tool",
        data::object{{"command", data::object{{"file", tool}}}, {"args", data::array{"-q"}}}},
       {"srcs", data::array{path("app/x.in")}},
       {"outs", data::array{"x.h", "x.c"}},
       {"args",
        data::array{
            data::object{{"parts", data::array{"--out=", data::object{{"output", "x.h"}}}}},
            data::object{{"parts", data::array{data::object{{"file", path("app/y.in")}}}}}}}});
  CHECK(actions(x) ==
        std::vector<std::string>{
            "GEN app/x.h app/x.c: zako-out/app/tool -q --out=zako-out/app/x.h app/y.in"});
  auto& action = (*x)["actions"].as_array()->front();
  CHECK(words(action["inputs"]) == "app/x.in zako-out/app/tool app/y.in");
  CHECK(words(action["outputs"]) == "zako-out/app/x.h zako-out/app/x.c");
}

TEST_CASE("the C toolchain of a machine", "[cc]") {
  script_world world;
  std::map<std::string, std::string> programs{{"gcc", "/usr/bin/gcc"},
                                              {"g++", "/usr/bin/g++"},
                                              {"ar", "/usr/bin/ar"},
                                              {"/opt/x/cc", "/opt/x/cc"}};
  std::map<std::string, std::string> variables;
  world.answer("which", [&](const data& x) -> result<data> {
    for (auto& name : *x["names"].as_array())
      if (auto i = programs.find(*name.as_string()); i != programs.end())
        return data(i->second);
    return data();
  });
  world.answer("env", [&](const data& x) -> result<data> {
    auto i = variables.find(*x["name"].as_string());
    return i == variables.end() ? data() : data(i->second);
  });
  world.answer("probe", [](const data& x) -> result<data> {
    return data(data::object{{"code", 0},
                             {"text", *x["argv"].as_array()->front().as_string() + " 12\nmore\n"}});
  });
  auto probe = [&] { return world.run("zako:toolchains/cc", script_context::toolchain); };
  SECTION("is found by name") {
    CHECK(json(probe()) == R"({"cc":["/usr/bin/gcc"],"cxx":["/usr/bin/g++"],"ar":["/usr/bin/ar"],)"
                           R"("versions":{"cc":"/usr/bin/gcc 12","cxx":"/usr/bin/g++ 12"},)"
                           R"("env":{"PATH":"/usr/bin:/usr/local/bin:/bin","LC_ALL":"C"}})");
  }
  SECTION("is named by variables") {
    variables = {{"CC", "/opt/x/cc -m32"}, {"CXX", "clang++"}};
    auto e = failure(probe());
    CHECK(e.code == errc::tool_missing);
    CHECK(e.message == "$CXX names 'clang++', which is not on the search path");
    variables.erase("CXX");
    auto x = probe();
    REQUIRE(x);
    CHECK((*x)["cc"].to_json() == R"(["/opt/x/cc","-m32"])");
  }
  SECTION("is missing") {
    programs.clear();
    auto e = failure(probe());
    CHECK(e.code == errc::tool_missing);
    CHECK(e.message ==
          "no C compiler: $CC is not set, and the search path has none of cc, gcc, clang");
    CHECK(e.remedy == "install a compiler (for example gcc or clang), or name one in $CC");
  }
}

TEST_CASE("the programs of a machine", "[cc]") {
  script_world world;
  world.answer("which", [](const data& x) -> result<data> {
    auto& name = *x["names"].as_array()->front().as_string();
    return name == "awk" ? data("/usr/bin/awk") : data();
  });
  auto x = world.run("zako:toolchains/host", script_context::toolchain);
  REQUIRE(x);
  CHECK((*x)["awk"].to_json() == "\"/usr/bin/awk\"");
  CHECK((*x)["sed"].is_null());
}
