#include "payload/cbor/notation.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "payload/cbor/head.hpp"
#include "payload/cbor/number.hpp"

namespace mq::cbor {
namespace {

// Whether an encoder would make these bytes of a big integer: those of 64 bits are plain integers (3.4.3).
bool is_preferred_big_integer(Bytes n) {
  return n.size() > sizeof(std::uint64_t) && n.size() <= longest_big_integer && n.front() != '\0';
}

std::string simple_word(std::uint64_t number) {
  switch (number) {
    case 20:
      return "false";
    case 21:
      return "true";
    case 22:
      return "null";
    case 23:
      return "undefined";
    default:
      return fmt::format("simple({})", number);
  }
}

// Recursion ends where check_item() has let it.
class Writer {
 public:
  Writer(Bytes data, std::size_t at, Ink& ink) : heads_(data, at), ink_(ink) {}

  void item() { contents(*heads_.next(), 0, Part::text); }
  const Heads& heads() const { return heads_; }

 private:
  using Kind = Head::Kind;

  // `texts` is what a text is here: a name or a text.
  void contents(const Head& head, std::size_t depth, Part texts) {
    switch (head.kind) {
      case Kind::positive:
      case Kind::negative:
        ink_.put(Part::number, decimal(head.argument, head.kind == Kind::negative));
        return;
      case Kind::bytes:
      case Kind::text:
        return head.indefinite ? chunks(head, texts) : string(head, texts);
      case Kind::array:
      case Kind::map:
        return items(head, depth);
      case Kind::tag:
        return tagged(head, depth);
      case Kind::simple:
        ink_.put(Part::word, simple_word(head.argument));
        return;
      case Kind::floating:
        ink_.put(Part::number, float_notation(head.number));
        return;
      case Kind::stop:
        return;
    }
  }

  void string(const Head& head, Part part) {
    if (head.kind == Kind::text) {
      put_quoted(ink_, part, head.string);
    } else {
      ink_.put(part, "h'" + to_hex(head.string) + "'");
    }
  }

  void chunks(const Head& whole, Part part) {
    Head chunk = *heads_.next();
    if (chunk.kind == Kind::stop) {
      // "(_ )" would not say of which type the string is (8.1).
      ink_.put(part, whole.kind == Kind::text ? "\"\"" : "''").put(Part::punctuation, "_");
      return;
    }
    ink_.put(Part::punctuation, "(_ ");
    for (bool first = true; chunk.kind != Kind::stop; chunk = *heads_.next(), first = false) {
      if (!first) ink_.put(Part::punctuation, ", ");
      string(chunk, part);
    }
    ink_.put(Part::punctuation, ")");
  }

  void items(const Head& whole, std::size_t depth) {
    const bool is_map = whole.kind == Kind::map;
    ink_.put(Part::punctuation, is_map ? "{" : "[");
    if (whole.indefinite) ink_.put(Part::punctuation, "_");
    bool empty = true;
    for (std::uint64_t i = 0; whole.indefinite || i < whole.argument; ++i) {
      const Head head = *heads_.next();
      if (head.kind == Kind::stop) break;
      if (!empty) ink_.put(Part::punctuation, ",");
      // Between items, and behind the mark.
      if (!ink_.lines() && (!empty || whole.indefinite)) ink_.put(Part::punctuation, " ");
      empty = false;
      ink_.new_line(depth + 1);
      contents(head, depth + 1, is_map ? Part::name : Part::text);
      if (!is_map) continue;
      ink_.put(Part::punctuation, ": ");
      contents(*heads_.next(), depth + 1, Part::text);
    }
    if (!empty) ink_.new_line(depth);
    if (empty && whole.indefinite) ink_.put(Part::punctuation, " ");
    ink_.put(Part::punctuation, is_map ? "}" : "]");
  }

  void tagged(const Head& tag, std::size_t depth) {
    const Head head = *heads_.next();
    const bool big = tag.argument == 2 || tag.argument == 3;
    if (big && head.kind == Kind::bytes && !head.indefinite && is_preferred_big_integer(head.string)) {
      ink_.put(Part::number, decimal(head.string, tag.argument == 3));
      return;
    }
    ink_.put(Part::note, fmt::format_int(tag.argument).str()).put(Part::punctuation, "(");
    contents(head, depth, Part::text);
    ink_.put(Part::punctuation, ")");
  }

  Heads heads_;
  Ink& ink_;
};

}  // namespace

std::size_t write_item(Bytes data, std::size_t at, Ink& ink) {
  Writer writer(data, at, ink);
  writer.item();
  return writer.heads().at();
}

void write_sequence(Bytes data, Ink& ink) {
  for (std::size_t at = 0; at < data.size();) {
    if (at > 0 && ink.lines()) ink.new_line(0);
    if (at > 0 && !ink.lines()) ink.put(Part::punctuation, ", ");
    at = write_item(data, at, ink);
  }
}

}  // namespace mq::cbor
