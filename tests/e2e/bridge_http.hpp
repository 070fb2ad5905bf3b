// Asks a running bridge over HTTP: its metrics, its health, and whatever else one may send there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "peers/file_handle.hpp"
#include "peers/process.hpp"

namespace mq {

// A connection that gives up after 20 s; throws where there is none.
FileHandle dialed(std::uint16_t port);
void send_all(const FileHandle& socket, std::string_view bytes);
std::string rest_of(const FileHandle& socket);

// The whole answer, with its head.
std::string asked(std::uint16_t port, const std::string& path, const std::string& method = "GET");
std::string body_of(const std::string& answer);

// Where it listens, by its own word.
std::uint16_t http_port(Process& carrier);

// The answer once it holds `part`; throws when it never does.
std::string await_answer(std::uint16_t port, const std::string& path, const std::string& part);

}  // namespace mq
