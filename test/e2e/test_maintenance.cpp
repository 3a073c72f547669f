// Looking after stored state, as a user meets it: zako gc, zako verify, zako dump, and warnings.
#include <algorithm>
#include <cstdlib>
#include <regex>

#include "workspace.hpp"

using namespace e2e;
using Catch::Contains;

namespace {

/// Makes everything in the cache and in the workspace as old as it is after an hour and a half.
void age_blobs(const fs::path& cache) {
  auto past = fs::file_time_type::clock::now() - std::chrono::minutes(90);
  for (auto& entry : fs::recursive_directory_iterator(cache / "content-2/blobs"))
    if (entry.is_regular_file())
      fs::last_write_time(entry.path(), past);
}

std::vector<fs::path> blobs_in(const fs::path& cache) {
  std::vector<fs::path> out;
  for (auto& entry : fs::recursive_directory_iterator(cache / "content-2/blobs"))
    if (entry.is_regular_file())
      out.push_back(entry.path());
  return out;
}

int number_before(const std::string& text, const std::string& word) {
  std::smatch found;
  return std::regex_search(text, found, std::regex("([0-9]+) " + word)) ? std::stoi(found[1]) : -1;
}

} // namespace

TEST_CASE("gc keeps what was built, and removes what a change has left behind") {
  hello_workspace w;
  fs::path cache = w.environment["ZAKO_CACHE"];
  w.build();
  auto done = w.zako({"gc"});
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Contains("removed 0 records, 0 blobs"));
  auto kept = number_before(done.out.substr(done.out.find("kept")), "records?");
  CHECK(kept > 20);
  CHECK_THAT(w.build(), RunsActions(0));

  w.edit("greet.c", "Hello", "Hallo");
  w.edit("BUILD.ts", "\"greet.c\"", "\"moved.c\"");
  fs::rename(w.root() / "greet.c", w.root() / "moved.c");
  w.build();
  age_blobs(cache);
  done = w.zako({"gc"});
  INFO(done.all());
  CHECK(number_before(done.out, "records?") > 0);
  CHECK(number_before(done.out, "blobs?") > 0);
  CHECK_THAT(w.zako({"dump", "greet.o"}).err, Contains("no stored record"));
  CHECK_THAT(w.zako({"gc"}).out, Contains("removed 0 records, 0 blobs"));

  // What was kept is whole: outputs come back from it without an action.
  CHECK_THAT(w.build(), RunsActions(0));
  fs::remove_all(w.root() / "zako-out");
  CHECK_THAT(w.build(), RunsActions(0));
}

TEST_CASE("gc takes what another workspace has left, and nothing that it needs") {
  hello_workspace a;
  hello_workspace b;
  fs::path cache = a.environment["ZAKO_CACHE"];
  b.environment["ZAKO_CACHE"] = cache.string();
  b.write("main.c", "int main(void) { return 3; }\n");
  a.build();
  b.build();
  age_blobs(cache);
  CHECK_THAT(a.zako({"gc"}).out, Contains(" 0 blobs"));
  for (auto* w : {&a, &b}) {
    fs::remove_all(w->root() / "zako-out");
    CHECK_THAT(w->build(), RunsActions(0));
  }
  age_blobs(cache);
  fs::remove_all(b.root());
  auto before = blobs_in(cache).size();
  CHECK(number_before(a.zako({"gc"}).out, "blobs?") > 0);
  CHECK(blobs_in(cache).size() < before);
  fs::remove_all(a.root() / "zako-out");
  CHECK_THAT(a.build(), RunsActions(0));
}

TEST_CASE("gc drops needed blobs by age and by size, and builds make them again") {
  hello_workspace w;
  fs::path cache = w.environment["ZAKO_CACHE"];
  w.build();
  age_blobs(cache);
  auto done = w.zako({"gc", "--max-size", "1K"});
  CHECK(done.code == 0);
  CHECK(blobs_in(cache).empty());
  CHECK_THAT(w.build(), RunsActions(0)); // the outputs are there
  fs::remove_all(w.root() / "zako-out");
  auto again = w.build();
  CHECK(again.run > 0);
  CHECK(again.failed == 0);
  age_blobs(cache);
  CHECK(w.zako({"gc", "--max-age", "61m"}).code == 0);
  CHECK(blobs_in(cache).empty());
}

TEST_CASE("gc runs beside builds, and waits for the one that has its workspace") {
  workspace w;
  hello_workspace other;
  other.environment["ZAKO_CACHE"] = w.environment["ZAKO_CACHE"];
  other.build();
  w.write("BUILD.ts",
          import_generate + shell_target("slow",
                                         "while [ ! -e " + (w.outside() / "go").string() +
                                             " ]; do sleep 0.02; done; echo > zako-out/x",
                                         {"x"}));
  program build{w.command({"build"}), w.root(), w.environment};
  REQUIRE(
      eventually([&] { return w.zako({"--version"}).code == 0 && w.exists(".zako/nodes.mdb"); }));
  CHECK(other.zako({"gc"}).code == 0); // reads the records of the workspace that is being built
  program gc{w.command({"gc"}), w.root(), w.environment};
  REQUIRE(eventually([&] { return !gc.err_so_far().empty(); }));
  CHECK_THAT(gc.err_so_far(), Contains("waiting") && Contains("zako build"));
  write_file(w.outside() / "go", "");
  CHECK(build.wait().code == 0);
  CHECK(gc.wait().code == 0);
}

TEST_CASE("verify finds damaged blobs and records, and the next build repairs them") {
  hello_workspace w;
  fs::path cache = w.environment["ZAKO_CACHE"];
  w.build();
  auto sound = w.zako({"verify"});
  CHECK(sound.code == 0);
  CHECK_THAT(sound.out, Contains("nothing is damaged"));

  auto blobs = blobs_in(cache);
  REQUIRE_FALSE(blobs.empty());
  fs::permissions(blobs[0], fs::perms::owner_all);
  auto bytes = read_file(blobs[0]);
  bytes[bytes.size() / 2] ^= 1;
  write_file(blobs[0], bytes);
  // The text of a script lies in the record of its module, and nowhere else.
  auto database = w.root() / ".zako/nodes.mdb";
  bytes = read_file(database);
  auto at = bytes.find("export const hello");
  REQUIRE(at != std::string::npos);
  bytes[at] ^= 1;
  write_file(database, bytes);

  auto done = w.zako({"verify"});
  INFO(done.all());
  CHECK(done.code == 1);
  CHECK_THAT(done.out, Contains("damaged: the record of '") && Contains("damaged: blob ") &&
                           Contains("/quarantine/"));
  CHECK_FALSE(fs::is_empty(w.root() / ".zako/quarantine"));
  CHECK_FALSE(fs::is_empty(cache / "content-2/quarantine"));
  CHECK(w.zako({"verify"}).code == 0);
  fs::remove_all(w.root() / "zako-out");
  CHECK(w.build().failed == 0);
  CHECK_THAT(w.build(), RunsActions(0));
  CHECK(w.zako({"verify"}).code == 0);
}

TEST_CASE("a build says that its state was damaged, and goes on without it") {
  hello_workspace w;
  w.build();
  auto database = w.root() / ".zako/nodes.mdb";
  fs::resize_file(database, fs::file_size(database) / 2);
  auto done = w.zako({"build"});
  CHECK(done.code == 0);
  CHECK_THAT(done.err, Contains("warning: the node database") || Contains("warning: "));
  CHECK_THAT(done.err, Contains("quarantine"));
  CHECK_THAT(w.zako({"build"}).err, !Contains("warning"));
}

TEST_CASE("a build says which record was damaged, once") {
  hello_workspace w;
  w.build();
  auto database = w.root() / ".zako/nodes.mdb";
  auto bytes = read_file(database);
  int flipped = 0; // the text lies in one record, and perhaps on pages that are not in use
  for (auto at = bytes.find("export const hello"); at != std::string::npos;
       at = bytes.find("export const hello", at)) {
    bytes[at] ^= 1;
    ++flipped;
  }
  REQUIRE(flipped > 0);
  write_file(database, bytes);
  auto done = w.zako({"build"});
  CHECK(done.code == 0);
  CHECK_THAT(done.err, Contains("warning: the stored record of '") && Contains("is damaged"));
  CHECK_THAT(w.zako({"build"}).err, !Contains("warning"));
  CHECK(w.zako({"verify"}).code == 0);
}

TEST_CASE("dump shows records by their keys") {
  hello_workspace w;
  w.build();
  auto done = w.zako({"dump", "file:main.c", "toolchain:"});
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Contains("file:main.c\n  state    good") && Contains("content: ") &&
                           Contains("toolchain:cc\n") && Contains("  asked\n"));
  CHECK_THAT(done.out, !Contains("action:"));
  CHECK_THAT(w.zako({"dump"}).out, Contains("action://") && Contains("discovered:"));
  auto missing = w.zako({"dump", "no such key"});
  CHECK(missing.code == 1);
  CHECK_THAT(missing.err, Contains("no stored record"));
  w.write("BUILD.ts", "export const x = 1;\nthrow new Error(\"broken\");\n");
  w.build_fails();
  CHECK_THAT(w.zako({"dump", "evaluation:"}).out,
             Contains("state    failed") && Contains("broken"));
}
