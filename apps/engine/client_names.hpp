// What the clients of a population are called and what they subscribe to: the templates of a scenario, filled
// in for each of them. A population that goes on with another's sessions has that one's names.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "load/client_fields.hpp"
#include "load/scenario.hpp"

namespace mq {

class ClientNames {
 public:
  // Kind usage or io. `scenario` is not looked at any more.
  static Result<std::unique_ptr<ClientNames>> make(const Scenario& scenario, std::size_t population,
                                                   Environment environment);

  // `index` in the population.
  std::string client_id(std::uint64_t index) { return fields_->text_of(client_id_, index); }
  // What it subscribes to: its filters, or the topic that its answers come to.
  std::vector<std::string> filters(std::uint64_t index);
  std::string response_topic(std::uint64_t index) { return fields_->text_of(*response_topic_, index); }

 private:
  ClientNames() = default;

  std::unique_ptr<ClientFields> fields_;
  Template client_id_;
  std::vector<Template> filters_;
  std::optional<Template> response_topic_;
};

}  // namespace mq
