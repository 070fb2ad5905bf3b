#include "shared/inspector.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <new>
#include <utility>

#include "base/text.hpp"
#include "payload/json.hpp"
#include "shared/message_value.hpp"
#include "shared/out_of_memory.hpp"

namespace mq {
namespace {

using OnInvalid = OutputSettings::OnInvalid;

// Formats that are text already: their JSON would only put quotes around it.
bool is_plain(std::string_view format) {
  return format == "text" || format == "hex" || format == "hexdump" || format == "base64";
}

std::string_view verdict_of(const Reading& reading) {
  if (!reading.checked) return "unchecked";
  return reading.violations.empty() ? "valid" : "invalid";
}

}  // namespace

Screen screen_of(int descriptor, OutputSettings::Colour colour) {
  using Colour = OutputSettings::Colour;
  const bool terminal = ::isatty(descriptor) == 1;
  const char* no_colour = std::getenv("NO_COLOR");  // see no-color.org
  const char* kind = std::getenv("TERM");
  const bool may =
      (no_colour == nullptr || *no_colour == '\0') && kind != nullptr && std::string_view(kind) != "dumb";
  return {.terminal = terminal,
          .colour = colour == Colour::always || (colour == Colour::automatic && terminal && may)};
}

bool Inspector::wanted(const OutputSettings& settings, const Screen& screen) {
  if (settings.payload.asked() || !settings.jq.empty() || settings.output == OutputSettings::Output::json)
    return true;
  // What only says how decoded payloads look wants them decoded, unless a format says what is shown.
  if (!settings.format && settings.payload.format.empty() &&
      (settings.pretty || settings.show != OutputSettings::Show::automatic ||
       settings.colour == OutputSettings::Colour::always))
    return true;
  // A person sees what payloads say, unless they have said themselves what they want to see.
  return screen.terminal && settings.payload.format.empty() && !settings.format && !settings.no_newline;
}

Inspector::Inspector(const OutputSettings& settings, const Log& log, const Screen& screen)
    : settings_(settings),
      log_(log),
      layout_{.colour = screen.colour, .lines = settings.pretty || (screen.terminal && !settings.format)},
      native_(settings.show == OutputSettings::Show::native ||
              (settings.show == OutputSettings::Show::automatic && screen.terminal)),
      terminal_(screen.terminal),
      as_it_came_(!wanted(settings, screen)) {}

Result<std::unique_ptr<Inspector>> Inspector::make(const OutputSettings& settings, const Log& log,
                                                   const Screen& screen) {
  std::unique_ptr<Inspector> inspector(new Inspector(settings, log, screen));
  auto reader = PayloadReader::make(settings.payload.reader_options());
  if (!reader) return std::unexpected(std::move(reader.error()));
  inspector->reader_ = std::move(*reader);
  if (!settings.jq.empty()) {
    auto jq = compile_jq(settings.jq);
    if (!jq) return std::unexpected(std::move(jq.error()));
    inspector->jq_ = std::move(*jq);
  }
  if (!settings.expectations.empty()) {
    auto expectations = Expectations::make(settings.expectations, settings.expect_any);
    if (!expectations) return std::unexpected(std::move(expectations.error()));
    inspector->expectations_ = std::move(*expectations);
  }
  return inspector;
}

Inspector::Outcome Inspector::show(const Publish& publish, LocalTime::Moment received, const Format& format,
                                   Buffer& out) {
  const std::size_t before = out.size();
  if (const auto outcome = show_decoded(publish, received, format, out)) return *outcome;
  // It may be acknowledged, so it is shown all the same, as it came.
  out.resize(before);
  Reading as_it_came;
  as_it_came.format = "hex";
  as_it_came.value = Value::of_bytes(std::string(publish.payload));
  as_it_came.data = publish.payload;
  as_it_came.undecoded = Error{ErrorKind::payload, "there is not enough memory to decode this message"};
  judge(publish, as_it_came);
  return show_reading(publish, as_it_came, received, format, out);
}

// nullopt: memory has run out. What asks for more than there is must not end the others.
std::optional<Inspector::Outcome> Inspector::show_decoded(const Publish& publish, LocalTime::Moment received,
                                                          const Format& format, Buffer& out) {
  const MemoryMayRunOut big_message;
  try {
    const Reading& reading = reader_->read(received_of(publish));
    judge(publish, reading);
    return show_reading(publish, reading, received, format, out);
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

// A topic whose characters a terminal would obey is shown with them escaped.
Publish Inspector::on_screen(const Publish& publish) {
  Publish shown = publish;
  if (!terminal_) return shown;
  topic_ = quoted(publish.topic, publish.topic.size());
  if (topic_.size() != publish.topic.size() + 2)
    shown.topic = std::string_view(topic_).substr(1, topic_.size() - 2);
  return shown;
}

Inspector::Outcome Inspector::show_reading(const Publish& publish, const Reading& reading,
                                           LocalTime::Moment received, const Format& format, Buffer& out) {
  const OnInvalid policy = settings_.on_invalid.value_or(OnInvalid::show);
  const bool invalid = reading.checked && !reading.violations.empty();
  if ((invalid && policy == OnInvalid::hide) || (!invalid && policy == OnInvalid::only))
    return Outcome::hidden;
  if (expectations_) {
    expectations_->see(value_of(publish, reading, received), clock_());
  }
  bool shown = true;
  if (taker_ != nullptr)
    taker_->take(publish, reading, received);
  else
    shown = write(on_screen(publish), reading, received, format, out);
  if (invalid && policy == OnInvalid::stop) return Outcome::stop;
  return shown ? Outcome::shown : Outcome::hidden;
}

Value Inspector::value_of(const Publish& publish, const Reading& reading, LocalTime::Moment received) {
  time_.set(received);
  Value message = message_value(publish, time_.rfc3339(), reading);
  if (answer_) {
    message.add("request", Value::number(answer_->request));
    message.add("latency_ms",
                Value::number(std::chrono::duration<double, std::milli>(answer_->latency).count()));
  }
  return message;
}

// False when there was nothing to write.
bool Inspector::write(const Publish& publish, const Reading& reading, LocalTime::Moment received,
                      const Format& format, Buffer& out) {
  if (jq_ != nullptr) return show_results(publish, reading, received, out);
  if (settings_.output == OutputSettings::Output::json) {
    append_json(value_of(publish, reading, received), out);
    out += settings_.delimiter;
  } else {
    format.append(publish,
                  {.text = text_of(publish, reading),
                   .verdict = verdict_of(reading),
                   .answer = answer_.value_or(AnswerFacts{})},
                  received, out);
  }
  return true;
}

std::string Inspector::in_short(const Publish& publish) {
  const Value message = message_value(publish, {}, reader_->read(received_of(publish)));
  const Value* const payload = message.member("payload");
  return shown_message(publish.topic, payload != nullptr ? *payload : Value::null());
}

void Inspector::judge(const Publish& publish, const Reading& reading) {
  if (!reading.checked) {
    ++unchecked_;
    if (reading.undecoded && !as_it_came_)
      log_.notice("undecoded",
                  fmt::format("{}: {}; shown in hexadecimal", quoted(publish.topic), reading.undecoded->text),
                  {{"topic", publish.topic}});
    return;
  }
  ++(reading.violations.empty() ? valid_ : invalid_);
  for (const Violation& violation : reading.violations)
    log_.notice("invalid", fmt::format("invalid: {}: {}", quoted(publish.topic), in_words(violation)),
                {{"topic", publish.topic},
                 {"pointer", violation.pointer},
                 {"rule", violation.rule},
                 {"expected", violation.expected},
                 {"found", violation.found}});
}

Bytes Inspector::text_of(const Publish& publish, const Reading& reading) {
  if (as_it_came_ || settings_.payload.format == "raw") return publish.payload;
  text_.clear();
  if (publish.payload.empty()) return {};
  Ink ink(text_, layout_);
  write_decoded(publish, reading, ink);
  return text_;
}

void Inspector::write_decoded(const Publish& publish, const Reading& reading, Ink& ink) {
  const bool as_json =
      settings_.show == OutputSettings::Show::json || (!native_ && !is_plain(reading.format));
  if (reading.codec == nullptr) {
    ink.put(Part::number, to_hex(publish.payload));
  } else if (as_json) {
    write_json(reading.value, ink);
  } else if (reading.format == "text" && !terminal_) {
    ink.out() += reading.data;
  } else {
    const Received received = received_of(publish);
    // What was decoded has a notation.
    if (!reading.codec->write_notation(reading.data, {received.topic, received.content_type}, reading.value,
                                       ink))
      write_json(reading.value, ink);
  }
}

bool Inspector::show_results(const Publish& publish, const Reading& reading, LocalTime::Moment received,
                             Buffer& out) {
  results_.clear();
  const auto done = jq_->run(value_of(publish, reading, received), results_);
  if (!done) {
    const Error error{done.error().kind,
                      fmt::format("{}: --jq: {}", quoted(publish.topic), done.error().text), 0,
                      done.error().hint};
    if (jq_is_halted()) {  // which is no failure of its own
      halted_on_ = publish.topic;
      return false;
    }
    if (jq_failures_++ == 0) log_.report(error);
  }
  for (const Value& result : results_) {
    Ink ink(out, layout_);
    // Text as it is: what scripts want, and what other programs with such an option do.
    if (result.kind == Value::Kind::text && !terminal_) {
      out += result.text;
    } else {
      write_json(result, ink);
    }
    if (!settings_.no_newline) out += settings_.delimiter;
  }
  return !results_.empty();
}

std::optional<Error> Inspector::owed() const {
  if (jq_failures_ > 0)
    return Error{ErrorKind::payload,
                 fmt::format("--jq failed for {} message{}", jq_failures_, jq_failures_ == 1 ? "" : "s")};
  if (invalid_ == 0) return std::nullopt;
  const std::uint64_t all = valid_ + invalid_ + unchecked_;
  return Error{ErrorKind::schema, fmt::format("{} of {} message{} {} not valid", invalid_, all,
                                              all == 1 ? "" : "s", invalid_ == 1 ? "was" : "were")};
}

void Inspector::say_summary() const {
  if (!settings_.payload.reader.validate) return;
  log_.notice("summary", fmt::format("{} valid, {} invalid, {} not checked", valid_, invalid_, unchecked_),
              {{"valid", std::to_string(valid_)},
               {"invalid", std::to_string(invalid_)},
               {"unchecked", std::to_string(unchecked_)}});
}

}  // namespace mq
