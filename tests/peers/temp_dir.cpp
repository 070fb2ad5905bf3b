#include "peers/temp_dir.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "peers/failure.hpp"

namespace mq {

TempDir::TempDir() {
  path_ = (std::filesystem::temp_directory_path() / "mqttkit-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) throw PeerFailure("no temporary directory at " + path_);
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(const std::string& name, Bytes content) const {
  std::ofstream out(file(name), std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) throw PeerFailure("cannot write " + file(name));
  return file(name);
}

}  // namespace mq
