// The real protoc, for tests that compare with it.
#pragma once

#include <string>
#include <string_view>

#include "payload/codec.hpp"

namespace mq::testing {

// What protoc writes with these arguments, in the folder proto/, when it reads `input`. What it has to say
// about its failing comes instead; a test compares in vain then.
std::string protoc(const std::string& arguments, std::string_view input = {});

// A folder of this run of the tests alone, gone at its end; with a slash at the end.
const std::string& own_folder();

std::string proto_file(std::string_view name);
std::string read_file(const std::string& file);
void write_file(const std::string& file, std::string_view text);

std::string json_of(Codec& codec, Bytes data);
std::string notation_of(Codec& codec, Bytes data, Layout layout = {.lines = true});
// The bytes; or "error: ..." with the error's text.
std::string encoded(Codec& codec, std::string_view text);

}  // namespace mq::testing
