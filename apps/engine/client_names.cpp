#include "engine/client_names.hpp"

namespace mq {

Result<std::unique_ptr<ClientNames>> ClientNames::make(const Scenario& scenario, std::size_t population,
                                                       Environment environment) {
  const Population& own = scenario.populations[population];
  const Population& called = own.resumes ? scenario.populations[*own.resumes] : own;
  auto fields = ClientFields::make(scenario, called, std::move(environment));
  if (!fields) return std::unexpected(std::move(fields.error()));
  std::unique_ptr<ClientNames> names(new ClientNames());
  names->fields_ = std::move(*fields);
  auto id = names->fields_->compile(called.client_id);
  if (!id) return std::unexpected(std::move(id.error()));
  names->client_id_ = std::move(*id);
  std::vector<std::string> filters;
  if (own.subscribe) filters = own.subscribe->filters;
  if (own.respond) filters = own.respond->filters;
  if (own.request) filters = {own.request->response_topic};
  for (const std::string& filter : filters) {
    auto compiled = names->fields_->compile(filter);
    if (!compiled) return std::unexpected(std::move(compiled.error()));
    names->filters_.push_back(std::move(*compiled));
  }
  if (own.request) names->response_topic_ = names->filters_.front();
  return names;
}

std::vector<std::string> ClientNames::filters(std::uint64_t index) {
  std::vector<std::string> result;
  for (const Template& filter : filters_) result.push_back(fields_->text_of(filter, index));
  return result;
}

}  // namespace mq
