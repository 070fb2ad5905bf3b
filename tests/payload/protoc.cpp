#include "payload/protoc.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "payload/json.hpp"

namespace mq::testing {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "mqttkit-payload-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path = pattern + "/";
  }
  ~Folder() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path;
};

}  // namespace

const std::string& own_folder() {
  static const Folder folder;
  return folder.path;
}

std::string proto_file(std::string_view name) {
  return std::string(MQTTKIT_SOURCE_DIR "/tests/payload/proto/") + std::string(name);
}

std::string read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& file, std::string_view text) {
  std::ofstream(file, std::ios::binary) << text;
}

std::string protoc(const std::string& arguments, std::string_view input) {
  const std::string from = own_folder() + "protoc.in";
  write_file(from, input);
  const std::string command =
      "cd '" + proto_file("") + "' && protoc " + arguments + " <'" + from + "' 2>&1 || echo failed";
  std::string output;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return "protoc cannot be run";
  std::array<char, 4096> chunk{};
  for (std::size_t size = 0; (size = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;)
    output.append(chunk.data(), size);
  ::pclose(pipe);
  return output;
}

std::string json_of(Codec& codec, Bytes data) {
  const auto value = codec.decode(data, {});
  if (!value) return "error: " + value.error().text;
  Buffer out;
  append_json(*value, out);
  return out;
}

std::string notation_of(Codec& codec, Bytes data, Layout layout) {
  const auto value = codec.decode(data, {});
  if (!value) return "error: " + value.error().text;
  Buffer out;
  Ink ink(out, layout);
  if (auto written = codec.write_notation(data, {}, *value, ink); !written)
    return "error: " + written.error().text;
  return out;
}

std::string encoded(Codec& codec, std::string_view text) {
  Buffer out;
  if (auto written = codec.encode(text, out); !written) return "error: " + written.error().text;
  return out;
}

}  // namespace mq::testing
