// Texts: paths, globs, labels, patterns, keys, data, errors and suggestions.
#include <catch2/catch.hpp>

#include "engine/data.hpp"
#include "engine/depfile.hpp"
#include "engine/digest.hpp"
#include "engine/glob.hpp"
#include "engine/keys.hpp"
#include "engine/kind.hpp"
#include "engine/suggest.hpp"

using namespace zako;

namespace {

neutral_path path(std::string_view text) {
  return neutral_path::parse(text).value();
}

} // namespace

TEST_CASE("digests are BLAKE3 and have one hexadecimal text") {
  auto empty = digest_of("");
  CHECK(empty.hex() == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
  CHECK(digest::from_hex(empty.hex()) == empty);
  CHECK_FALSE(digest::from_hex("AF"));
  CHECK_FALSE(digest::from_hex(std::string(64, 'g')));
  CHECK(hasher().update("a").update("b").finish() == digest_of("ab"));
}

TEST_CASE("paths are normalised and stay inside") {
  CHECK(path("a/./b//c/../d").str() == "a/b/d");
  CHECK(path("a/..").empty());
  CHECK(neutral_path::parse(path("a/b"), "../c")->str() == "a/c");
  for (auto bad : {"/a", "..", "a/../..", "a\\b"})
    CHECK_FALSE(neutral_path::parse(bad));
  CHECK_FALSE(neutral_path::parse(std::string_view("a\0b", 3)));
  CHECK(path("a/b.tar.gz").extension() == ".gz");
  CHECK(path("a/.git").extension().empty());
  CHECK(path("a/b").name() == "b");
  CHECK(path("a/b").parent().str() == "a");
  CHECK(path("a").parent().empty());
  CHECK(path("a/b").is_within(path("a")));
  CHECK(path("a").is_within({}));
  CHECK_FALSE(path("ab").is_within(path("a")));
}

TEST_CASE("paths near the workspace are joined") {
  auto joined = [](std::string_view folder, std::string_view text) {
    return join_path(folder, text).value();
  };
  CHECK(joined("a/b", "../c.ts") == "a/c.ts");
  CHECK(joined("a", "../../c.ts") == "../c.ts");
  CHECK(joined("../s/a", "../b//./c.ts") == "../s/b/c.ts");
  CHECK(joined("../s", "../../c.ts") == "../../c.ts");
  CHECK(joined("", "..a/...") == "..a/...");
  for (auto bad : {"/a", "a\\b"})
    CHECK_FALSE(join_path("x", bad));
  CHECK(folder_of("a/b/c") == "a/b");
  CHECK(folder_of("a").empty());
  CHECK(is_below("a/b", "a"));
  CHECK(is_below("a", "a"));
  CHECK_FALSE(is_below("ab", "a"));
  CHECK(is_below("..a", ""));
  CHECK_FALSE(is_below("../a", ""));
  CHECK(is_below("../a/b", "../a"));
}

TEST_CASE("globs match by parts") {
  struct row {
    const char* pattern;
    const char* path;
    bool matches;
  };
  for (auto& [pattern, text, matches] : {row{"*.c", "a.c", true},
                                         row{"*.c", "a/b.c", false},
                                         row{"**/*.c", "a.c", true},
                                         row{"**/*.c", "a/b/c.c", true},
                                         row{"a/**", "a/b/c", true},
                                         row{"a/**", "a", true},
                                         row{"?.c", "ab.c", false},
                                         row{"[a-c]x", "bx", true},
                                         row{"[!a-c]x", "bx", false},
                                         row{"[]]", "]", true},
                                         row{"{a,b/c}.{c,h}", "b/c.h", true},
                                         row{"{a,{b,c}}", "c", true},
                                         row{"*", ".hidden", false},
                                         row{".*", ".hidden", true},
                                         row{"**/*", ".git/x", false},
                                         row{"*a*b*", "xxaxxbxx", true},
                                         row{"*a*b*", "xxbxxaxx", false},
                                         row{"?", "é", true},
                                         row{"a/**/b/**/c", "a/x/b/b/y/c", true},
                                         row{"./a", "a", true}}) {
    INFO(pattern << " against " << text);
    CHECK(glob_match(pattern, text) == matches);
  }
  for (auto bad : {"", "/a", "../a", "a/{b", "a}", "[a", "a**", "a\\b", "{..,a}/b"})
    CHECK_FALSE(check_glob(bad));
  CHECK_FALSE(check_glob("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"));
}

TEST_CASE("globs know which folders can hold matches") {
  auto g = glob::parse("src/*/x/*.c").value();
  CHECK(g.may_match_below(""));
  CHECK(g.may_match_below("src/a"));
  CHECK_FALSE(g.may_match_below("lib"));
  CHECK_FALSE(g.may_match_below("src/a/y"));
  CHECK_FALSE(glob::parse("*.c").value().may_match_below("src"));
  auto all = glob::parse("out/**", glob::dots::as_others).value();
  CHECK(all.matches_all_below("out/.x/y"));
  CHECK_FALSE(all.matches_all_below("src"));
  CHECK_FALSE(glob::parse("out/*").value().matches_all_below("out"));
}

TEST_CASE("labels have one full text") {
  CHECK(label::parse("//a/b")->str() == "//a/b:b");
  CHECK(label::parse("//a/b:c")->str() == "//a/b:c");
  CHECK(label::parse(":c", path("a"))->str() == "//a:c");
  CHECK(label::parse("//:c")->str() == "//:c");
  CHECK(label::parse("//with space:c")->package.str() == "with space");
  for (auto bad :
       {"", "a", "//", "//a:", "//a:b c", "//../a:b", "//a//b:c", "///a:b", "//a:b:c", "/a:b"})
    CHECK_FALSE(label::parse(bad));
}

TEST_CASE("patterns are written from where the user stands") {
  struct row {
    const char* text;
    const char* here;
    const char* full;
  };
  for (auto& [text, here, full] :
       {row{"//...", "a", "//..."}, row{"...", "", "//..."}, row{"...", "a", "//a/..."},
        row{"./...", "a", "//a/..."}, row{"lib/...", "a", "//a/lib/..."},
        row{"hello", "a", "//a:hello"}, row{":hello", "a", "//a:hello"},
        row{"lib:x", "a", "//a/lib:x"}, row{"lib:all", "", "//lib:all"},
        row{"lib/x", "a", "//a/lib/x:x"}, row{":all", "", "//:all"}, row{".", "a", "//a:all"},
        row{"//a", "b", "//a:a"}, row{"//a:all", "b", "//a:all"}}) {
    auto parsed = target_pattern::parse(text, path(here));
    INFO(text << " in " << here);
    REQUIRE(parsed);
    CHECK(parsed->str() == full);
    CHECK(target_pattern::parse(full) == parsed);
  }
  for (auto bad : {"/a", "a b", "//a/.../b", "../a:b",
                   "..."
                   " x"})
    CHECK_FALSE(target_pattern::parse(bad));
}

TEST_CASE("keys and their payloads") {
  auto k = key::from_text("file:a:b");
  CHECK(k.kind() == "file");
  CHECK(k.payload() == "a:b");
  glob_query query{path("a"), {"*.c", "x/**"}, {"y"}};
  auto back = parse_glob_payload(glob_key(query).payload());
  REQUIRE(back);
  CHECK(back->include == query.include);
  CHECK(back->exclude == query.exclude);
  struct output_row {
    std::string_view owner, path, payload;
  };
  for (auto& row : {output_row{"//a b:c", "zako-out/a b/x y", "//a b:c x y"},
                    output_row{"//:c", "zako-out/d/x", "//:c d/x"},
                    output_row{"//a:c", "zako-out/ab/x", "//a:c /zako-out/ab/x"}}) {
    auto made = artifact_key(row.owner, row.path);
    CHECK(made.payload() == row.payload);
    CHECK(action_key(row.owner, row.path).payload() == row.payload);
    auto output = parse_output_payload(made.payload());
    REQUIRE(output);
    CHECK(output->owner.str() == row.owner);
    CHECK(output->path == row.path);
  }
  CHECK_FALSE(parse_output_payload("//a:c"));
  std::vector<std::string> patterns = {"//a b:all", "//c/...", "//:d"};
  CHECK(split_patterns(build_key(patterns).payload()) == patterns);
  kind_table table;
  CHECK(table.add({"x", 1, {}, {}}));
  CHECK_FALSE(table.add({"x", 1, {}, {}}));
  CHECK_FALSE(table.add({"X:", 1, {}, {}}));
}

TEST_CASE("data is JSON, with its members in order") {
  data x;
  x.set("b", 1);
  x.set("a", data::array{"q\"\n\x01", 1.5, -0.0, false, nullptr});
  CHECK(x.to_json() == R"({"b":1,"a":["q\"\n\u0001",1.5,0,false,null]})");
  CHECK(data(data::object{{"a", data::array()}}).to_json(2) == "{\n  \"a\": []\n}");
  x.set("b", 2);
  CHECK(*x["b"].as_number() == 2);
  CHECK(x["missing"]["deeper"].is_null());
  CHECK(want_string(x["b"], "b").error().message == "b must be a string, not number");
  CHECK(want_strings(data::array{"x", 1}, "list").error().message ==
        "list[1] must be a string, not number");
  CHECK(want_strings(data(), "list")->empty());
}

TEST_CASE("an error says what, where, why and what to do") {
  std::string source = "one\ntwo\n\tthrée four\nfive\n";
  auto e = error_at(errc::script, "no such thing", {"BUILD.ts", 3, 8}, "try another");
  e.frame = code_frame(source, 3, 8, 4);
  e.causes.push_back(error_at(errc::io, "first line\nsecond line", {"x.ts", 0, 0}));
  CHECK(to_text(e) == "BUILD.ts:3:8: no such thing\n"
                      "    1 | one\n"
                      "    2 | two\n"
                      "  > 3 |   thrée four\n"
                      "      |         ^^^^\n"
                      "    4 | five\n"
                      "  why: x.ts: first line\n"
                      "       second line\n"
                      "  help: try another\n");
}

TEST_CASE("code frames stay inside their source") {
  CHECK(code_frame("ab", 2, 1).empty());
  CHECK(code_frame("ab", 1, 9).empty());
  CHECK(code_frame("ab", 0, 0).empty());
  CHECK(code_frame("ab", 1, 3) == "> 1 | ab\n    |   ^\n");
  CHECK(code_frame("\U0001F600x", 1, 3) == "> 1 | \U0001F600x\n    |  ^\n");
  auto frame = code_frame(std::string(5000, 'x') + "Y" + std::string(5000, 'z'), 1, 5001);
  CHECK(frame.size() < 500);
  CHECK(frame.find('Y') - frame.find('|') == frame.rfind('^') - frame.rfind('|'));
}

TEST_CASE("code frames count lines as JavaScript does") {
  for (auto* end : {"\n", "\r\n", "\r", "\u2028", "\u2029"}) {
    auto source = std::string("a") + end + "b" + end + end + "d" + end;
    CHECK(code_frame(source, 4, 1) == "  2 | b\n  3 | \n> 4 | d\n    | ^\n");
    CHECK(code_frame(source, 5, 1) == "  3 | \n  4 | d\n> 5 | \n    | ^\n");
    CHECK(code_frame(source, 6, 1).empty());
  }
}

TEST_CASE("errors that another try may not show") {
  CHECK(error_at(errc::script, "x", {}).deterministic());
  for (auto code : {errc::cancelled, errc::io, errc::worker_lost, errc::locked, errc::limit,
                    errc::action_failed, errc::test_failed, errc::output_missing})
    CHECK_FALSE(error_at(code, "x", {}).deterministic());
  auto e = error_at(errc::dependency, "x", {});
  e.causes.push_back(error_at(errc::io, "y", {}));
  CHECK_FALSE(e.deterministic());
  CHECK(to_string(last_errc) == "worker_lost");
  CHECK(to_string(errc::internal) == "internal");
}

TEST_CASE("dependency files give paths of the workspace, each once") {
  using strings = std::vector<std::string>;
  CHECK(parse_depfile("a.o: a.c /w/b.h \\\n  sub/../c.h /usr/x.h a.c\nb.h:\n", "/w") ==
        strings{"a.c", "b.h", "c.h", "/usr/x.h"});
  CHECK(parse_depfile("a.o : with\\ space.h $$x \\#y ../out.h\r\n", "/w") ==
        strings{"with space.h", "$x", "#y", "/w/../out.h"});
  CHECK(parse_depfile("", "/w").empty());
  CHECK(parse_depfile("\\", "/w").empty());
}

TEST_CASE("suggestions are near") {
  CHECK(closest("hlelo", {"world", "hello"}) == "hello");
  CHECK(closest("a", {"b"}) == "b");
  CHECK_FALSE(closest("abc", {"xyz"}));
  CHECK(did_you_mean("nmae", {"name"}, "?") == "did you mean 'name'?");
  CHECK(did_you_mean("zzz", {"name"}, "other") == "other");
}
