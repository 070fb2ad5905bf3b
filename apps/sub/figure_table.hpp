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
  // Whether there is something to show; with `all` also of what is not known.
  bool empty(bool all) const { return nodes_.empty() && (!all || others_.empty()); }
  // Whether a figure is there that counts something: versions and times alone are none, since EMQX retains
  // the former and tells the figures now and then.
  bool has_figures(bool all) const { return counted_ || (all && counted_other_); }
  void clear() { *this = {}; }

  // Label, value and unit in columns, one row a line, fit for a terminal; with `all` also what is not known,
  // by its topic. Of a cluster each node has its own table, below a line with its name.
  void append_text(bool all, Buffer& out) const;
  // An object on a line for each node: behind `head`, which opens it, members that each follow a comma:
  // numbers as numbers, others as text; with `all` what is not known as the member "other".
  void append_json(std::string_view head, bool all, Buffer& out) const;

 private:
  using Known = std::map<std::size_t, std::string>;  // by the number of the row
  struct Table {
    std::string_view node;
    const Known* known;
    bool first;
  };
  std::vector<Table> tables() const;
  bool belongs(std::string_view topic, const Table& table) const;

  std::map<std::string, Known, std::less<>> nodes_;  // by the node's name; of mosquitto ""
  std::map<std::string, std::string, std::less<>> others_;
  bool counted_ = false;
  bool counted_other_ = false;
};

}  // namespace mq
