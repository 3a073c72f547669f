// V8's serializer writes a value as bytes; these are read here.
//
// The bytes (versions 13 to 15; V8's src/objects/value-serializer.cc defines them): FF and the
// version, then one value: a tag, and what belongs to it. Objects and arrays are numbered as they
// come; "^" with a number stands for one that was there before. Only the tags of plain data are
// read: at any other one the reader gives up.
#include "scripting/isolate/clone.hpp"

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scripting/isolate/script_run.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {

constexpr std::size_t max_depth = 200; // as `data` allows
constexpr unsigned first_version = 13, last_version = 15;

class serializer_delegate final : public v8::ValueSerializer::Delegate {
public:
  serializer_delegate(v8::Isolate* isolate, std::size_t most) : isolate_(isolate), most_(most) {}

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    isolate_->ThrowException(v8::Exception::Error(message));
  }
  void* ReallocateBufferMemory(void* old, std::size_t size, std::size_t* got) override {
    *got = size;
    return size > most_ ? nullptr : std::realloc(old, size);
  }
  void FreeBufferMemory(void* buffer) override { std::free(buffer); }

private:
  v8::Isolate* isolate_;
  std::size_t most_;
};

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

std::string from_latin1(std::string_view bytes) {
  if (v8_compat::is_ascii(bytes))
    return std::string(bytes);
  std::string out;
  for (char c : bytes)
    append_utf8(out, static_cast<unsigned char>(c));
  return out;
}

/// Unpaired surrogates become U+FFFD.
std::string from_utf16(std::string_view bytes) {
  auto unit = [&](std::size_t i) {
    std::uint16_t x = 0;
    std::memcpy(&x, bytes.data() + 2 * i, 2);
    return x;
  };
  auto n = bytes.size() / 2;
  std::string out;
  for (std::size_t i = 0; i < n; ++i) {
    std::uint32_t c = unit(i);
    if (c >= 0xd800 && c < 0xe000) {
      auto low = c < 0xdc00 && i + 1 < n ? unit(i + 1) : 0;
      if (low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00u);
        ++i;
      } else {
        c = 0xfffd;
      }
    }
    append_utf8(out, c);
  }
  return out;
}

class clone_reader {
public:
  clone_reader(std::string_view bytes, const script_limits& limits)
      : bytes_(bytes), limits_(limits) {}

  bool read(data& out) {
    std::uint32_t version = 0;
    return byte() == 0xff && number(version) && version >= first_version &&
           version <= last_version && value(out, 0) && at_ == bytes_.size();
  }

private:
  /// 0 (padding) at the end.
  unsigned char byte() {
    return at_ < bytes_.size() ? static_cast<unsigned char>(bytes_[at_++]) : 0;
  }

  unsigned char tag() {
    unsigned char x = 0;
    while (at_ < bytes_.size() && x == 0)
      x = byte();
    return x;
  }

  bool number(std::uint32_t& out) {
    out = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (at_ == bytes_.size())
        return false;
      auto x = byte();
      out |= static_cast<std::uint32_t>(x & 0x7f) << shift;
      if ((x & 0x80) == 0)
        return true;
    }
    return false;
  }

  bool whole(std::int32_t& out) {
    std::uint32_t x = 0;
    if (!number(x))
      return false;
    out = static_cast<std::int32_t>(x >> 1) ^ -static_cast<std::int32_t>(x & 1);
    return true;
  }

  bool take(std::size_t size, std::string_view& out) {
    if (size > bytes_.size() - at_)
      return false;
    out = bytes_.substr(at_, size);
    at_ += size;
    return true;
  }

  bool text(unsigned char tag, std::string& out) {
    std::uint32_t size = 0;
    std::string_view raw;
    if (!number(size) || !take(size, raw))
      return false;
    characters_ = tag == 'c' ? size / 2 : size;
    out = tag == 'c' ? from_utf16(raw) : from_latin1(raw);
    return true;
  }

  bool value(data& out, std::size_t depth) {
    if (++count_ > limits_.values)
      return false;
    switch (auto x = tag()) {
    case '_': // undefined
    case '0': // null
      return true;
    case 'T':
    case 'F':
      out = data(x == 'T');
      return true;
    case 'I': {
      std::int32_t n = 0;
      if (!whole(n))
        return false;
      out = data(static_cast<double>(n));
      return true;
    }
    case 'N': {
      std::string_view raw;
      double n = 0;
      if (!take(sizeof n, raw))
        return false;
      std::memcpy(&n, raw.data(), sizeof n);
      out = data(n);
      return true;
    }
    case '"':
    case 'c': {
      std::string made;
      if (!text(x, made))
        return false;
      total_characters_ += characters_;
      out = data(std::move(made));
      return total_characters_ <= limits_.text_bytes;
    }
    case 'o':
    case 'A':
    case 'a':
      if (!repeating_)
        begins_.push_back(at_ - 1);
      return depth < max_depth && (x == 'o' ? members(out, depth) : elements(x, out, depth));
    case '^':
      return again(out, depth);
    default:
      return false;
    }
  }

  /// One that was read before: read again from where it began.
  bool again(data& out, std::size_t depth) {
    std::uint32_t id = 0;
    if (!number(id) || id >= begins_.size())
      return false;
    --count_;
    auto back = std::exchange(at_, begins_[id]);
    auto outer = std::exchange(repeating_, true);
    auto good = value(out, depth);
    at_ = back;
    repeating_ = outer;
    return good;
  }

  /// An array that may have holes ("a") has an index before each element.
  bool elements(unsigned char kind, data& out, std::size_t depth) {
    std::uint32_t size = 0, properties = 0;
    if (!number(size) || size > bytes_.size() - at_) // an element is a byte at least
      return false;
    data::array made(size);
    for (std::uint32_t i = 0; i < size; ++i)
      if ((kind == 'a' && !index(i)) || !value(made[i], depth + 1))
        return false;
    // The end says the size once more; "a" counts the elements as properties.
    if (tag() != (kind == 'a' ? '@' : '$') || !number(properties) ||
        properties != (kind == 'a' ? size : 0) || !number(size) || size != made.size())
      return false;
    out = data(std::move(made));
    return true;
  }

  bool index(std::uint32_t expected) {
    std::int32_t x = 0;
    return tag() == 'I' && whole(x) && x >= 0 && static_cast<std::uint32_t>(x) == expected;
  }

  bool members(data& out, std::size_t depth) {
    auto first = open_.size();
    for (;;) {
      auto x = tag();
      if (x == '{')
        break;
      std::string name;
      std::int32_t number_name = 0;
      if (x == 'I' && whole(number_name) && number_name >= 0)
        name = std::to_string(number_name);
      else if ((x != '"' && x != 'c') || !text(x, name))
        return false;
      data member;
      if (!value(member, depth + 1))
        return false;
      open_.emplace_back(std::move(name), std::move(member));
    }
    std::uint32_t size = 0;
    if (!number(size) || size != open_.size() - first)
      return false;
    auto begin = open_.begin() + static_cast<std::ptrdiff_t>(first);
    out = data(data::object(std::make_move_iterator(begin), std::make_move_iterator(open_.end())));
    open_.erase(begin, open_.end());
    return true;
  }

  std::string_view bytes_;
  const script_limits& limits_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;            // of values
  std::size_t characters_ = 0;       // of the text that was read last
  std::size_t total_characters_ = 0; // of texts that are values
  std::vector<std::size_t> begins_;  // of objects and arrays, by number
  bool repeating_ = false;
  data::object open_; // members of the objects that are being read
};

} // namespace

std::optional<data> clone(script_run& run, v8::Local<v8::Object> value) {
  v8::HandleScope scope(run.isolate);
  v8::TryCatch caught(run.isolate); // nobody is told: `to_data` meets the same
  // Twice the text for texts of two-byte characters; the rest, for all else.
  serializer_delegate delegate(run.isolate, 4 * run.limits.text_bytes);
  v8::ValueSerializer serializer(run.isolate, &delegate);
  serializer.WriteHeader();
  if (!serializer.WriteValue(run.context, value).FromMaybe(false))
    return std::nullopt;
  auto [bytes, size] = serializer.Release();
  std::unique_ptr<std::uint8_t, void (*)(void*)> hold(bytes, std::free);
  data out;
  clone_reader reader({reinterpret_cast<const char*>(bytes), size}, run.limits);
  return reader.read(out) ? std::optional(std::move(out)) : std::nullopt;
}

} // namespace zako
