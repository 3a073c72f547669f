// Depth-first search for a ring.
#include "actors/graph/ring.hpp"

#include <algorithm>

namespace zako {

std::vector<key_id> find_ring(const std::unordered_map<key_id, std::vector<key_id>>& waits_for) {
  std::vector<key_id> roots;
  for (auto& [node, on] : waits_for)
    roots.push_back(node);
  std::sort(roots.begin(), roots.end());

  enum class mark : std::uint8_t { on_path = 1, done };
  struct step {
    key_id node;
    std::size_t next = 0;
  };
  std::unordered_map<key_id, mark> marks;
  std::vector<step> path;
  for (auto root : roots) {
    if (marks.contains(root))
      continue;
    path.push_back({root});
    marks[root] = mark::on_path;
    while (!path.empty()) {
      auto& top = path.back();
      auto edges = waits_for.find(top.node);
      if (edges == waits_for.end() || top.next == edges->second.size()) {
        marks[top.node] = mark::done;
        path.pop_back();
        continue;
      }
      auto target = edges->second[top.next++];
      auto seen = marks.find(target);
      if (seen == marks.end()) {
        marks[target] = mark::on_path;
        path.push_back({target});
      } else if (seen->second == mark::on_path) {
        auto first =
            std::find_if(path.begin(), path.end(), [&](auto& s) { return s.node == target; });
        std::vector<key_id> ring;
        for (; first != path.end(); ++first)
          ring.push_back(first->node);
        return ring;
      }
    }
  }
  return {};
}

error cycle_error(std::vector<key> path) {
  std::rotate(path.begin(), std::min_element(path.begin(), path.end()), path.end());
  path.push_back(path.front());
  // A ring of targets is told in the user's words; the kinds only matter when they differ.
  bool one_kind = std::all_of(path.begin(), path.end(),
                              [&](auto& k) { return k.kind() == path.front().kind(); });
  std::string text;
  for (auto& k : path) {
    text += text.empty() ? "" : " -> ";
    text += one_kind ? std::string(k.payload()) : k.text();
  }
  return fail(errc::cycle, "a cycle of dependencies: " + text, "remove one of these dependencies")
      .value();
}

} // namespace zako
