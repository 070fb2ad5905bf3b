// Why a connection ended, in words, and whether trying again can help.
#pragma once

#include "base/error.hpp"
#include "wire/packet.hpp"

namespace mq {

// Kind refused.
Error error_of(const Connack& connack, Version version);
// Kind lost.
Error error_of(const Disconnect& disconnect);

// "not authorized (0x87)", and the server's reason string behind it if it sent one.
std::string in_words(ReasonCode reason, PacketType in, Properties properties);

// False for what stays as it is: bad credentials, a host that doesn't exist, a server that breaks the rules
// or was told to keep us out, a client id that another client has taken.
bool worth_another_try(const Error& error);

// False also where another server would say the same: refused credentials, values that can't be sent.
bool worth_another_server(const Error& error);

}  // namespace mq
