#include "rr/answering.hpp"

#include <fmt/core.h>

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "payload/jq.hpp"
#include "payload/json.hpp"
#include "rr/command_answering.hpp"
#include "shared/file.hpp"
#include "shared/message_value.hpp"
#include "shared/template.hpp"
#include "wire/frame.hpp"

namespace mq {
namespace {

class Echo : public Answering {
 public:
  std::optional<Answer> answer(const AskedMessage& asked) override {
    return Answer{.payload = asked.publish.payload, .described = asked.publish.properties};
  }
};

class Fixed : public Answering {
 public:
  explicit Fixed(Buffer bytes) : bytes_(std::move(bytes)) {}

  std::optional<Answer> answer(const AskedMessage& /*asked*/) override { return Answer{.payload = bytes_}; }

 private:
  Buffer bytes_;
};

constexpr std::array<std::string_view, 2> template_names{"topic", "payload"};

class Reply : public Answering {
 public:
  explicit Reply(Template text) : template_(std::move(text)), values_(Random()) {}

  std::optional<Answer> answer(const AskedMessage& asked) override {
    const std::array<std::string_view, 2> own{asked.publish.topic, asked.publish.payload};
    values_.next(std::chrono::system_clock::now());
    values_.set(own);
    text_.clear();
    template_.append(values_, text_);
    values_.set({});
    return Answer{.payload = text_};
  }

 private:
  Template template_;
  TemplateValues values_;
  Buffer text_;
};

class JqAnswering : public Answering {
 public:
  JqAnswering(std::unique_ptr<Jq> jq, std::size_t longest) : jq_(std::move(jq)), longest_(longest) {}

  bool needs_reading() const override { return true; }

  std::optional<Answer> answer(const AskedMessage& asked) override {
    time_.set(std::chrono::system_clock::now());
    results_.clear();
    text_.clear();
    if (auto done = jq_->run(message_value(asked.publish, time_.rfc3339(), *asked.reading), results_);
        !done) {
      text_ = fmt::format("--jq: {}", done.error().text);
      return failed_answer(AnswerStatus::failed, text_);
    }
    if (results_.empty())
      return failed_answer(AnswerStatus::failed, "--jq: the program made nothing of the request");
    for (const Value& result : results_) {
      if (!text_.empty()) text_ += '\n';
      if (result.kind == Value::Kind::text)
        text_ += result.text;
      else
        append_json(result, text_);
      if (text_.size() > longest_) {
        text_ = fmt::format("the answer is longer than {} bytes", longest_);
        return failed_answer(AnswerStatus::failed, text_);
      }
    }
    return Answer{.payload = text_};
  }

 private:
  std::unique_ptr<Jq> jq_;
  std::size_t longest_;
  LocalTime time_;
  std::vector<Value> results_;
  Buffer text_;
};

}  // namespace

std::string_view word_of(AnswerStatus status) {
  constexpr std::array<std::string_view, 5> words{"ok", "failed", "timeout", "busy", "invalid"};
  return words[static_cast<std::size_t>(status)];
}

Result<std::unique_ptr<Answering>> Answering::make(const ServeSettings& settings, Loop& loop, Later later) {
  switch (settings.how) {
    case ServeSettings::How::exec:
      return std::make_unique<CommandAnswering>(settings, loop, std::move(later));
    case ServeSettings::How::reply: {
      auto text = Template::compile(settings.reply, template_names, settings.environment);
      if (!text) return std::unexpected(std::move(text.error()));
      return std::make_unique<Reply>(std::move(*text));
    }
    case ServeSettings::How::jq: {
      auto jq = compile_jq(settings.jq);
      if (!jq) return std::unexpected(std::move(jq.error()));
      return std::make_unique<JqAnswering>(std::move(*jq),
                                           settings.max_answer.value_or(ServeSettings::usual_max_answer));
    }
    case ServeSettings::How::file: {
      auto bytes = read_file(settings.file, max_variable_integer);
      if (!bytes) return std::unexpected(std::move(bytes.error()));
      return std::make_unique<Fixed>(std::move(*bytes));
    }
    case ServeSettings::How::none:
    case ServeSettings::How::echo:
      break;
  }
  return std::make_unique<Echo>();
}

}  // namespace mq
