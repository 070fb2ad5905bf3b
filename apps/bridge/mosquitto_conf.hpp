// mosquitto's configuration, as far as it is about bridges, as plain data: what each option of theirs was
// given and where. What it means here is mosquitto_import's affair.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "wire/packet.hpp"

namespace mq {

struct ConfPlace {
  std::string file;
  std::size_t line = 0;

  std::string text() const;  // "FILE:LINE"
};

// What is not as in mosquitto, for a person to read: a fragment that can follow "FILE:LINE: ".
struct ConfNote {
  ConfPlace place;
  std::string text;
};

struct ConfOption {
  std::string name;   // not the alias
  std::string value;  // the rest of its line
  ConfPlace place;
};

struct ConfTopic {
  enum class Direction : std::uint8_t { out, in, both };
  std::string pattern{}, local_prefix{}, remote_prefix{};
  Direction direction = Direction::out;
  QoS qos = QoS::at_most_once;
  ConfPlace place;
};

struct ConfBridge {
  std::string name;
  ConfPlace place;
  std::vector<std::string> addresses{};  // as they are written
  std::vector<ConfTopic> topics{};
  std::vector<ConfOption> options{};  // all others, each once: the last counts
  std::vector<ConfNote> notes{};      // of what could not be read

  const ConfOption* find(std::string_view option) const;
};

struct ConfListener {
  std::string host;  // empty: any
  std::string port;
  bool tls = false;
};

struct MosquittoConf {
  std::vector<ConfBridge> bridges;
  std::vector<ConfListener> listeners;
  std::vector<ConfNote> notes;  // of what is of no bridge
};

// The file and, behind include_dir, the *.conf files of a folder. Kind usage or io when one can't be read.
Result<MosquittoConf> read_mosquitto_conf(const std::string& file);
// One file's text; include_dir becomes a note.
MosquittoConf parse_mosquitto_conf(std::string_view text, const std::string& file);

}  // namespace mq
