// What a server tells of itself below $SYS, as a table: which topics of which servers are known, what they
// mean and in what unit they are. Keeps the last value of each figure, shortened; knows nothing of
// connections.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace mq {

struct FigureRow {
  std::string_view key;        // in JSON
  std::string_view label;      // in the table
  std::string_view unit;       // "" = a number of things, or a text
  std::string_view mosquitto;  // below $SYS/broker/; "" = it has none
  std::string_view emqx;       // below $SYS/brokers/NODE/
};

class FigureTable {
 public:
  // False when the topic is not one of a server's figures.
  bool take(std::string_view topic, std::string_view value);
  bool empty() const { return known_.empty() && others_.empty(); }
  bool has_known() const { return !known_.empty(); }

  // Label, value and unit in columns, one row a line, fit for a terminal; with `all` also what is not known,
  // by its topic.
  void append_text(bool all, Buffer& out) const;
  // Members of an object, each behind a comma: numbers as numbers, others as text; with `all` what is not
  // known as the member "other".
  void append_json(bool all, Buffer& out) const;

 private:
  std::map<std::size_t, std::string> known_;  // by the number of the row
  std::map<std::string, std::string, std::less<>> others_;
};

}  // namespace mq
