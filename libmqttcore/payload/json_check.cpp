// The one file of this folder that reads JSON with nlohmann's parser, which takes seconds to compile.
#include <cstddef>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>

#include "payload/json_text.hpp"

namespace mq {
namespace {

// Accepts every value and counts the depth.
class Checker : public nlohmann::json::json_sax_t {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool key(string_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  static constexpr int deepest = 512;
  bool enter() { return ++depth_ <= deepest; }
  bool leave() { return --depth_, true; }
  int depth_ = 0;
};

}  // namespace

bool is_json(Bytes text) {
  // The parser takes a NUL for the end of its input, and passes over a byte order mark.
  if (text.contains('\0') || text.starts_with("\xEF\xBB\xBF")) return false;
  try {
    Checker checker;
    return nlohmann::json::sax_parse(text.begin(), text.end(), &checker);
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace mq
