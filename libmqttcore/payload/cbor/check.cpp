#include "payload/cbor/check.hpp"

#include <fmt/core.h>

#include "base/utf8.hpp"
#include "payload/cbor/head.hpp"
#include "payload/value.hpp"

namespace mq::cbor {
namespace {

class Checker {
 public:
  explicit Checker(Bytes data) : heads_(data) {}

  // Recursion ends at deepest_value.
  Result<void> item(std::size_t depth) {
    const auto head = heads_.next();
    if (!head) return std::unexpected(head.error());
    if (head->kind == Head::Kind::stop)
      return not_cbor(head->offset, "a break where there is nothing to end");
    return contents(*head, depth);
  }

  const Heads& heads() const { return heads_; }

 private:
  using Kind = Head::Kind;

  Result<void> contents(const Head& head, std::size_t depth) {
    if (++parts_ > most_parts)
      return not_cbor(head.offset, fmt::format("it has more than {} parts", most_parts));
    switch (head.kind) {
      case Kind::bytes:
      case Kind::text:
        return head.indefinite ? chunks(head) : string(head);
      case Kind::array:
      case Kind::map:
      case Kind::tag:
        if (depth == deepest_value)
          return not_cbor(head.offset, fmt::format("it is nested deeper than {} levels", deepest_value));
        if (head.kind == Kind::tag) return item(depth + 1);
        return head.indefinite ? open_ended(head, depth + 1) : counted(head, depth + 1);
      default:
        return {};
    }
  }

  static Result<void> string(const Head& head) {
    if (head.kind == Kind::text && !is_utf8(head.string))
      return not_cbor(head.offset, "a text string that is not UTF-8");
    return {};
  }

  // 3.2.3: definite strings of the same major type; each text of its own valid.
  Result<void> chunks(const Head& whole) {
    while (true) {
      const auto chunk = heads_.next();
      if (!chunk) return std::unexpected(chunk.error());
      if (chunk->kind == Kind::stop) return {};
      if (chunk->kind != whole.kind || chunk->indefinite)
        return not_cbor(chunk->offset, "a string's chunk that is not such a string of definite length");
      if (auto valid = string(*chunk); !valid) return valid;
    }
  }

  Result<void> counted(const Head& head, std::size_t depth) {
    const std::size_t each = head.kind == Kind::map ? 2 : 1;
    // Every item has a byte at least.
    if (head.argument > heads_.left() / each)
      return not_cbor(head.offset,
                      fmt::format("it says that {} {} follow, but bytes left are {}", head.argument,
                                  each == 2 ? "pairs" : "elements", heads_.left()));
    for (std::uint64_t i = 0; i < head.argument * each; ++i)
      if (auto fine = item(depth); !fine) return fine;
    return {};
  }

  Result<void> open_ended(const Head& whole, std::size_t depth) {
    for (bool value_is_due = false;;) {
      const auto head = heads_.next();
      if (!head) return std::unexpected(head.error());
      if (head->kind == Kind::stop) {
        if (value_is_due) return not_cbor(head->offset, "a map that ends behind a key");
        return {};
      }
      if (auto fine = contents(*head, depth); !fine) return fine;
      if (whole.kind == Kind::map) value_is_due = !value_is_due;
    }
  }

  Heads heads_;
  std::size_t parts_ = 0;
};

}  // namespace

Result<void> check_item(Bytes data) {
  if (data.empty()) return fail(ErrorKind::payload, "this is not CBOR: it is empty");
  Checker checker(data);
  if (auto fine = checker.item(0); !fine) return fine;
  if (checker.heads().done()) return {};
  const std::size_t left = checker.heads().left();
  return fail(ErrorKind::payload,
              fmt::format("this is not one CBOR item: {} byte{} at byte {}", left,
                          left == 1 ? " follows it" : "s follow it", checker.heads().at()),
              0, "--format cbor-seq reads a sequence of items");
}

Result<std::size_t> check_sequence(Bytes data) {
  Checker checker(data);
  std::size_t items = 0;
  // Its items are one level down: a sequence becomes an array.
  for (; !checker.heads().done(); ++items)
    if (auto fine = checker.item(1); !fine) return std::unexpected(fine.error());
  return items;
}

}  // namespace mq::cbor
