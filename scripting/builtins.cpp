// Finds a built-in module. The table itself is written by builtins/embed.cpp when Zako is built.
#include "scripting/builtins.hpp"

#include <algorithm>

namespace zako {

const digest& builtins_digest() {
  static const digest all = [] {
    hasher h;
    for (auto& module : builtin_modules())
      h.update(module.id).update(module.content);
    return h.finish();
  }();
  return all;
}

const builtin_module* find_builtin(std::string_view id) {
  auto all = builtin_modules();
  auto i = std::ranges::lower_bound(all, id, {}, &builtin_module::id);
  return i != all.end() && i->id == id ? &*i : nullptr;
}

} // namespace zako
