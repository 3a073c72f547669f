// A line in which nobody is forgotten: classes of priority, sessions in turn, first come first
// served.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <deque>
#include <unordered_map>
#include <utility>

#include "engine/job_context.hpp"

namespace zako {

/// T is small and cheap to copy: the line holds names of things, and not the things. Of a higher
/// class everything goes before a lower class, but for every eighth turn, which the lowest class
/// that waits has: so no class starves. Within a class the sessions that wait take turns, however
/// much each of them has. Every operation takes constant time.
template <class T>
class fair_line {
public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }

  void push(const job_origin& from, T what) {
    auto& level = classes_[static_cast<std::size_t>(from.priority)];
    auto& mine = level.waiting[from.session];
    if (mine.empty())
      level.turns.push_back(from.session);
    mine.push_back(std::move(what));
    ++level.size;
    ++size_;
  }

  /// Not when it is empty.
  T pop() {
    assert(size_ > 0);
    auto& level = next_class();
    auto session = level.turns.front();
    level.turns.pop_front();
    auto mine = level.waiting.find(session);
    T what = std::move(mine->second.front());
    mine->second.pop_front();
    if (!mine->second.empty())
      level.turns.push_back(session);
    else if (level.waiting.size() > kept_sessions)
      level.waiting.erase(mine);
    --level.size;
    --size_;
    return what;
  }

private:
  struct priority_class {
    std::unordered_map<std::uint32_t, std::deque<T>> waiting; // by session
    std::deque<std::uint32_t> turns;                          // sessions with something waiting
    std::size_t size = 0;
  };

  static constexpr std::uint32_t low_turn = 8;
  static constexpr std::size_t kept_sessions = 16; // whose room is kept when it is empty

  priority_class& next_class() {
    if (++turn_ % low_turn == 0)
      for (auto& level : classes_)
        if (level.size > 0)
          return level;
    std::size_t i = classes_.size() - 1;
    while (classes_[i].size == 0)
      --i;
    return classes_[i];
  }

  std::array<priority_class, job_priorities> classes_;
  std::size_t size_ = 0;
  std::uint32_t turn_ = 0;
};

} // namespace zako
