// JSON read with nlohmann's parser, whose own tree would lose what a Value keeps.
#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "payload/json.hpp"

namespace mq {
namespace {

using nlohmann::json;

// Numbers beyond a double's range, which the parser refuses, are taken out of the text before it sees them.
struct FarNumbers {
  std::string text;                                               // with a 0 in place of each
  std::vector<std::pair<std::size_t, std::string_view>> taken{};  // which number of the text, its spelling
};

bool in_number(char c) { return std::string_view("+-.0123456789eE").contains(c); }

FarNumbers without_far_numbers(Bytes text) {
  FarNumbers result{std::string(text)};
  std::size_t number = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i)
        if (text[i] == '\\') ++i;
      ++i;
    } else if (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) {
      std::size_t end = i;
      while (end < text.size() && in_number(text[end])) ++end;
      const std::string_view spelling = text.substr(i, end - i);
      // Whether it is a number at all is still the parser's to say: with the exponent's digits all zeros it
      // is in range and as valid or invalid as before.
      if (const std::size_t exponent = spelling.find_first_of("eE"); exponent != std::string_view::npos) {
        for (std::size_t k = i; k < end; ++k)
          if (result.text[k] >= '1' && result.text[k] <= '9' && k > i + exponent) result.text[k] = '0';
        result.taken.emplace_back(number, spelling);
      }
      ++number;
      i = end;
    } else {
      ++i;
    }
  }
  return result;
}

// The parser's events, made a tree.
class Builder {
 public:
  explicit Builder(const FarNumbers* far = nullptr) : far_(far) {}

  // The names that the parser calls.
  bool null() { return add(Value::null()) != nullptr; }
  bool boolean(bool truth) { return add(Value::boolean(truth)) != nullptr; }
  bool number_integer(json::number_integer_t number) {
    // Only "-0" comes as an integer that is nothing: "0" is unsigned.
    return add_number(number == 0 ? std::string("-0") : fmt::format_int(number).str());
  }
  bool number_unsigned(json::number_unsigned_t number) { return add_number(fmt::format_int(number).str()); }
  bool number_float(json::number_float_t, const std::string& spelling) { return add_number(spelling); }
  bool string(std::string& text) { return add(Value::of_text(std::move(text))) != nullptr; }
  bool binary(json::binary_t&) { return false; }
  bool key(std::string& name) {
    name_ = std::move(name);
    return true;
  }
  bool start_object(std::size_t) { return open(Value::object()); }
  bool start_array(std::size_t) { return open(Value::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t, const std::string&, const json::exception& error) {
    out_of_range_ = error.id == 406;
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    std::string_view text = error.what();
    if (const std::size_t at = text.find("line "); at != std::string_view::npos) text.remove_prefix(at);
    why_ = text;
    return false;
  }

  Value take() { return std::move(root_); }
  const std::string& why() const { return why_; }
  bool out_of_range() const { return out_of_range_; }

 private:
  Value* add(Value value) {
    if (++parts_ > most_parts) {
      why_ = fmt::format("it has more than {} parts", most_parts);
      return nullptr;
    }
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    // The innermost open value alone grows, so those around it stay where they are.
    if (open_.back()->kind == Value::Kind::object) value.name = std::move(name_);
    return &open_.back()->add(std::move(value));
  }

  bool add_number(std::string spelling) {
    const std::size_t number = numbers_++;
    if (far_ != nullptr && next_far_ < far_->taken.size() && far_->taken[next_far_].first == number)
      spelling = far_->taken[next_far_++].second;
    return add(Value::number(std::move(spelling))) != nullptr;
  }

  bool open(Value value) {
    if (open_.size() == deepest_value) {
      why_ = fmt::format("it is nested deeper than {} levels", deepest_value);
      return false;
    }
    Value* added = add(std::move(value));
    if (added != nullptr) open_.push_back(added);
    return added != nullptr;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const FarNumbers* far_;
  std::size_t next_far_ = 0;
  std::size_t numbers_ = 0;
  std::size_t parts_ = 0;
  Value root_;
  std::vector<Value*> open_;
  std::string name_;
  std::string why_;
  bool out_of_range_ = false;
};

class JsonCodec final : public Codec {
 public:
  Result<Value> decode(Bytes data, const PayloadContext&) override { return parse_json(data); }
  Result<void> encode(std::string_view text, Buffer& out) override {
    if (auto parsed = parse_json(text); !parsed) return std::unexpected(parsed.error());
    out += text;
    return {};
  }
};

std::unexpected<Error> no_json(std::string_view why) {
  return fail(ErrorKind::payload, fmt::format("this is not JSON: {}", why));
}

}  // namespace

Result<Value> parse_json(Bytes text) {
  // The parser takes a NUL for the end of its input, and passes over a byte order mark.
  if (text.contains('\0')) return no_json("it holds a NUL byte");
  if (text.starts_with("\xEF\xBB\xBF")) return no_json("it begins with a byte order mark");
  if (text.empty()) return no_json("it is empty");
  try {
    Builder builder;
    if (json::sax_parse(text.begin(), text.end(), &builder)) return builder.take();
    if (!builder.out_of_range()) return no_json(builder.why());
    const FarNumbers far = without_far_numbers(text);
    Builder again(&far);
    if (json::sax_parse(far.text, &again)) return again.take();
    return no_json(again.why());
  } catch (const std::exception& error) {
    return no_json(error.what());
  }
}

MadeCodec make_json_codec(const CodecOptions&) { return std::make_unique<JsonCodec>(); }

}  // namespace mq
