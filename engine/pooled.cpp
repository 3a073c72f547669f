// Lists of texts that begin alike.
#include "engine/pooled.hpp"

namespace zako {

std::string encode_texts(const std::vector<std::string_view>& texts) {
  std::string bytes;
  encoder out{bytes};
  out.apply(texts.size());
  std::string_view before;
  for (auto text : texts) {
    auto end = std::mismatch(before.begin(), before.end(), text.begin(), text.end()).first;
    auto shared = static_cast<std::size_t>(end - before.begin());
    out.apply(shared);
    out.apply(text.size() - shared);
    bytes += text.substr(shared);
    before = text;
  }
  return bytes;
}

std::optional<std::vector<std::string>> decode_texts(decoder& in) {
  std::size_t count = 0;
  if (!in.apply_length(count))
    return std::nullopt;
  std::vector<std::string> texts;
  texts.reserve(count);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t shared = 0;
    std::string_view rest;
    if (!in.apply(shared) || !in.apply(rest) || shared > text.size())
      return std::nullopt;
    if (shared < text.size() && !rest.empty() && text[shared] == rest[0])
      return std::nullopt; // one encoding per list: they share more
    text.resize(shared);
    text += rest;
    texts.push_back(text);
  }
  return texts;
}

} // namespace zako
