// The engine in one thread: the naive specification of how node actors drive compute functions.
//
// A revision is one look at the world. In it each node is verified or computed at most once, depth
// first, in the order in which it is asked. Verification asks the recorded groups for their output
// digests; `confirm` follows when all are equal. A failure that another try may not show,
// or of a kind that looks at the world, leaves the node's record as it was.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/kind.hpp"
#include "engine/trace.hpp"
#include "test/engine/fake_world.hpp"

namespace zako::test {

class test_engine {
public:
  explicit test_engine(fake_world& world) : world_(world) { add_build_kinds(kinds_); }

  kind_table& kinds() { return kinds_; }

  /// Begins a revision and asks for one key. Clears the logs here and in the world.
  outcome build(const key& root);
  /// What a new process sees: records as bytes, nothing else.
  void restart();

  std::vector<std::string> computed; // keys, in the order in which they were done
  std::vector<std::string> verified;
  [[nodiscard]] bool did_compute(const std::string& key_text) const;

private:
  struct record {
    std::optional<outcome> stored;
    node_record recorded; // groups, dependencies and input digest
  };
  struct node {
    record kept;
    std::uint64_t revision = 0; // of `current`
    outcome current = value{};
    bool busy = false;
  };
  class driver;

  outcome ask(const key& k);
  std::optional<outcome> verify(const key& k, const kind& row, const record& kept);
  key_id id_of(const key& k);

  fake_world& world_;
  kind_table kinds_;
  std::map<key, node> nodes_;
  std::map<key, key_id> ids_;
  std::vector<key> names_; // by id - 1
  std::vector<key> path_;
  std::uint64_t revision_ = 0;
};

} // namespace zako::test
