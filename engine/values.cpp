// Output digests of values with volatile parts.
#include "engine/values.hpp"

#include "engine/codec.hpp"

namespace zako {

namespace {

output_file without_print(output_file x) {
  x.print = {};
  return x;
}

} // namespace

digest file_value::output_digest() const {
  auto x = *this;
  x.print = {};
  return digest_of(encode(x));
}

digest directory_value::output_digest() const {
  auto x = *this;
  x.print = {};
  return digest_of(encode(x));
}

digest which_value::output_digest() const {
  return digest_of(encode(path));
}

digest artifact_value::output_digest() const {
  return digest_of(encode(without_print(file)));
}

digest action_value::output_digest() const {
  std::vector<output_file> lasting;
  for (auto& file : outputs)
    lasting.push_back(without_print(file));
  return digest_of(encode(lasting));
}

digest test_value::output_digest() const {
  auto x = *this;
  x.run_ns = 0;
  return digest_of(encode(x));
}

} // namespace zako
