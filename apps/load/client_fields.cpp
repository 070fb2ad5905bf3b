#include "load/client_fields.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "load/client_random.hpp"
#include "shared/file.hpp"
#include "wire/frame.hpp"

namespace mq {

ClientFields::ClientFields(const Scenario& scenario, const Population& population, Environment environment)
    : environment_(std::move(environment)),
      seed_(scenario.seed),
      first_client_(population.resumes ? scenario.populations[*population.resumes].first_client
                                       : population.first_client),
      run_(fmt::format("{:08x}", scenario.run)),
      rows_by_message_(population.data.by_message),
      names_{"client", "number", "seq", "run"},
      own_(columns),
      values_(Random(0)) {
  own_[run] = run_;
}

Result<std::unique_ptr<ClientFields>> ClientFields::make(const Scenario& scenario,
                                                         const Population& population,
                                                         Environment environment) {
  std::unique_ptr<ClientFields> made(new ClientFields(scenario, population, std::move(environment)));
  if (!population.data.path.empty()) {
    auto table = DataTable::read(population.data.path);
    if (!table) return std::unexpected(std::move(table.error()));
    made->table_ = std::move(*table);
    const auto names = made->table_->names();
    made->names_.insert(made->names_.end(), names.begin(), names.end());
    made->own_.resize(made->names_.size());
  }
  made->values_.set(made->own_);
  return made;
}

Result<Template> ClientFields::compile(std::string_view text) {
  const FileReader files = [](const std::string& path) { return read_file(path, max_variable_integer); };
  auto made = Template::compile(text, names_, environment_, files);
  if (!made) return made;
  for (std::size_t i = 0; i < columns; ++i) uses_[i] = uses_[i] || made->uses_own(i);
  uses_columns_ = uses_columns_ || uses_columns(*made);
  uses_time_ = uses_time_ || made->uses_time();
  uses_message_ = uses_message_ || made->uses_message();
  return made;
}

bool ClientFields::uses_columns(const Template& text) const {
  for (std::size_t i = columns; i < names_.size(); ++i)
    if (text.uses_own(i)) return true;
  return false;
}

bool ClientFields::by_client(const Template& text) const {
  return text.uses_own(client) || text.uses_own(number) || (!rows_by_message_ && uses_columns(text));
}

bool ClientFields::by_message(const Template& text) const {
  return text.uses_own(seq) || text.uses_message() || text.uses_time() ||
         (rows_by_message_ && uses_columns(text));
}

void ClientFields::set_number(Own own, std::uint64_t value) {
  std::array<char, digits>& buffer = numbers_[own];
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  own_[own] = {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

void ClientFields::set(std::uint64_t client_number, std::uint64_t message, std::int64_t now) {
  if (uses_[client]) set_number(client, first_client_ + client_number);
  if (uses_[number]) set_number(number, client_number);
  if (uses_[seq]) set_number(seq, message);
  if (uses_columns_) {
    const auto row = table_->row(rows_by_message_ ? message : client_number);
    std::ranges::copy(row, own_.begin() + columns);
  }
  if (uses_message_)
    values_.at(message + 1, client_random(seed_, RandomUse::message, first_client_ + client_number, message));
  if (uses_time_)
    values_.set_time(LocalTime::Moment(
        std::chrono::duration_cast<LocalTime::Moment::duration>(std::chrono::nanoseconds(now))));
}

std::string ClientFields::text_of(const Template& text, std::uint64_t client_number) {
  set(client_number);
  Buffer out;
  append(text, out);
  return out;
}

}  // namespace mq
