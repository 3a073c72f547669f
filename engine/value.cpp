// The output digest of an outcome.
#include "engine/value.hpp"

namespace zako {

digest output_digest(const outcome& x) {
  if (x)
    return x->output();
  // An error never has the digest of a value: value digests cover bytes without this prefix.
  std::string bytes = "zako error\n";
  encoder f{bytes};
  f.apply(x.error());
  return digest_of(bytes);
}

} // namespace zako
