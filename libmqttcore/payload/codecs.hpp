// The table of payload formats: one row each feeds --format, its completion, the manual pages, detection by
// content type, and the making of codecs. Rows are static. `make` fails with kind usage for options that are
// wrong (a file that is missing or not what it should be), with kind payload for a module that can't be
// loaded; the codec is the caller's.
#pragma once

#include <span>
#include <string_view>

#include "payload/codec.hpp"

namespace mq {

struct CodecRow {
  std::string_view name;           // "cbor"
  std::string_view summary;        // for manual pages
  std::string_view content_types;  // media types in words; a "+suffix" matches any type that ends so
  MadeCodec (*make)(const CodecOptions& options);
};

std::span<const CodecRow> codecs();

// nullptr when there is none of that name.
const CodecRow* find_codec(std::string_view name);

// By a media type with or without parameters ("application/json; charset=utf-8"); nullptr when unknown.
const CodecRow* codec_for_content_type(std::string_view content_type);

}  // namespace mq
