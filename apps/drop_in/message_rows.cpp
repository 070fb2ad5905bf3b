#include "drop_in/message_rows.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <utility>

#include "shared/file.hpp"
#include "wire/frame.hpp"

namespace mq {
namespace {

using Source = DropInMessage::Source;

std::function<Result<void>()> only_one(const DropInMessage& message) {
  return [&message]() -> Result<void> {
    if (message.source != Source::none)
      return complaint("Error: Only one type of message can be sent at once.\n");
    return {};
  };
}

std::function<Result<void>(std::string_view)> choose(DropInMessage& message, Source source) {
  return [&message, source](std::string_view) -> Result<void> {
    message.source = source;
    return {};
  };
}

// "no such file or directory" as the system writes it, from the end of one of our texts.
std::string reason_of(const Error& error) {
  std::string reason = error.text.substr(error.text.rfind(": ") + 2);
  if (!reason.empty() && reason[0] >= 'a' && reason[0] <= 'z')
    reason[0] = static_cast<char>(reason[0] - 'a' + 'A');
  return reason;
}

}  // namespace

void message_rows(DropInRows& rows, DropInMessage& message) {
  rows.push_back({.letter = "-m",
                  .name = "--message",
                  .value = "text",
                  .lacking = "-m argument given but no message specified.",
                  .summary = "message to send",
                  .set = [&message](std::string_view value) -> Result<void> {
                    message.text = std::string(value);
                    message.source = Source::message;
                    return {};
                  },
                  .guard = only_one(message)});
  rows.push_back({.letter = "-f",
                  .name = "--file",
                  .value = "file",
                  .lacking = "-f argument given but no file specified.",
                  .summary = "send what this file holds",
                  .set = [&message](std::string_view value) -> Result<void> {
                    message.file = std::string(value);
                    message.source = Source::file;
                    return {};
                  },
                  .guard = only_one(message)});
  rows.push_back({.letter = "-s",
                  .name = "--stdin-file",
                  .summary = "send all of standard input as one message",
                  .set = choose(message, Source::whole_stdin),
                  .guard = only_one(message)});
  rows.push_back({.letter = "-n",
                  .name = "--null-message",
                  .summary = "send an empty message",
                  .set = choose(message, Source::null),
                  .guard = only_one(message)});
}

void line_row(DropInRows& rows, DropInMessage& message) {
  rows.push_back({.letter = "-l",
                  .name = "--stdin-line",
                  .summary = "send each line of standard input",
                  .set = choose(message, Source::lines),
                  .guard = only_one(message)});
}

Result<Buffer> load_message(DropInMessage& message) {
  if (message.source == Source::message) return std::move(message.text);
  if (message.source == Source::file) {
    auto content = read_file(message.file, max_variable_integer);
    if (content) return content;
    return complaint(
        fmt::format("Error: Unable to read file \"{0}\": {1}.\nError loading input file \"{0}\".",
                    message.file, reason_of(content.error())));
  }
  if (message.source != Source::whole_stdin) return Buffer();
  auto content = read_all(STDIN_FILENO, "standard input", max_variable_integer);
  if (content && !content->empty()) return content;
  return complaint(fmt::format("Error: {}.\nError loading input from stdin.",
                               content ? "Zero length input" : reason_of(content.error())));
}

}  // namespace mq
