// Every example of RFC 8949, appendix A: bytes, diagnostic notation, and our JSON view. Texts outside of
// ASCII are shown as they are where the appendix escapes them.
#pragma once

#include <array>
#include <string_view>

namespace mq::testing {

struct CborVector {
  std::string_view hex;
  std::string_view notation;
  std::string_view json;
  bool preferred = true;  // whether the notation, encoded, makes the same bytes
};

// clang-format off
inline constexpr auto appendix_a = std::to_array<CborVector>({
    {"00", "0", "0"},
    {"01", "1", "1"},
    {"0a", "10", "10"},
    {"17", "23", "23"},
    {"1818", "24", "24"},
    {"1819", "25", "25"},
    {"1864", "100", "100"},
    {"1903e8", "1000", "1000"},
    {"1a000f4240", "1000000", "1000000"},
    {"1b000000e8d4a51000", "1000000000000", "1000000000000"},
    {"1bffffffffffffffff", "18446744073709551615", "18446744073709551615"},
    {"c249010000000000000000", "18446744073709551616", "18446744073709551616"},
    {"3bffffffffffffffff", "-18446744073709551616", "-18446744073709551616"},
    {"c349010000000000000000", "-18446744073709551617", "-18446744073709551617"},
    {"20", "-1", "-1"},
    {"29", "-10", "-10"},
    {"3863", "-100", "-100"},
    {"3903e7", "-1000", "-1000"},
    {"f90000", "0.0", "0.0"},
    {"f98000", "-0.0", "-0.0"},
    {"f93c00", "1.0", "1.0"},
    {"fb3ff199999999999a", "1.1", "1.1"},
    {"f93e00", "1.5", "1.5"},
    {"f97bff", "65504.0", "65504.0"},
    {"fa47c35000", "100000.0", "1e+05"},
    {"fa7f7fffff", "3.4028234663852886e+38", "3.4028235e+38"},
    {"fb7e37e43c8800759c", "1.0e+300", "1e+300"},
    {"f90001", "5.960464477539063e-8", "6e-08"},
    {"f90400", "0.00006103515625", "6.104e-05"},
    {"f9c400", "-4.0", "-4.0"},
    {"fbc010666666666666", "-4.1", "-4.1"},
    {"f97c00", "Infinity", "null"},
    {"f97e00", "NaN", "null"},
    {"f9fc00", "-Infinity", "null"},
    {"fa7f800000", "Infinity", "null", false},
    {"fa7fc00000", "NaN", "null", false},
    {"faff800000", "-Infinity", "null", false},
    {"fb7ff0000000000000", "Infinity", "null", false},
    {"fb7ff8000000000000", "NaN", "null", false},
    {"fbfff0000000000000", "-Infinity", "null", false},
    {"f4", "false", "false"},
    {"f5", "true", "true"},
    {"f6", "null", "null"},
    {"f7", "undefined", "null"},
    {"f0", "simple(16)", R"-("simple(16)")-"},
    {"f8ff", "simple(255)", R"-("simple(255)")-"},
    {"c074323031332d30332d32315432303a30343a30305a", R"(0("2013-03-21T20:04:00Z"))", R"("2013-03-21T20:04:00Z")"},
    {"c11a514b67b0", "1(1363896240)", "1363896240"},
    {"c1fb41d452d9ec200000", "1(1363896240.5)", "1363896240.5"},
    {"d74401020304", "23(h'01020304')", R"("AQIDBA==")"},
    {"d818456449455446", "24(h'6449455446')", R"("ZElFVEY=")"},
    {"d82076687474703a2f2f7777772e6578616d706c652e636f6d", R"(32("http://www.example.com"))", R"("http://www.example.com")"},
    {"40", "h''", R"("")"},
    {"4401020304", "h'01020304'", R"("AQIDBA==")"},
    {"60", R"("")", R"("")"},
    {"6161", R"("a")", R"("a")"},
    {"6449455446", R"("IETF")", R"("IETF")"},
    {"62225c", R"("\"\\")", R"("\"\\")"},
    {"62c3bc", R"("ü")", R"("ü")"},
    {"63e6b0b4", R"("水")", R"("水")"},
    {"64f0908591", R"("𐅑")", R"("𐅑")"},
    {"80", "[]", "[]"},
    {"83010203", "[1, 2, 3]", "[1,2,3]"},
    {"8301820203820405", "[1, [2, 3], [4, 5]]", "[1,[2,3],[4,5]]"},
    {"98190102030405060708090a0b0c0d0e0f101112131415161718181819", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]"},
    {"a0", "{}", "{}"},
    {"a201020304", "{1: 2, 3: 4}", R"({"1":2,"3":4})"},
    {"a26161016162820203", R"({"a": 1, "b": [2, 3]})", R"({"a":1,"b":[2,3]})"},
    {"826161a161626163", R"(["a", {"b": "c"}])", R"(["a",{"b":"c"}])"},
    {"a56161614161626142616361436164614461656145", R"({"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"})", R"({"a":"A","b":"B","c":"C","d":"D","e":"E"})"},
    {"5f42010243030405ff", "(_ h'0102', h'030405')", R"("AQIDBAU=")"},
    {"7f657374726561646d696e67ff", R"((_ "strea", "ming"))", R"("streaming")"},
    {"9fff", "[_ ]", "[]"},
    {"9f018202039f0405ffff", "[_ 1, [2, 3], [_ 4, 5]]", "[1,[2,3],[4,5]]"},
    {"9f01820203820405ff", "[_ 1, [2, 3], [4, 5]]", "[1,[2,3],[4,5]]"},
    {"83018202039f0405ff", "[1, [2, 3], [_ 4, 5]]", "[1,[2,3],[4,5]]"},
    {"83019f0203ff820405", "[1, [_ 2, 3], [4, 5]]", "[1,[2,3],[4,5]]"},
    {"9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", "[_ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]"},
    {"bf61610161629f0203ffff", R"({_ "a": 1, "b": [_ 2, 3]})", R"({"a":1,"b":[2,3]})"},
    {"826161bf61626163ff", R"(["a", {_ "b": "c"}])", R"(["a",{"b":"c"}])"},
    {"bf6346756ef563416d7421ff", R"({_ "Fun": true, "Amt": -2})", R"({"Fun":true,"Amt":-2})"},
});
// clang-format on

// Every example of appendix F: what is not well-formed.
// clang-format off
inline constexpr auto appendix_f = std::to_array<std::string_view>({
    // the data ends within a head
    "18", "19", "1a", "1b", "19 01", "1a 01 02", "1b 01 02 03 04 05 06 07", "38", "58", "78", "98",
    "9a 01 ff 00", "b8", "d8", "f8", "f9 00", "fa 00 00", "fb 00 00 00",
    // strings of definite length with less data
    "41", "61", "5a ff ff ff ff 00", "5b ff ff ff ff ff ff ff ff 01 02 03", "7a ff ff ff ff 00", "7b 7f ff ff ff ff ff ff ff 01 02 03",
    // arrays and maps with too few items
    "81", "81 81 81 81 81 81 81 81 81", "82 00", "a1", "a2 01 02", "a1 00", "a2 00 00 00",
    // a tag without content
    "c0",
    // no break
    "5f 41 00", "7f 61 00", "9f", "9f 01 02", "bf", "bf 01 02 01 02", "81 9f", "9f 80 00", "9f 9f 9f 9f 9f ff ff ff ff", "9f 81 9f 81 9f 9f ff ff ff",
    // reserved additional information
    "1c", "1d", "1e", "3c", "3d", "3e", "5c", "5d", "5e", "7c", "7d", "7e", "9c", "9d", "9e", "bc",
    "bd", "be", "dc", "dd", "de", "fc", "fd", "fe",
    // reserved encodings of simple values
    "f8 00", "f8 01", "f8 18", "f8 1f",
    // chunks of another type
    "5f 00 ff", "5f 21 ff", "5f 61 00 ff", "5f 80 ff", "5f a0 ff", "5f c0 00 ff", "5f e0 ff", "7f 41 00 ff",
    // chunks of indefinite length
    "5f 5f 41 00 ff ff", "7f 7f 61 00 ff ff",
    // a break where none belongs
    "ff", "81 ff", "82 00 ff", "a1 ff", "a1 ff 00", "a1 00 ff", "a2 00 00 ff", "9f 81 ff", "9f 82 9f 81 9f 9f ff ff ff ff",
    // a break behind a key
    "bf 00 ff", "bf 00 00 00 ff",
    // no such type has an indefinite length
    "1f", "3f", "df",
});
// clang-format on

}  // namespace mq::testing
