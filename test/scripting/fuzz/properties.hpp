// What holds of the transpiler whatever it is given.
#pragma once

#include <string>
#include <string_view>

namespace zako::test {

/// Transpiles `source`, with options that follow from it, and says what does not hold; nothing when
/// all is well:
///   * an error has a place in the source;
///   * JavaScript is TypeScript: what comes out comes out unchanged when it goes in again;
///   * without a map, everything stands where it stood;
///   * a map leads from every place to a place in the source;
///   * it takes less than a second.
std::string broken_property(std::string_view source);

} // namespace zako::test
