#include "exec/command.hpp"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <utility>

#include "base/system_error.hpp"
#include "base/text.hpp"
#include "payload/json.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  Result<std::vector<std::string>> split() {
    while (!rest_.empty()) {
      const char c = take();
      if (c == ' ' || c == '\t' || c == '\n') {
        end_word();
      } else if (c == '\'') {
        if (!quote(c, {})) return usage("the command has a ' without its end");
      } else if (c == '"') {
        if (!quote(c, "\"\\$`\n")) return usage("the command has a \" without its end");
      } else if (c == '\\') {
        if (rest_.empty()) return usage("the command ends with a backslash");
        word().push_back(take());
      } else {
        word().push_back(c);
      }
    }
    end_word();
    if (words_.empty()) return usage("the command is empty");
    return std::move(words_);
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string& word() { return word_ ? *word_ : word_.emplace(); }

  void end_word() {
    if (word_) words_.push_back(std::move(*word_));
    word_.reset();
  }

  // A backslash before one of `escaped` stands for that.
  bool quote(char end, std::string_view escaped) {
    std::string& to = word();
    while (!rest_.empty()) {
      const char c = take();
      if (c == end) return true;
      const bool escape = c == '\\' && !rest_.empty() && escaped.contains(rest_.front());
      to.push_back(escape ? take() : c);
    }
    return false;
  }

  std::string_view rest_;
  std::optional<std::string> word_;
  std::vector<std::string> words_;
};

// In an environment's names only letters, digits and underscores are of use to a shell.
std::string sanitized(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!letter && !(c >= '0' && c <= '9')) c = '_';
  }
  return result;
}

// "content-type" -> "MQTT_CONTENT_TYPE"
std::string property_variable(std::string_view property) {
  std::string name = sanitized(property);
  for (char& c : name)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return "MQTT_" + name;
}

// 0, or the error's number.
int startable(const std::string& file) {
  struct stat about{};
  if (::stat(file.c_str(), &about) != 0) return errno;
  if (!S_ISREG(about.st_mode)) return EACCES;
  return ::access(file.c_str(), X_OK) == 0 ? 0 : errno;
}

class Variables {
 public:
  void add(std::string_view name, std::string_view value) {
    const std::size_t size = name.size() + 1 + value.size();
    if (value.contains('\0') || size > longest_variable || size > longest_environment - total_) {
      ++left_out_;
      return;
    }
    std::string variable = std::string(name).append("=").append(value);
    const auto [at, is_new] = places_.emplace(name, list_.size());
    total_ += size;
    if (is_new) {
      list_.push_back(std::move(variable));
    } else {  // of several the last one counts
      total_ -= list_[at->second].size();
      list_[at->second] = std::move(variable);
    }
  }

  std::vector<std::string> take() && {
    if (left_out_ > 0) list_.push_back(fmt::format("MQTT_LEFT_OUT={}", left_out_));
    return std::move(list_);
  }

 private:
  std::vector<std::string> list_;
  std::map<std::string, std::size_t, std::less<>> places_;
  std::size_t total_ = 0;
  std::size_t left_out_ = 0;
};

void add_properties(const Properties& properties, Variables& variables) {
  std::size_t users = 0;
  std::string identifiers;
  for (const Property& property : properties) {
    const PropertyRow* const row = find_property(static_cast<std::uint8_t>(property.id));
    if (row == nullptr) continue;
    if (property.id == PropertyId::user_property) {
      ++users;
      variables.add("MQTT_USER_" + sanitized(property.name), property.value);
    } else if (property.id == PropertyId::subscription_identifier) {
      identifiers.append(identifiers.empty() ? "" : " ").append(std::to_string(property.number));
    } else if (row->type == PropertyType::binary) {
      variables.add(property_variable(row->name), to_base64(property.value));
    } else if (row->type == PropertyType::utf8) {
      variables.add(property_variable(row->name), property.value);
    } else {
      variables.add(property_variable(row->name), std::to_string(property.number));
    }
  }
  if (!identifiers.empty()) variables.add("MQTT_SUBSCRIPTION_IDENTIFIER", identifiers);
  variables.add("MQTT_USER", std::to_string(users));
}

void add_fields(const Value& value, Variables& variables) {
  const bool has_fields = value.kind == Value::Kind::object;
  if (has_fields) {
    Buffer text;
    for (const Value& field : value.items) {
      text.clear();
      // Text without its quotes; all else, bytes too, as JSON has it.
      if (field.kind != Value::Kind::text) append_json(field, text);
      std::string_view shown = field.kind == Value::Kind::text ? std::string_view(field.text) : text;
      if (field.kind == Value::Kind::bytes) shown = shown.substr(1, shown.size() - 2);
      variables.add("MQTT_FIELD_" + sanitized(field.name), shown);
    }
  }
  variables.add("MQTT_FIELD", std::to_string(has_fields ? value.items.size() : 0));
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view text) { return Words(text).split(); }

std::vector<std::string> message_environment(const Publish& publish, std::string_view timestamp,
                                             const Reading& reading) {
  Variables variables;
  variables.add("MQTT_TOPIC", publish.topic);
  variables.add("MQTT_QOS", std::to_string(static_cast<unsigned>(publish.qos)));
  variables.add("MQTT_RETAIN", publish.retain ? "1" : "0");
  variables.add("MQTT_DUP", publish.dup ? "1" : "0");
  variables.add("MQTT_TIME", timestamp);
  variables.add("MQTT_FORMAT", reading.format);
  add_properties(publish.properties, variables);
  add_fields(reading.value, variables);
  return std::move(variables).take();
}

bool is_of_a_message(std::string_view variable) {
  constexpr std::array<std::string_view, 9> names{"MQTT_TOPIC",    "MQTT_QOS",  "MQTT_RETAIN",
                                                  "MQTT_DUP",      "MQTT_TIME", "MQTT_FORMAT",
                                                  "MQTT_LEFT_OUT", "MQTT_USER", "MQTT_FIELD"};
  const std::string_view name = variable.substr(0, variable.find('='));
  if (!name.starts_with("MQTT_")) return false;
  return std::ranges::find(names, name) != names.end() || name.starts_with("MQTT_USER_") ||
         name.starts_with("MQTT_FIELD_") ||
         std::ranges::any_of(property_rows(),
                             [name](const PropertyRow& row) { return property_variable(row.name) == name; });
}

std::vector<std::string> environment_without_messages() {
  std::vector<std::string> environment;
  for (char** each = environ; *each != nullptr; ++each)
    if (!is_of_a_message(*each)) environment.emplace_back(*each);
  return environment;
}

std::optional<char> shell_character(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && quote != '\'') {
      ++i;
    } else if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (std::string_view("|><;&$").contains(c)) {
      return c;
    }
  }
  return std::nullopt;
}

Result<void> check_program(const std::string& program, const char* path) {
  int error = ENOENT;
  if (program.contains('/')) {
    error = startable(program);
  } else {
    std::string_view rest = path == nullptr ? "/bin:/usr/bin" : path;
    for (bool more = !program.empty(); more && error != 0;) {
      const std::size_t end = rest.find(':');
      const std::string folder(rest.substr(0, end));
      const int here = startable((folder.empty() ? std::string(".") : folder) + "/" + program);
      if (here == 0 || here == EACCES) error = here;
      more = end != std::string_view::npos;
      if (more) rest.remove_prefix(end + 1);
    }
  }
  if (error == 0) return {};
  return usage(fmt::format("cannot start {}: {}", quoted(program), system_error(error)));
}

}  // namespace mq
