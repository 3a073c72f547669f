// The command line's grammar: what is asked for, and how mistakes are answered.
#include <catch2/catch.hpp>

#include "apps/zako/arguments.hpp"

namespace {

using namespace zako;
using words = std::vector<std::string>;

request asked(const words& arguments) {
  auto parsed = parse_arguments(arguments);
  if (auto* text = std::get_if<answer>(&parsed))
    FAIL("not a request: " << text->text);
  return std::get<request>(parsed);
}

answer answered(const words& arguments) {
  auto parsed = parse_arguments(arguments);
  REQUIRE(std::holds_alternative<answer>(parsed));
  return std::get<answer>(parsed);
}

TEST_CASE("a build takes patterns and options in any order") {
  auto x = asked({"-C", "there", "build", "//a:b", "-k", "c", "-j", "3", "-v"});
  CHECK(x.what == command_name::build);
  CHECK(x.patterns == words{"//a:b", "c"});
  CHECK(x.folder == "there");
  CHECK(x.jobs == 3);
  CHECK(x.keep_going);
  CHECK(x.detail == verbosity::verbose);
  CHECK(asked({"build", "-C", "there"}).folder == "there");
  CHECK(asked({"build", "-j4"}).jobs == 4);
}

TEST_CASE("make is another name of build, and patterns may be missing") {
  auto x = asked({"make"});
  CHECK(x.what == command_name::build);
  CHECK(x.patterns.empty());
  CHECK(x.jobs == 0);
  CHECK_FALSE(x.keep_going);
  CHECK(x.detail == verbosity::normal);
}

TEST_CASE("settings may be given again and again, between other words") {
  auto x = asked({"build", "--set", "resources.cpu=2", "//a:b", "--set=gc.idle=5s"});
  CHECK(x.settings == words{"resources.cpu=2", "gc.idle=5s"});
  CHECK(x.patterns == words{"//a:b"});
  CHECK(asked({"test", "--set", "a=b"}).settings == words{"a=b"});
  CHECK(asked({"run", "--set", "a=b", "c"}).settings == words{"a=b"});
  auto info = asked({"info", "--resources", "--set", "a=b"});
  CHECK((info.resources && info.settings == words{"a=b"}));
  CHECK_FALSE(asked({"info"}).resources);
}

TEST_CASE("what follows -- belongs to the program that runs") {
  auto x = asked({"run", "-q", "//a:b", "--", "-v", "--", "x y"});
  CHECK(x.what == command_name::run);
  CHECK(x.patterns == words{"//a:b"});
  CHECK(x.arguments == words{"-v", "--", "x y"});
  CHECK(x.detail == verbosity::quiet);
  CHECK(asked({"build", "--", "-odd"}).patterns == words{"-odd"});
}

TEST_CASE("the other commands are known") {
  CHECK(asked({"test", "//..."}).what == command_name::test);
  CHECK(asked({"clean"}).what == command_name::clean);
  CHECK(asked({"info"}).what == command_name::info);
  CHECK(asked({"verify"}).what == command_name::verify);
  CHECK(asked({"types"}).what == command_name::types);
  CHECK(asked({"dump", "file:", "x"}).what == command_name::dump);
  CHECK(asked({"dump", "file:", "x"}).patterns == std::vector<std::string>{"file:", "x"});
  CHECK(asked({"gc"}).what == command_name::gc);
  CHECK_FALSE(asked({"gc"}).most_age_s);
  CHECK(asked({"gc", "--max-age", "30d"}).most_age_s == 30u * 24 * 60 * 60);
  CHECK(asked({"gc", "--max-age", "90m"}).most_age_s == 90u * 60);
  CHECK(asked({"gc", "--max-size", "10G"}).most_bytes == std::uint64_t{10} << 30);
  CHECK(asked({"gc", "--max-size", "512"}).most_bytes == 512u);
}

TEST_CASE("options are given one by one") {
  auto x = asked({"build", "--option", "a=1", "--option", "b=2", "//x"});
  CHECK(x.options == words{"a=1", "b=2"});
  CHECK(x.patterns == words{"//x"});
  CHECK(asked({"test", "--option=a=b=c"}).options == words{"a=b=c"});
  CHECK(asked({"run", "x", "--option", "a=1"}).options == words{"a=1"});
}

TEST_CASE("transpile takes files and says what is to become of them") {
  auto x = asked({"transpile", "a.ts", "--map", "-o", "out", "b.tsx", "--jsx", "preserve"});
  CHECK(x.what == command_name::transpile);
  CHECK(x.transpile.files == words{"a.ts", "b.tsx"});
  CHECK(x.transpile.out_folder == "out");
  CHECK((x.transpile.map && x.transpile.preserve_jsx));
  CHECK_FALSE((x.transpile.check || x.transpile.tsx || x.transpile.for_engine));
  CHECK(asked({"transpile", "-"}).transpile.files == words{"-"});
  CHECK(asked({"transpile", "--tsx", "-"}).transpile.tsx);
  CHECK(asked({"transpile", "--", "-odd.ts"}).transpile.files == words{"-odd.ts"});
  CHECK(asked({"transpile", "--target=engine", "a.ts"}).transpile.for_engine);
  CHECK(asked({"transpile", "--check", "a.ts", "b.ts"}).transpile.files.size() == 2);
  CHECK(answered({"transpile", "a.ts", "b.ts"}).exit_code == 2);
  CHECK(answered({"transpile", "-", "-", "--check"}).exit_code == 2);
}

TEST_CASE("eval takes a file or an expression, and what kind of script it is") {
  auto x = asked({"eval", "a.ts", "--as", "build", "--set", "script.time=5s"});
  CHECK(x.what == command_name::eval);
  CHECK(x.eval.file == "a.ts");
  CHECK(x.eval.as == "build");
  CHECK(x.settings == words{"script.time=5s"});
  CHECK_FALSE(x.eval.expression);
  CHECK(asked({"eval", "-"}).eval.file == "-");
  CHECK(asked({"eval", "-e", "-1"}).eval.expression == "-1");
  CHECK(asked({"eval", "--", "-odd.ts"}).eval.file == "-odd.ts");
  CHECK(asked({"repl", "--as", "toolchain"}).eval.as == "toolchain");
  CHECK(asked({"export-builtin"}).module.empty());
  auto shown = asked({"export-builtin", "zako:rule", "--javascript"});
  CHECK((shown.what == command_name::export_builtin && shown.module == "zako:rule"));
  CHECK(shown.javascript);
}

TEST_CASE("wrong command lines are answered with the mistake, help, and exit code 2") {
  struct wrong {
    words arguments;
    std::string part;
  };
  auto [arguments, part] = GENERATE(values<wrong>({
      {{"biuld"}, "there is no command 'biuld'\n  help: did you mean 'build'?"},
      {{"xyzzy"}, "see 'zako --help'"},
      {{"build", "--fast"}, "--fast"},
      {{"build", "-j", "0"}, "-j"},
      {{"build", "-j", "many"}, "many"},
      {{"build", "-q", "-v"}, "excludes"},
      {{"build", "-C"}, "see 'zako build --help'"},
      {{"run"}, "LABEL"},
      {{"run", "a", "b"}, "arguments of the program follow '--'"},
      {{"clean", "x"}, "see 'zako clean --help'"},
      {{"clean", "--", "x"}, "takes no 'x'"},
      {{"gc", "--max-age", "30"}, "unit"},
      {{"gc", "--max-age", "-1d"}, "see 'zako gc --help'"},
      {{"gc", "--max-size", "10X"}, "see 'zako gc --help'"},
      {{"verify", "x"}, "see 'zako verify --help'"},
      {{"eval"}, "takes one file, or -e"},
      {{"eval", "a.ts", "-e", "1"}, "takes one file, or -e"},
      {{"eval", "a.ts", "--", "b.ts"}, "takes one file, or -e"},
      {{"eval", "--as", "bild", "a.ts"}, "bild"},
      {{"repl", "x"}, "see 'zako repl --help'"},
      {{"repl", "--", "x"}, "takes no 'x'"},
      {{}, "zako build //app:hello"},
  }));
  auto text = answered(arguments);
  CHECK(text.exit_code == 2);
  CHECK_THAT(text.text, Catch::Contains(part));
}

TEST_CASE("every help says what the command does, with examples") {
  for (auto* command : {"build", "run", "test", "clean", "info", "gc", "verify", "dump", "eval",
                        "repl", "export-builtin"}) {
    auto text = answered({command, "--help"});
    CHECK(text.exit_code == 0);
    CHECK_THAT(text.text, Catch::Contains("Examples:"));
    CHECK_THAT(text.text, Catch::Contains("-C DIR"));
  }
  auto all = answered({"--help"});
  CHECK(all.exit_code == 0);
  CHECK_THAT(all.text, Catch::Contains("Exit codes:") && Catch::Contains("//app/..."));
}

TEST_CASE("the version is one line") {
  auto text = answered({"--version"});
  CHECK(text.exit_code == 0);
  CHECK_THAT(text.text, Catch::Matches("zako [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

} // namespace
