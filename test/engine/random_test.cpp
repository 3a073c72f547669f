// Random edits: after each, an incremental build must equal a clean one of the same files. The seed
// of a failing sequence is in its message.
#include <random>

#include <catch2/catch.hpp>

#include "test/engine/fake_project.hpp"

using namespace zako;
using namespace zako::test;

namespace {

const std::vector<std::string> sources = {"main.c", "lib/greet.c"};
const std::vector<std::string> headers = {"lib/greet.h", "lib/deep.h", "top.h"};

/// The flags of //:hello stand in its build file, so that an edit of the text is an edit of the
/// target.
script_body flags_from(const fake_world& world) {
  return [&world](auto&, auto&) -> result<script_step> {
    auto& text = world.text("BUILD.ts");
    auto at = text.find("flag ");
    auto flags = at == std::string::npos ? data::array() : data::array{text.substr(at + 5, 1)};
    data attrs(data::object{{"srcs", data::array{file("main.c")}},
                            {"deps", data::array{target_label("//lib:greet")}},
                            {"flags", flags}});
    auto line = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
    return script_end(declared({target("hello", attrs, "binary", line)}));
  };
}

class editor {
public:
  editor(project& p, unsigned seed) : p_(p), random_(seed) {}

  unsigned number(unsigned below) { return static_cast<unsigned>(random_() % below); }

  void edit() {
    auto& world = p_.world;
    auto& path = any_file();
    switch (number(8)) {
    case 0:
      if (world.exists(path))
        world.touch(path);
      return;
    case 1:
      return world.remove(path);
    case 2:
      return world.write("BUILD.ts", std::string(number(3), '\n') +
                                         (number(2) ? "flag " + std::to_string(number(3)) : ""));
    case 3:
      return world.write("zako.toml", std::string(number(2) ? "# words\n" : "") +
                                          "[package]\nname = \"p\"\nversion = \"1\"\n");
    case 4:
      return world.remove(number(2) ? "zako-out/hello" : "zako-out/hello.d/main.c.o");
    case 5:
      if (world.exists("zako-out/hello"))
        world.write("zako-out/hello", "spoilt");
      return;
    case 6:
      return p_.engine.restart();
    default:
      return world.write(path, content());
    }
  }

private:
  const std::string& any_file() {
    auto n = number(5);
    return n < 2 ? sources[n] : headers[n - 2];
  }
  std::string content() {
    std::string out;
    for (auto& header : headers)
      if (number(3) == 0)
        out += "#include \"" + header + "\"\n";
    if (number(2))
      out += "// comment " + std::to_string(number(3)) + "\n";
    out += number(12) == 0 ? "error\n" : "text " + std::to_string(number(3)) + "\n";
    return out;
  }

  project& p_;
  std::mt19937 random_;
};

/// What a build left: its error, or the program that it made.
std::string summary(const outcome& built, const fake_world& world) {
  if (!built)
    return to_text(built.error());
  return world.text("zako-out/hello") + "--\n" + world.text("zako-out/lib/greet");
}

std::string clean_build(const fake_world& now) {
  auto world = now;
  for (auto path : {"zako-out/hello", "zako-out/lib/greet", "zako-out/hello.d/main.c.o",
                    "zako-out/lib/greet.d/lib/greet.c.o"})
    world.remove(path);
  test_engine engine(world);
  auto built = engine.build(build_key({"//..."}));
  return summary(built, world);
}

} // namespace

TEST_CASE("an incremental build equals a clean one") {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    project p;
    p.world.scripts["BUILD.ts"] = flags_from(p.world);
    editor random(p, seed);
    for (int step = 0; step < 12; ++step) {
      auto built = p.build();
      INFO("seed " << seed << ", step " << step);
      REQUIRE(summary(built, p.world) == clean_build(p.world));
      for (auto n = 1 + random.number(3); n > 0; --n)
        random.edit();
    }
  }
}
