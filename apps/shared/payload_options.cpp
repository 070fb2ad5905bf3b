#include <fmt/core.h>

#include <string>
#include <string_view>

#include "payload/codecs.hpp"
#include "payload/compression.hpp"
#include "shared/payload_settings.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

// "auto raw text json ...", made once: rows hold views.
std::string_view format_choices() {
  static const std::string choices = [] {
    std::string names = "auto raw";
    for (const CodecRow& row : codecs()) names.append(" ").append(row.name);
    return names;
  }();
  return choices;
}

std::string_view format_detail() {
  static const std::string detail = [] {
    std::string text =
        "Format of the payloads. \"auto\" goes by MQTT 5.0's content type and payload format indicator, then "
        "by the payload map, then by the bytes; \"raw\" leaves payloads as they are. ";
    for (const CodecRow& row : codecs()) text.append(row.name).append(": ").append(row.summary).append(". ");
    text.pop_back();
    return text;
  }();
  return detail;
}

Result<void> store_format(PayloadSettings& settings, std::string_view text) {
  if (!has_word(format_choices(), text))
    return usage(fmt::format("there is no format {}", quoted(text)),
                 fmt::format("one of {}", format_choices()));
  settings.format = text;
  return {};
}

// A setter that also notes that payloads must be read for it to mean anything.
OptionSetter reading(PayloadSettings& settings, std::string_view name, OptionSetter store) {
  return [&settings, name, store = std::move(store)](OptionValues values) -> Result<void> {
    if (!settings.needs_reading) settings.needs_reading = fmt::format("--{}", name);
    return store(values);
  };
}

OptionSetter append_path(std::vector<std::string>& target) {
  return [&target](OptionValues values) -> Result<void> {
    if (values[0].empty()) return usage("an empty name is no file");
    target.emplace_back(values[0]);
    return {};
  };
}

void add(OptionRows& rows, PayloadSettings& settings, OptionRow row) {
  row.group = OptionGroup::payload;
  row.set = reading(settings, row.name, std::move(row.set));
  rows.push_back(std::move(row));
}

Result<void> store_decompression(PayloadSettings& settings, std::string_view text) {
  settings.reader.unpack = text != "none";
  settings.reader.compression = find_compression(text);
  if (!settings.reader.compression && text != "auto" && text != "none")
    return usage(fmt::format("{} is none of auto, none, gzip, deflate, zstd", quoted(text)));
  return {};
}

void schema_options(OptionRows& rows, PayloadSettings& settings) {
  add(rows, settings,
      {.name = "schema",
       .value = "FILE",
       .completion = Completion::file,
       .suffix = ".json",
       .summary = "hold payloads to this JSON Schema",
       .detail =
           "JSON Schema (draft-07) that every payload is held to, by its JSON view whatever its format. "
           "FILE#/POINTER is a schema within a larger document, such as a message's payload in AsyncAPI's. "
           "Implies --validate. References lead to files beside it and in --schema-path, never to the "
           "network.",
       .set = [&settings, store = store_path(settings.reader.schema)](OptionValues values) {
         settings.reader.validate = true;
         return store(values);
       }});
  add(rows, settings,
      {.name = "schema-path",
       .value = "DIR",
       .completion = Completion::directory,
       .repeats = true,
       .summary = "folder of schemas that others refer to",
       .detail = "Folder with the schemas that others refer to by their $id. May be given several times.",
       .set = append_path(settings.reader.schema_folders)});
  add(rows, settings,
      {.name = "validate",
       .summary = "hold payloads to the schemas of the payload map",
       .detail =
           "Hold payloads to their schemas, those of the payload map or of --schema, and to the rules of "
           "their format, such as the required fields of Protocol Buffers.",
       .set = store_flag(settings.reader.validate)});
}

}  // namespace

ReaderOptions PayloadSettings::reader_options() const {
  ReaderOptions options = reader;
  if (format != "auto" && format != "raw") options.format = format;
  return options;
}

void payload_options(OptionRows& rows, PayloadSettings& settings) {
  CodecOptions& codec = settings.reader.codec;
  rows.push_back({.name = "format",
                  .value = "NAME",
                  .group = OptionGroup::payload,
                  .choices = format_choices(),
                  .summary = "format of the payloads: json, cbor, protobuf and more",
                  .detail = format_detail(),
                  .set = one_value(settings, store_format)});
  add(rows, settings,
      {.name = "payload-map",
       .value = "FILE",
       .completion = Completion::file,
       .suffix = ".toml",
       .summary = "file that says which topics have which payloads",
       .detail = "TOML file with rules that give topics their format, message type and schema; see "
                 "mqttkit-payload-map(5).",
       .set = store_path(settings.reader.map_file)});
  add(rows, settings,
      {.name = "proto",
       .value = "FILE",
       .completion = Completion::file,
       .suffix = ".proto",
       .repeats = true,
       .summary = "definition of Protocol Buffers messages",
       .detail = "File (.proto) with definitions of Protocol Buffers messages. May be given several times.",
       .set = append_path(codec.proto_files)});
  add(rows, settings,
      {.name = "proto-path",
       .value = "DIR",
       .completion = Completion::directory,
       .repeats = true,
       .summary = "where --proto and its imports are looked for",
       .detail = "Folder in which the files of --proto and what they import are looked for. May be given "
                 "several times.",
       .set = append_path(codec.proto_paths)});
  add(rows, settings,
      {.name = "descriptor-set",
       .value = "FILE",
       .completion = Completion::file,
       .repeats = true,
       .summary = "the same, compiled by protoc -o",
       .detail = "File with compiled definitions, as protoc --descriptor_set_out writes them. May be given "
                 "several times.",
       .set = append_path(codec.descriptor_sets)});
  add(rows, settings,
      {.name = "proto-type",
       .value = "NAME",
       .summary = "message type, e.g. plant.Status",
       .detail = "Full name of the message type of the payloads.",
       .set = store_text(codec.message_type)});
  add(rows, settings,
      {.name = "avro-schema",
       .value = "FILE",
       .completion = Completion::file,
       .suffix = ".avsc",
       .summary = "schema of Avro payloads",
       .detail = "Avro schema (.avsc) of the payloads. Container files bring their own.",
       .set = store_path(codec.avro_schema)});
  add(rows, settings,
      {.name = "decompress",
       .value = "HOW",
       .default_text = "auto",
       .choices = "auto none gzip deflate zstd",
       .summary = "how payloads that are read are compressed",
       .detail =
           "How payloads are compressed. \"auto\" finds out gzip and zstd by their first bytes; deflate "
           "(zlib) can't be told from other bytes and has to be named.",
       .set = one_value(settings, store_decompression)});
  schema_options(rows, settings);
}

void answer_payload_options(OptionRows& rows, PayloadSettings& answers) {
  rows.push_back({.name = "answer-format",
                  .value = "NAME",
                  .group = OptionGroup::payload,
                  .choices = format_choices(),
                  .summary = "format of the answers; default: that of --format",
                  .detail =
                      "Format of the answers' payloads, a name as for --format. Without it they have that of "
                      "--format, unless this one needs a message type or a schema.",
                  .set = one_value(answers, store_format)});
  add(rows, answers,
      {.name = "answer-schema",
       .value = "FILE",
       .completion = Completion::file,
       .suffix = ".json",
       .summary = "hold answers to this JSON Schema",
       .detail = "JSON Schema (draft-07) that every answer is held to, as --schema does it for requests.",
       .set = [&answers, store = store_path(answers.reader.schema)](OptionValues values) {
         answers.reader.validate = true;
         return store(values);
       }});
  add(rows, answers,
      {.name = "answer-proto-type",
       .value = "NAME",
       .summary = "message type of the answers",
       .detail = "Full name of the message type of the answers' payloads; --proto has its definition.",
       .set = store_text(answers.reader.codec.message_type)});
  add(rows, answers,
      {.name = "answer-avro-schema",
       .value = "FILE",
       .completion = Completion::file,
       .suffix = ".avsc",
       .summary = "Avro schema of the answers",
       .detail = "Avro schema (.avsc) of the answers' payloads.",
       .set = store_path(answers.reader.codec.avro_schema)});
}

void share_payloads(const PayloadSettings& requests, PayloadSettings& answers) {
  const CodecOptions& from = requests.reader.codec;
  CodecOptions& to = answers.reader.codec;
  const bool typed = requests.format == "protobuf" || requests.format == "avro";
  if (answers.format.empty()) {
    if (!to.message_type.empty())
      answers.format = "protobuf";
    else if (!to.avro_schema.empty())
      answers.format = "avro";
    else if (!typed)
      answers.format = requests.format;
  }
  if (!to.message_type.empty() || answers.format == "protobuf") {
    to.proto_files = from.proto_files;
    to.proto_paths = from.proto_paths;
    to.descriptor_sets = from.descriptor_sets;
  }
  answers.reader.map_file = requests.reader.map_file;
  answers.reader.schema_folders = requests.reader.schema_folders;
  answers.reader.unpack = requests.reader.unpack;
  answers.reader.compression = requests.reader.compression;
  if (answers.reader.map_file.empty()) return;
  if (!answers.needs_reading) answers.needs_reading = "--payload-map";
  answers.reader.validate = answers.reader.validate || requests.reader.validate;
}

Result<void> finish_payloads(PayloadSettings& settings) {
  // What describes one format alone says which it is.
  const CodecOptions& codec = settings.reader.codec;
  if (settings.format.empty() && settings.reader.map_file.empty()) {
    if (!codec.proto_files.empty() || !codec.descriptor_sets.empty() || !codec.message_type.empty())
      settings.format = "protobuf";
    else if (!codec.avro_schema.empty())
      settings.format = "avro";
  }
  // The map may ask for other formats than --format does.
  const bool described =
      !codec.proto_files.empty() || !codec.descriptor_sets.empty() || !codec.message_type.empty();
  const bool open_format =
      settings.format.empty() || settings.format == "auto" || !settings.reader.map_file.empty();
  if (!open_format && described && settings.format != "protobuf")
    return usage(fmt::format("--proto, --descriptor-set and --proto-type mean nothing with --format {}",
                             settings.format));
  if (!open_format && !codec.avro_schema.empty() && settings.format != "avro")
    return usage(fmt::format("--avro-schema means nothing with --format {}", settings.format));
  const bool typed = !codec.proto_files.empty() || !codec.descriptor_sets.empty();
  const bool by_format = (settings.format == "protobuf" && typed) || settings.format == "sparkplug";
  if (settings.reader.validate && settings.reader.schema.empty() && settings.reader.map_file.empty() &&
      !by_format)
    return usage("there is nothing to hold payloads to",
                 "give --schema FILE, or --payload-map FILE with schemas");
  return {};
}

std::string in_words(const Violation& violation) {
  // Names come from the wire: what a terminal would obey, or what never ends, is not for a message.
  std::string pointer = violation.pointer.empty() ? "the payload" : quoted(violation.pointer, 200);
  if (pointer.size() == violation.pointer.size() + 2) pointer = violation.pointer;
  return fmt::format("{}: {}: expected {}, found {}", pointer, violation.rule, violation.expected,
                     violation.found);
}

}  // namespace mq
