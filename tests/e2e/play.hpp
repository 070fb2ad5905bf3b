// How an example of a manual page, the README or the cookbook is run as a reader would, and what it has to
// do.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "e2e/man_page.hpp"

namespace mq {

struct Play {
  const char* example;      // how it begins
  std::string before = {};  // what is there: files, retained messages
  // Program, without "mqtt-", and shell commands that change its arguments.
  std::vector<std::pair<const char*, const char*>> more = {};
  MosquittoConfig server = {};         // behind every host but ...
  const char* elsewhere = "";          // ... this one, which is a server of its own
  const char* comes_up_after = "";     // the server is not there before the example has said this on stderr
  const char* beside = "";             // what runs at the same time, begun before ...
  const char* beside_filter = "";      // ... and subscribed to this
  const char* subscribed = "";         // filter that it has to have subscribed to ...
  const char* meanwhile = "";          // ... before this is done
  std::size_t lines = 0;               // of output, to be waited for
  const char* out = "";                // regular expression for its output
  std::vector<std::string> told = {};  // or parts of what it writes, errors included, instead of it
  const char* received = nullptr;      // what others receive: topic, QoS, retain and payload of each message
  const char* after = "";              // what is there then, as a shell command ...
  const char* found = "";              // ... shows, a regular expression
  bool interrupted = false;            // then
  int code = 0;
};

void play(const Play& play, const std::string& example);

// Of a bridge that carries alarms from a plant to cloud.example: one gets there at the QoS that it has.
Play alarm_carried(const char* example);

// Each example has one play, and each play one example.
void play_all(const std::vector<std::string>& examples, const std::vector<Play>& plays);

}  // namespace mq
