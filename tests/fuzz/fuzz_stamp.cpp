// Arbitrary bytes as the payload and the property block of a message that a load's subscriber gets: the first
// bytes choose the run, and where one is cut from the other. What is read as whole is what would be written;
// a stamp that is made of them comes back as it was, and no byte of it can change unseen.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "fuzz/target.hpp"
#include "load/stamp.hpp"
#include "wire/property.hpp"

namespace {

using namespace mq;

template <class Number>
Number take(Bytes& from) {
  Number number{};
  const std::size_t size = std::min(from.size(), sizeof number);
  std::memcpy(&number, from.data(), size);
  from.remove_prefix(size);
  return number;
}

std::string in_payload(const Stamp& stamp, Bytes rest) {
  std::string payload(stamp_size, '\0');
  payload += rest;
  write_stamp(stamp, std::span(payload));
  return payload;
}

std::string as_text(const Stamp& stamp, Bytes payload) {
  std::array<char, stamp_text_size> text{};
  write_stamp_text(stamp, check_of(payload), text);
  return {text.data(), text.size()};
}

Publish message(Bytes payload, Properties properties) {
  Publish made;
  made.topic = "t";
  made.properties = properties;
  made.payload = payload;
  return made;
}

// Whatever has come: only what was written so is taken for unharmed.
void read(const Publish& message, std::uint32_t run) {
  const auto found = read_stamp(message, run);
  if (!found || found->corrupted) return;
  require(found->stamp.run == run && found->stamp.number >> 48U == 0);
  if (message.payload.size() >= stamp_size &&
      in_payload(found->stamp, message.payload.substr(stamp_size)) == message.payload)
    return;
  const std::string text = as_text(found->stamp, message.payload);
  require(std::ranges::any_of(message.properties, [&text](const Property& property) {
    return property.name == stamp_property && property.value == text;
  }));
}

void write(const Stamp& stamp, Bytes rest, std::size_t at, char difference) {
  std::string payload = in_payload(stamp, rest);
  const auto whole = read_stamp(message(payload, {}), stamp.run);
  require(whole && !whole->corrupted && whole->stamp == stamp);
  at %= payload.size();
  payload[at] = static_cast<char>(payload[at] ^ difference);
  const auto changed = read_stamp(message(payload, {}), stamp.run);
  // In the magic number and the run a single byte may change, and it is still known for what it was.
  require(changed && changed->corrupted);

  PropertyList properties;
  require(properties.add_user(stamp_property, as_text(stamp, rest)).has_value());
  // Unless its payload looks like a stamp of this run itself.
  const auto text = read_stamp(message(rest, properties.view()), stamp.run);
  require(text.has_value());
  if (rest.size() < stamp_size) require(!text->corrupted && text->stamp == stamp);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes in(reinterpret_cast<const char*>(data), size);
  const auto run = take<std::uint32_t>(in);
  const auto wanted = take<std::uint8_t>(in);
  const auto difference = std::max<std::uint8_t>(1, take<std::uint8_t>(in));
  const std::size_t cut = std::min<std::size_t>(wanted, in.size());

  const Bytes block = in.substr(0, cut);
  const Bytes payload = in.substr(cut);
  if (check_properties(block, bit_of(PacketType::publish), Sender::server))
    read(message(payload, Properties(block)), run);
  read(message(payload, {}), run);

  Stamp stamp{.run = run};
  stamp.stream = take<std::uint32_t>(in);
  stamp.number = take<std::uint64_t>(in) >> 16U;
  stamp.due = take<std::int64_t>(in);
  stamp.late = take<std::uint32_t>(in);
  write(stamp, in, cut, static_cast<char>(difference));
  return 0;
}
