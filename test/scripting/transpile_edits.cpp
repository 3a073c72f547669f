// Edits of a text: what moves takes its own changes and its places in the source along.
#include <catch2/catch.hpp>

#include "scripting/transpile/edits.hpp"

using namespace zako::transpile;

TEST_CASE("a moved range takes the changes inside it along") {
  edit_list edits;
  edits.move(2, 5, 8); // "cde" behind "h"
  edits.replace(3, 4, "XX");
  edits.close(5, ")", 2);
  edited_text out;
  REQUIRE(edits.apply("abcdefghij", out));
  CHECK(out.text == "abfghcXXe)ij");
  CHECK(out.moving > 0);
  for (auto& piece : out.pieces)
    if (piece.kept)
      CHECK(out.text.substr(piece.output, piece.length) ==
            std::string_view{"abcdefghij"}.substr(piece.source, piece.length));
}

TEST_CASE("a range can move inside one that moves") {
  edit_list edits;
  edits.move(1, 6, 8); // "bcdef" behind "h"
  edits.move(2, 3, 5); // in it, "c" behind "e"
  edited_text out;
  REQUIRE(edits.apply("abcdefghij", out));
  CHECK(out.text == "aghbdecfij");
}
