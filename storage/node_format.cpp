// Encodes and decodes the values of the node database.
#include "storage/node_format.hpp"

#include <bit>
#include <cstring>
#include <numeric>

#include <xxhash.h>

#include "engine/codec.hpp"

static_assert(std::endian::native == std::endian::little, "the format is that of the machine");

namespace zako {

namespace node_format {

namespace {

constexpr std::size_t checksum_bytes = sizeof(std::uint64_t);
constexpr std::size_t hash_bytes = sizeof(std::uint32_t);

std::uint64_t checksum(table t, std::uint32_t key, std::string_view body) {
  auto seed = static_cast<std::uint64_t>(t) << 32 | key;
  return XXH3_64bits_withSeed(body.data(), body.size(), seed);
}

std::string blank() {
  return std::string(checksum_bytes, '\0');
}

std::string sealed(table t, std::uint32_t key, std::string value) {
  auto sum = checksum(t, key, std::string_view(value).substr(checksum_bytes));
  std::memcpy(value.data(), &sum, sizeof sum);
  return value;
}

} // namespace

std::string seal(const about& x) {
  auto value = blank();
  value.append(reinterpret_cast<const char*>(&x.format), sizeof x.format);
  value.append(reinterpret_cast<const char*>(&x.name_count), sizeof x.name_count);
  return sealed(table::about, 0, std::move(value));
}

std::string seal(const names_page& x, std::uint32_t first) {
  auto value = blank();
  auto count = static_cast<std::uint32_t>(x.hashes.size());
  value.append(reinterpret_cast<const char*>(&count), sizeof count);
  value.append(reinterpret_cast<const char*>(x.hashes.data()), count * hash_bytes);
  value += x.texts;
  return sealed(table::names, first, std::move(value));
}

std::string seal(const node_record& x, std::uint32_t id) {
  auto value = blank();
  encoder{value}.apply(x);
  return sealed(table::records, id, std::move(value));
}

std::string seal_root(std::int64_t asked_s, std::uint32_t id) {
  auto value = blank();
  encoder{value}.apply(asked_s);
  return sealed(table::roots, id, std::move(value));
}

std::optional<std::string_view> unseal(table t, std::uint32_t key, std::string_view value) {
  std::uint64_t sum;
  if (value.size() < sizeof sum)
    return std::nullopt;
  std::memcpy(&sum, value.data(), sizeof sum);
  value.remove_prefix(sizeof sum);
  return sum == checksum(t, key, value) ? std::optional{value} : std::nullopt;
}

std::optional<about> parse_about(std::string_view body) {
  about x;
  if (body.size() < sizeof x.format)
    return std::nullopt;
  std::memcpy(&x.format, body.data(), sizeof x.format);
  if (x.format != version)
    return x;
  if (body.size() != sizeof x.format + sizeof x.name_count)
    return std::nullopt;
  std::memcpy(&x.name_count, body.data() + sizeof x.format, sizeof x.name_count);
  return x;
}

void names_page::add(std::string_view text) {
  hashes.push_back(stable_hash(text));
  auto length = static_cast<std::uint32_t>(text.size());
  texts.append(reinterpret_cast<const char*>(&length), sizeof length);
  texts += text;
}

std::optional<names_view> parse_names(std::string_view body) {
  std::uint32_t count;
  if (body.size() < sizeof count)
    return std::nullopt;
  std::memcpy(&count, body.data(), sizeof count);
  body.remove_prefix(sizeof count);
  if (count > body.size() / hash_bytes)
    return std::nullopt;
  return names_view{{reinterpret_cast<const std::uint32_t*>(body.data()), count},
                    body.substr(count * hash_bytes)};
}

std::optional<node_record> parse_record(std::string_view body) {
  auto x = decode<node_record>(body);
  if (!x)
    return std::nullopt;
  auto grouped = std::accumulate(x->group_sizes.begin(), x->group_sizes.end(), std::uint64_t{0});
  return grouped == x->dependencies.size() ? std::move(x) : std::nullopt;
}

std::optional<std::int64_t> parse_root(std::string_view body) {
  return decode<std::int64_t>(body);
}

} // namespace node_format
} // namespace zako
