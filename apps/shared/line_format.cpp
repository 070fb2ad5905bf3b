#include "shared/line_format.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

std::unexpected<Error> unfit(std::string text) { return fail(ErrorKind::payload, std::move(text)); }

std::string_view name_of(char token) { return token == 't' ? "topic" : "payload"; }

// Of any length, so that only what follows can end it.
bool is_open(char token) { return token == 't' || token == 'p'; }

}  // namespace

void LineFormat::add_text(char c) {
  if (pieces_.empty() || pieces_.back().token != '\0') pieces_.push_back({});
  pieces_.back().text += c;
}

Result<LineFormat> LineFormat::compile(std::string_view format) {
  LineFormat made;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (c != '%' && c != '\\') {
      made.add_text(c);
      continue;
    }
    const std::string_view token = format.substr(i++, 2);
    if (token == "%%" || token == "\\\\") {
      made.add_text(c);
    } else if (token == "\\t") {
      made.add_text('\t');
    } else if (token == "%t" || token == "%p" || token == "%q" || token == "%r") {
      const char letter = token[1];
      if (std::ranges::find(made.pieces_, letter, &Piece::token) != made.pieces_.end())
        return usage(fmt::format("{} is there twice", token));
      if (is_open(letter) && !made.pieces_.empty() && is_open(made.pieces_.back().token))
        return usage(fmt::format("nothing tells where {} begins", token), "put a text between the two");
      made.pieces_.push_back({.token = letter});
      made.gives_topic_ = made.gives_topic_ || letter == 't';
    } else {
      return usage(fmt::format("{} is not known", quoted(token)),
                   "there are %t, %p, %q, %r, %%, \\t and \\\\");
    }
  }
  if (std::ranges::none_of(made.pieces_, [](const Piece& piece) { return is_open(piece.token); }))
    return usage("it has neither a topic nor a payload", "%t is the topic, %p the payload");
  // A digit behind it tells no more where the text ends than nothing does.
  for (std::size_t i = 1; i < made.pieces_.size(); ++i) {
    const char token = made.pieces_[i].token;
    if (is_open(made.pieces_[i - 1].token) && token != '\0')
      return usage(fmt::format("nothing tells where %{} begins", token), "put a text between the two");
  }
  return made;
}

Result<LineParts> LineFormat::parse(Bytes line) const {
  LineParts parts;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const std::string* until = i + 1 < pieces_.size() ? &pieces_[i + 1].text : nullptr;
    if (auto taken = take(pieces_[i], until, line, parts); !taken)
      return std::unexpected(std::move(taken.error()));
  }
  if (!line.empty()) return unfit(fmt::format("goes on with {} behind its last part", quoted(line)));
  return parts;
}

Result<void> LineFormat::take(const Piece& piece, const std::string* until, Bytes& rest,
                              LineParts& parts) const {
  if (piece.token == '\0') {
    if (!rest.starts_with(piece.text))
      return unfit(fmt::format("{} is missing where {} stands", quoted(piece.text),
                               rest.empty() ? "nothing" : quoted(rest)));
    rest.remove_prefix(piece.text.size());
    return {};
  }
  if (is_open(piece.token)) {
    const std::size_t end = until == nullptr ? rest.size() : rest.find(*until);
    if (end == Bytes::npos)
      return unfit(fmt::format("{} is missing behind the {}", quoted(*until), name_of(piece.token)));
    (piece.token == 't' ? parts.topic.emplace() : parts.payload) = rest.substr(0, end);
    rest.remove_prefix(end);
    return {};
  }
  const bool is_qos = piece.token == 'q';
  const char digit = rest.empty() ? '\0' : rest[0];
  if (digit < '0' || digit > (is_qos ? '2' : '1'))
    return unfit(fmt::format("{} stands where {}",
                             rest.empty() ? std::string("nothing") : quoted(rest.substr(0, 1)),
                             is_qos ? "a QoS is due: 0, 1 or 2" : "0 or 1 is due for retain"));
  if (is_qos)
    parts.qos = static_cast<QoS>(digit - '0');
  else
    parts.retain = digit == '1';
  rest.remove_prefix(1);
  return {};
}

}  // namespace mq
