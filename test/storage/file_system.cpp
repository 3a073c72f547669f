// Protects the freshness of files: no change may hide behind an equal fingerprint, and no touch may
// cost an action.
#include "storage/file_system.hpp"

#include <catch2/catch.hpp>

#include "scratch.hpp"

using namespace zako;
using namespace zako::test;

namespace {

struct fixture {
  scratch folder;
  std::unique_ptr<file_system> files = std::move(*real_file_system(folder.str()));

  [[nodiscard]] std::string path(const std::string& name) const { return folder / name; }

  [[nodiscard]] stat_job::answer look(const std::string& name) const {
    auto a = files->look(name, std::nullopt, {});
    REQUIRE(a);
    return *a;
  }
  /// As a build does it: with what the last look found.
  [[nodiscard]] stat_job::answer look_again(const std::string& name,
                                            const stat_job::answer& last) const {
    auto a = files->look(name, last.print, last.content);
    REQUIRE(a);
    return *a;
  }
};

} // namespace

TEST_CASE("a look tells type, executable bit, size and content") {
  fixture f;
  write_file(f.path("a/x.txt"), "hello");
  fs::permissions(f.path("a/x.txt"), fs::perms::owner_all);
  auto a = f.look("a/x.txt");
  CHECK(a.type == file_type::regular);
  CHECK(a.executable);
  CHECK(a.print.size == 5);
  CHECK(a.content == digest_of("hello"));
  CHECK(f.look("a").type == file_type::folder);
  CHECK(f.look("").type == file_type::folder);
  CHECK(f.look("b").type == file_type::missing);
  CHECK(f.look("a/x.txt/y").type == file_type::missing);
  CHECK(f.look("/dev/null").type == file_type::other);
  CHECK(f.look(f.path("a/x.txt")).content == digest_of("hello"));
}

TEST_CASE("an unchanged file that is old enough is not read again") {
  fixture f;
  write_file(f.path("x"), "one");
  let_age();
  auto first = f.look("x");
  CHECK_FALSE(first.print.racy);
  // A content that cannot come from reading shows that nothing was read.
  auto marker = digest_of("marker");
  auto again = f.files->look("x", first.print, marker);
  REQUIRE(again);
  CHECK(again->content == marker);
  CHECK_FALSE(again->print.racy);
}

TEST_CASE("a file that was just written is racy and read again at the next look") {
  fixture f;
  write_file(f.path("x"), "one");
  auto first = f.look("x");
  CHECK(first.print.racy);
  // Even with the same stamps and size, which a change within the clock's tick would leave.
  auto again = f.files->look("x", first.print, digest_of("marker"));
  REQUIRE(again);
  CHECK(again->content == digest_of("one"));
}

TEST_CASE("an edit of the same size with the mtime put back is seen") {
  fixture f;
  write_file(f.path("x"), "one");
  set_mtime(f.path("x"), 1'000'000'000);
  let_age();
  auto first = f.look("x");
  REQUIRE_FALSE(first.print.racy);
  write_file(f.path("x"), "two");
  set_mtime(f.path("x"), 1'000'000'000);
  auto again = f.look_again("x", first);
  CHECK(again.print.mtime_ns == first.print.mtime_ns);
  CHECK(again.content == digest_of("two"));
}

TEST_CASE("an older file moved into place is seen") {
  fixture f;
  write_file(f.path("old"), "older");
  set_mtime(f.path("old"), 900'000'000);
  write_file(f.path("x"), "newer");
  let_age();
  auto first = f.look("x");
  fs::rename(f.path("old"), f.path("x"));
  CHECK(f.look_again("x", first).content == digest_of("older"));
}

TEST_CASE("a touch changes the fingerprint and not the content") {
  fixture f;
  write_file(f.path("x"), "one");
  let_age();
  auto first = f.look("x");
  set_mtime(f.path("x"), 1'100'000'000);
  let_age();
  auto again = f.look_again("x", first);
  CHECK_FALSE(again.print == first.print);
  CHECK(again.content == first.content);
  CHECK_FALSE(again.print.racy);
}

TEST_CASE("an mtime from the future does not make a file racy for ever") {
  fixture f;
  write_file(f.path("x"), "one");
  set_mtime(f.path("x"), 4'000'000'000);
  let_age();
  CHECK_FALSE(f.look("x").print.racy);
}

TEST_CASE("a file replaced by a folder, and a retargeted link, are seen") {
  fixture f;
  write_file(f.path("x"), "one");
  write_file(f.path("y"), "two");
  fs::create_symlink("x", f.path("link"));
  let_age();
  auto x = f.look("x");
  auto link = f.look("link");
  CHECK(link.content == digest_of("one"));
  fs::remove(f.path("link"));
  fs::create_symlink("y", f.path("link"));
  CHECK(f.look_again("link", link).content == digest_of("two"));
  fs::remove(f.path("x"));
  fs::create_directory(f.path("x"));
  CHECK(f.look_again("x", x).type == file_type::folder);
  fs::remove(f.path("y"));
  CHECK(f.look_again("link", link).type == file_type::missing);
}

TEST_CASE("a large file is hashed as a whole") {
  fixture f;
  auto bytes = random_bytes(1'000'003, 7);
  write_file(f.path("x"), bytes);
  CHECK(f.look("x").content == digest_of(bytes));
}

TEST_CASE("many files are looked at: each change is seen, and doubt is no") {
  fixture f;
  auto& files = f.files;
  std::vector<std::string> paths = {"a/one", "a/two", "a/three", "b/one", "top"};
  for (auto& path : paths)
    REQUIRE(files->write_atomic(path, path));
  let_age();
  std::vector<file_print> known;
  for (auto& path : paths) {
    auto seen = f.look(path);
    REQUIRE(!seen.print.racy);
    known.push_back({path, seen.type, seen.print});
  }
  auto changed = [&] {
    std::string out;
    auto looks = files->looks();
    for (auto& x : known)
      if (!looks->unchanged(x))
        out += std::string(x.path) + ' ';
    return out;
  };
  CHECK(changed() == "");
  REQUIRE(files->write_atomic("a/two", "other"));
  CHECK(changed() == "a/two ");
  REQUIRE(files->remove_all("b"));
  CHECK(changed() == "a/two b/one ");
  // A folder replaced by another one with files of the same names.
  REQUIRE(files->remove_all("a"));
  for (auto& path : paths)
    REQUIRE(files->write_atomic(path, path));
  CHECK(changed() == "a/one a/two a/three b/one top ");
  // What is missing stays so, and is seen when it comes.
  std::string absent = "a/none";
  known = {{absent, file_type::missing, {}}};
  CHECK(changed() == "");
  REQUIRE(files->write_atomic("a/none", "x"));
  CHECK(changed() == "a/none ");
  auto racy = f.look("top");
  racy.print.racy = true;
  known = {{paths.back(), racy.type, racy.print}};
  CHECK(changed() == "top ");
}

TEST_CASE("a list is sorted, typed, and notices added and removed names") {
  fixture f;
  write_file(f.path("d/b"), "");
  write_file(f.path("d/a/inner"), "");
  let_age();
  auto first = f.files->list("d", std::nullopt);
  REQUIRE(first);
  CHECK(first->exists);
  CHECK(first->entries ==
        std::vector<list_job::entry>{{"a", file_type::folder}, {"b", file_type::regular}});
  REQUIRE_FALSE(first->print.racy);
  auto same = f.files->list("d", first->print);
  CHECK((same->unchanged && same->entries.empty()));
  write_file(f.path("d/c"), "");
  auto more = f.files->list("d", first->print);
  CHECK_FALSE(more->unchanged);
  CHECK(more->entries.size() == 3);
  CHECK_FALSE(f.files->list("nowhere", std::nullopt)->exists);
  CHECK_FALSE(f.files->list("d/b", std::nullopt)->exists);
}

TEST_CASE("a folder with links is listed again: their targets change without it") {
  fixture f;
  write_file(f.path("target"), "");
  fs::create_directory(f.path("d"));
  fs::create_symlink("../target", f.path("d/link"));
  let_age();
  auto first = f.files->list("d", std::nullopt);
  CHECK(first->entries == std::vector<list_job::entry>{{"link", file_type::regular}});
  fs::remove(f.path("target"));
  auto again = f.files->list("d", first->print);
  CHECK(again->entries == std::vector<list_job::entry>{{"link", file_type::missing}});
}

TEST_CASE("a look tells where a file really lies") {
  fixture f;
  scratch other;
  write_file(f.path("a/x"), "x");
  write_file(other / "y", "y");
  fs::create_symlink("a/x", f.path("file"));
  fs::create_directory_symlink("a", f.path("folder"));
  fs::create_symlink(other / "y", f.path("out"));
  auto outside = fs::path(other / "y").lexically_relative(f.files->root()).string();
  CHECK(f.look("a/x").real == "");
  CHECK(f.look("file").real == "a/x");
  CHECK(f.look("folder/x").real == "a/x");
  CHECK(f.look("out").real == outside);
  CHECK(outside.starts_with("../"));
  CHECK(f.look(outside).real == "");                   // named where it is
  CHECK(f.look(f.files->absolute("file")).real == ""); // of the machine: nobody asks
  CHECK_FALSE(f.look("a").real);
  let_age();
  auto known = f.look("file");
  CHECK_FALSE(f.look_again("file", known).real); // not read, so not found out
}

TEST_CASE("reads are bounded and name what is missing") {
  fixture f;
  write_file(f.path("x"), "12345");
  CHECK(f.files->read("x", 5).value() == "12345");
  CHECK(f.files->read("x", 4).error().code == errc::limit);
  CHECK(f.files->read("y", 4).error().code == errc::not_found);
  auto folder = f.files->read("", 4);
  REQUIRE_FALSE(folder);
  CHECK(folder.error().code == errc::io);
}

TEST_CASE(
    "atomic writes and copies make parents, keep the executable bit and leave no temporaries") {
  fixture f;
  REQUIRE(f.files->write_atomic("a/b/c", "script", true));
  REQUIRE(f.files->write_atomic("a/b/c", "script 2", true));
  REQUIRE(f.files->copy("a/b/c", "d/e"));
  CHECK(read_file(f.path("d/e")) == "script 2");
  CHECK(f.look("d/e").executable);
  CHECK(f.files->copy("nothing", "d/f").error().code == errc::not_found);
  CHECK_FALSE(f.files->write_atomic("a/b/c/d", "below a file"));
  CHECK_FALSE(f.files->write_atomic("a/b", "over a folder"));
  CHECK(f.files->list("a", std::nullopt)->entries.size() == 1);
  CHECK(f.files->list("a/b", std::nullopt)->entries.size() == 1);
  CHECK(f.files->list("d", std::nullopt)->entries.size() == 1);
}

TEST_CASE("removal takes folders whole, links themselves, and never the root") {
  fixture f;
  write_file(f.path("kept/x"), "x");
  write_file(f.path("gone/a/b"), "x");
  fs::create_directory_symlink("../kept", f.path("gone/link"));
  CHECK(f.files->remove_all("gone"));
  CHECK(f.files->remove_all("gone"));
  CHECK_FALSE(fs::exists(f.path("gone")));
  CHECK(fs::exists(f.path("kept/x")));
  CHECK_FALSE(f.files->remove_all(""));
  CHECK_FALSE(f.files->remove_all("."));
  CHECK_FALSE(f.files->remove_all(f.folder.str()));
}

TEST_CASE("a program is found in the first absolute folder that has it") {
  fixture f;
  write_file(f.path("p/tool"), "not executable");
  write_file(f.path("q/tool"), "#!/bin/sh\n");
  fs::permissions(f.path("q/tool"), fs::perms::owner_all);
  auto search = ":relative:" + f.path("p") + "::" + f.path("q") + "/";
  CHECK(f.files->which("tool", search).value() == f.path("q/tool"));
  CHECK(f.files->which("other", search).value() == std::nullopt);
  CHECK_FALSE(f.files->which("q/tool", search));
}

TEST_CASE("a root that is not there is named") {
  auto files = real_file_system("/nowhere/at/all");
  REQUIRE_FALSE(files);
  CHECK(files.error().code == errc::not_found);
  CHECK(files.error().message.find("/nowhere/at/all") != std::string::npos);
}
