// The inspection protocol that every type of a message or record offers, and helpers for it.
//
// A type has one `inspect(Inspector&, T&)`, in the shape that CAF 0.18 uses:
// `f.object(x).fields(f.field("a", x.a), …)`. The same function serves CAF's messages and our own
// codec (codec.hpp), so a type is described once. This file knows nothing of CAF: the protocol is
// duck-typed.
#pragma once

#include <type_traits>

namespace zako {

/// Inspects a scoped enum as its underlying integer; loading a value outside [first, last] fails.
template <class Inspector, class Enum>
bool inspect_enum(Inspector& f, Enum& x, Enum first, Enum last) {
  using integer = std::underlying_type_t<Enum>;
  auto get = [&x] { return static_cast<integer>(x); };
  auto set = [&x, first, last](integer n) {
    if (n < static_cast<integer>(first) || n > static_cast<integer>(last))
      return false;
    x = static_cast<Enum>(n);
    return true;
  };
  return f.apply(get, set);
}

} // namespace zako
