#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "base/text.hpp"
#include "payload/cbor/cbor.hpp"

namespace mq {
namespace {

std::string encoded_by(Codec& codec, std::string_view text) {
  Buffer out = "kept";
  const auto done = codec.encode(text, out);
  if (done) return to_hex(out.substr(4));
  CHECK(done.error().kind == ErrorKind::payload);
  CHECK(out == "kept");
  return done.error().text;
}

std::string encoded(std::string_view text) { return encoded_by(*cbor::make_codec(), text); }
std::string sequence(std::string_view text) { return encoded_by(*cbor::make_sequence_codec(), text); }

std::string why(std::string_view text) {
  const std::string result = encoded(text);
  constexpr std::string_view head = "this is not CBOR diagnostic notation: at byte ";
  return result.starts_with(head) ? result.substr(head.size()) : result;
}

TEST_CASE("JSON is notation, and its numbers keep their meaning") {
  CHECK(encoded(R"({"a":[1,-1,1.50,true,null],"b":"x"})") ==
        "a261618501"
        "20f93e00f5f6616261"
        "78");
  CHECK(encoded(" \r\n\t[ ] \n") == "80");
  CHECK(encoded("1e5") == "fa47c35000");
  CHECK(encoded("1E+2") == "f95640");
  CHECK(encoded("0.1") == "fb3fb999999999999a");
  CHECK(encoded("-0") == "00");
  CHECK(encoded("-0.0") == "f98000");
  CHECK(encoded("123456789012345678901234567890") == "c24d018ee90ff6c373e0ee4e3f0ad2");
  CHECK(encoded("9007199254740993") == "1b0020000000000001");
  CHECK(encoded(R"("\b\f\n\r\t\/\"\\\u0041")") == "69080c0a0d092f225c41");
  CHECK(encoded(R"({"a":1,"a":2})") ==
        "a261610161"
        "6102");
}

TEST_CASE("the shortest float that keeps the value") {
  CHECK(encoded("5.960464477539063e-8") == "f90001");
  CHECK(encoded("0.00006097555160522461") == "f903ff");  // the largest below 2^-14
  CHECK(encoded("65504.0") == "f97bff");
  CHECK(encoded("65505.0") == "fa477fe100");
  CHECK(encoded("65536.0") == "fa47800000");
  CHECK(encoded("1.401298464324817e-45") == "fa00000001");
  CHECK(encoded("2.9802322387695312e-8") == "fa33000000");  // half of the least half float
  CHECK(encoded("3.4028234663852886e+38") == "fa7f7fffff");
  CHECK(encoded("3.5e+38") == "fb47f074f8c4d3cd7b");
  CHECK(encoded("5e-324") == "fb0000000000000001");
  CHECK(encoded("NaN") == "f97e00");
  CHECK(encoded("[Infinity, -Infinity]") == "82f97c00f9fc00");
}

TEST_CASE("all of the notation") {
  CHECK(encoded("h'01 02\n0304'") == "4401020304");
  CHECK(encoded("h'0A'") == "410a");
  CHECK(encoded("b64'AQIDBA=='") == "4401020304");
  CHECK(encoded("b64'AQIDBA'") == "4401020304");
  CHECK(encoded("b64'-_8'") == "42fbff");
  CHECK(encoded("b64''") == "40");
  CHECK(encoded(R"('it\'s')") == "4469742773");
  CHECK(encoded("<<1, [2]>>") ==
        "4301"
        "8102");
  CHECK(encoded("<< >>") == "40");
  CHECK(encoded("24(<<\"IETF\">>)") == "d818456449455446");
  CHECK(encoded("18446744073709551615(0)") == "dbffffffffffffffff00");
  CHECK(encoded("55799( 1 )") == "d9d9f701");
  CHECK(encoded("[simple(0), simple(20), simple(32), simple(255)]") == "84e0f4f820f8ff");
  CHECK(encoded("{_ 1: (_ \"a\", \"b\"), h'': [_ ]}") == "bf017f61616162ff409fffff");
  CHECK(encoded("(_ h'01', b64'Ag==')") == "5f41014102ff");
  CHECK(encoded("(_h'')") == "5f40ff");
  CHECK(encoded("[''_, \"\"_]") == "825fff7fff");
  CHECK(encoded("/ a comment / [1, # to the end\n 2 / another /]") == "820102");
  CHECK(encoded("1 # to the end") == "01");
  CHECK(encoded("[1,2,]").ends_with("no item"));
  // The widths of section 8.1.
  CHECK(encoded("[1_0, 1_1, 1_2, 1_3, -1_0]") == "8518011900011a000000011b00000000000000013800");
  CHECK(encoded("[1.5_1, 1.5_2, 1.5_3, NaN_2]") == "84f93e00fa3fc00000fb3ff8000000000000fa7fc00000");
  CHECK(encoded("[_0 1]") == "980101");
  CHECK(encoded("{_1 1: 2}") == "b900010102");
  CHECK(encoded("[\"a\"_0, h'01'_1, 1_1(2)]") ==
        "83780161590001"
        "01d9000102");
}

TEST_CASE("what is not notation is told with its place") {
  CHECK(why("") == "0: the text ends where an item should be");
  CHECK(why("[1, 2") == "5: neither a comma nor ]");
  CHECK(why("[1 2]") == "3: neither a comma nor ]");
  CHECK(why("{1}") == "2: no colon behind a key");
  CHECK(why("{1:}") == "3: no item");
  CHECK(why("[1, foo]") == "4: 'foo' is no word of it");
  CHECK(why("[1, nul]") == "4: 'nul' is no word of it");
  CHECK(why("help") == "0: 'help' is no word of it");
  CHECK(why("\"abc") == "0: a string without its closing quote");
  CHECK(why("\"abc\\") == "4: a string without its closing quote");
  CHECK(why("\"a\nb\"") == "2: a control character in a string");
  CHECK(why("\"a\xFF\"") == "2: a byte that is not UTF-8");
  CHECK(why(R"("\x")") == "1: an escape that JSON doesn't have");
  CHECK(why(R"("\u12")") == "1: \\u without four hexadecimal digits");
  CHECK(why(R"("\ud800")") == "1: half of a surrogate pair");
  CHECK(why(R"("\ud800\u0041")") == "1: half of a surrogate pair");
  CHECK(why(R"("\udc00")") == "1: half of a surrogate pair");
  CHECK(why("h'0'") == "0: digits that are not hexadecimal");
  CHECK(why("h'01") == "1: a string without its closing quote");
  CHECK(why("b64'!'") == "0: digits that are not base64");
  CHECK(why("01") == "0: a number that JSON doesn't have");
  CHECK(why("1.") == "0: a number that JSON doesn't have");
  CHECK(why("-") == "0: a number that JSON doesn't have");
  CHECK(why("1e999") == "0: '1e999' is beyond what a float can hold");
  CHECK(why("simple(24)") == "0: a simple value is simple(0) to simple(23) or simple(32) to simple(255)");
  CHECK(why("simple(256)").starts_with("0: a simple value"));
  CHECK(why("1(2") == "3: a tag without its closing parenthesis");
  CHECK(why("-1(2)") == "2: something behind the item");
  CHECK(why("(1)") == "0: a parenthesis without a tag before it or _ behind it");
  CHECK(why("(_ )") == "3: no string");
  CHECK(why("(_ 1)") == "3: no string");
  CHECK(why("(_ h'', \"\")") == "8: a chunk of another kind than the first");
  CHECK(why("(_ h''") == "0: chunks without their closing parenthesis");
  CHECK(why("(_ ''_)") == "0: chunks without their closing parenthesis");
  CHECK(why("<<1") == "0: << without its >>");
  CHECK(why("/ 1") == "0: a comment without its second /");
  CHECK(why("300_0") == "5: it does not fit the width that the _ says");
  CHECK(why("0.1_2") == "5: it does not fit the width that the _ says");
  CHECK(why("1 2") == "2: something behind the item");
  Buffer out;
  CHECK(cbor::make_codec()->encode("1 2", out).error().hint == "--format cbor-seq takes a sequence of items");
}

TEST_CASE("the items of a sequence stand behind commas or blanks") {
  CHECK(sequence("").empty());
  CHECK(sequence(" \n # nothing").empty());
  CHECK(sequence("1, 2") == "0102");
  CHECK(sequence("1\n2 , 3") == "010203");
  CHECK(sequence("[1, 2]") == "820102");
  CHECK(sequence("1/ one /2") == "0102");
  CHECK(sequence("0x1").ends_with("at byte 1: no comma and no blank between two items"));
  CHECK(sequence("1,").ends_with("at byte 2: a comma without an item behind it"));
  CHECK(sequence(",1").ends_with("at byte 0: no item"));
  CHECK(sequence("1,,2").ends_with("at byte 2: no item"));
}

}  // namespace
}  // namespace mq
