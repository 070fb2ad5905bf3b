// JSON as text (RFC 8259): strings written, payloads checked, and valid text laid out anew without touching a
// number, a key or their order.
#pragma once

#include "base/bytes.hpp"

namespace mq {

// Whether the whole of `text` is one JSON value that any reader takes: no byte order mark, no lone
// surrogates, numbers within a double's range, nested no deeper than 512.
bool is_json(Bytes text);

// `text`, which is valid UTF-8, as a JSON string with its quotes. DEL and the C1 controls, which JSON would
// leave as they are, are escaped too: a terminal may obey them.
void append_json_string(Bytes text, Buffer& out);

// `json`, which is valid, without white space between its tokens.
void append_compact(Bytes json, Buffer& out);

// `json`, which is valid, over several lines with two spaces a level.
void append_indented(Bytes json, Buffer& out);

}  // namespace mq
