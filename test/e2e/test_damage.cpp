// Flipped bits and truncations of what builds keep: found or harmless, never a wrong output, never
// a crash.
#include "layered.hpp"

#include <algorithm>

using namespace e2e;
using Catch::Contains;

namespace {

/// A built workspace whose kept files can be put back to what they were.
struct built_workspace : layered_workspace {
  built_workspace() : layered_workspace(2, 4) {
    build();
    for (auto& entry : fs::recursive_directory_iterator(store()))
      if (entry.is_regular_file() && entry.file_size() > 0)
        kept[entry.path()] = read_file(entry.path());
    kept[nodes()] = read_file(nodes());
  }
  [[nodiscard]] fs::path store() const { return environment.at("ZAKO_CACHE"); }
  [[nodiscard]] fs::path nodes() const { return root() / ".zako/nodes.mdb"; }
  /// The kept file whose path has this in it; one of several.
  [[nodiscard]] fs::path find(const std::string& part, chance& random) const {
    std::vector<fs::path> all;
    for (auto& [path, text] : kept)
      if (path.string().find(part) != std::string::npos && path.extension() != ".mdb-lock")
        all.push_back(path);
    REQUIRE_FALSE(all.empty());
    return all[random.below(all.size())];
  }
  void restore() const {
    remove(".zako");
    fs::remove_all(store());
    for (auto& [path, text] : kept)
      write_file(path, text);
  }
  std::map<fs::path, std::string> kept;
};

TEST_CASE("damage of what builds keep is found or harmless") {
  auto* part = GENERATE("nodes.mdb", "small.mdb", "/blobs/");
  bool flips = GENERATE(true, false);
  chance random(std::string(flips ? "flipped bits of " : "truncations of ") + part);
  built_workspace w;
  w.build();
  // Of each kind for each of three kinds of files.
  auto trials = repeats("ZAKO_DAMAGES", 334);
  std::uint64_t failed = 0;
  for (std::uint64_t i = 0; i < trials; ++i) {
    w.restore();
    auto path = w.find(part, random);
    auto bytes = w.kept[path];
    // Half of them near the start, where the descriptions of the file are.
    auto at = random.below(std::min<std::uint64_t>(bytes.size(), i % 2 ? bytes.size() : 16384));
    auto bit = random.below(8);
    if (flips)
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
    else
      bytes.resize(at);
    fs::remove(path); // blobs are read-only
    write_file(path, bytes);
    if (random.below(2))
      w.remove("zako-out");
    if (random.below(2))
      w.change(random);
    auto done = w.zako({"build"});
    CAPTURE(i, path, at, bit, done.all());
    if (done.code != 0) {
      // A file that turns out to be damaged only when it is written to is moved aside, and the
      // build says so.
      ++failed;
      REQUIRE(done.code == 1);
      REQUIRE_THAT(done.err, Contains("error: ") && Contains("quarantine"));
      done = w.zako({"build"});
      REQUIRE(done.code == 0);
    }
    REQUIRE(w.wrong_output() == "");
    auto again = w.zako({"build"});
    CAPTURE(again.all());
    REQUIRE(totals_of(again) == totals{0, w.actions(), 0});
  }
  CHECK(failed <= trials / 20);
}

} // namespace
