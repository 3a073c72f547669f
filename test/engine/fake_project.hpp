// A small C project in the fake world: a library and a program, with a rule, a toolchain and a
// test.
#pragma once

#include "engine/keys.hpp"
#include "engine/values.hpp"
#include "test/engine/fake_world.hpp"
#include "test/engine/test_engine.hpp"

namespace zako::test {

/// One target of a fake build file, for `declared`; `function`: of its rule.
data target(std::string name, data attrs, std::string function = "binary", std::uint32_t line = 1);
/// What a build file gives that declares these targets.
data declared(std::vector<data> targets);
/// A fake build file that declares these targets.
script_body declares(std::vector<data> targets);

data file(std::string path);
data target_label(std::string text);

/// Files: zako.toml, BUILD.ts, lib/BUILD.ts (//lib:greet from lib/greet.c with lib/greet.h), main.c
/// (//:hello, which includes lib/greet.h). Rule: "zako:rules/cc#binary" { srcs, deps, flags }, one
/// object per source, all linked into one program that is also the test. Toolchain: cc.
struct project {
  fake_world world;
  test_engine engine{world};

  project();
  /// Declares the targets of the root's build file again, with these flags for //:hello.
  void declare(std::vector<std::string> flags);
  outcome build(std::vector<std::string> patterns = {"//..."});
};

} // namespace zako::test
