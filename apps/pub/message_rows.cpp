#include "pub/rows.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

using Source = PubSettings::Source;

constexpr std::string_view sources = "-m, -f, -s, -l, -n, --size and --replay";

}  // namespace

Result<void> choose_source(PubSettings& settings, Source source) {
  return choose_source(settings, source, sources);
}

void message_rows(OptionRows& rows, PubSettings& settings) {
  constexpr auto group = OptionGroup::publish;
  rows.push_back({.letter = 't',
                  .name = "topic",
                  .value = "TOPIC",
                  .group = group,
                  .completion = Completion::topic,
                  .repeats = true,
                  .summary = "topic to publish to; may be given several times",
                  .detail = "Topic to publish to. Every message that has no topic of its own goes to each of "
                            "the topics, in their order.",
                  .set = append_topic(settings.topics)});
  rows.push_back({.letter = 'm',
                  .name = "message",
                  .value = "TEXT",
                  .group = group,
                  .summary = "publish TEXT",
                  .detail =
                      "Publish one message with this payload, byte for byte. It may be empty. With -l and "
                      "--template it is what each line is put into.",
                  .set = store_message(settings, sources)});
  rows.push_back({.letter = 'f',
                  .name = "file",
                  .value = "FILE",
                  .group = group,
                  .completion = Completion::file,
                  .summary = "publish what FILE holds as one message",
                  .detail = "Publish one message with the bytes of this file as payload.",
                  .set = store_message_file(settings, sources)});
  rows.push_back({.letter = 's',
                  .name = "stdin-file",
                  .group = group,
                  .summary = "publish all of standard input as one message",
                  .detail = "Publish one message with everything that standard input holds.",
                  .set = store_source(settings, Source::whole_stdin, sources)});
  rows.push_back({.letter = 'l',
                  .name = "stdin-line",
                  .group = group,
                  .summary = "publish every line of standard input",
                  .detail =
                      "Publish each line of standard input as a message of its own, without its newline; an "
                      "empty line is an empty message. Lines are sent as they come, and read no faster than "
                      "the connection takes them.",
                  .set = store_source(settings, Source::lines, sources)});
  rows.push_back(
      {.letter = 'n',
       .name = "null-message",
       .group = group,
       .summary = "publish an empty message",
       .detail = "Publish one message without payload. With -r it removes the topic's retained message.",
       .set = store_source(settings, Source::null, sources)});
  rows.push_back({.letter = 'q',
                  .name = "qos",
                  .value = "QOS",
                  .group = group,
                  .default_text = "0",
                  .choices = "0 1 2",
                  .summary = "QoS of the messages",
                  .detail =
                      "Quality of service: 0 sends once and forgets, 1 makes sure that the server has the "
                      "message at least once, 2 exactly once.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    settings.qos_given = true;
                    return store_qos(settings.qos)(values);
                  }});
  rows.push_back({.letter = 'r',
                  .name = "retain",
                  .group = group,
                  .summary = "have the messages retained",
                  .detail = "Have the server keep each message as its topic's retained message, for whoever "
                            "subscribes later.",
                  .set = store_flag(settings.retain)});
}

}  // namespace mq
