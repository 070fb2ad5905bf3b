// A directory of a test's own, gone with everything in it when the test ends.
#pragma once

#include <string>

#include "base/bytes.hpp"

namespace mq {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + '/' + name; }
  // Writes a file and tells its path.
  std::string write(const std::string& name, Bytes content) const;

 private:
  std::string path_;
};

}  // namespace mq
