#include "sub/figure_table.hpp"

#include <doctest/doctest.h>

using namespace mq;

namespace {

std::string text_of(const FigureTable& table, bool all = false) {
  Buffer out;
  table.append_text(all, out);
  return out;
}

std::string json_of(const FigureTable& table, bool all = false) {
  Buffer out;
  table.append_json("", all, out);
  CHECK(out.ends_with("}\n"));
  out.resize(out.size() - 2);
  return out;
}

}  // namespace

TEST_CASE("mosquitto's figures stand in columns, in the table's order") {
  FigureTable table;
  CHECK(table.take("$SYS/broker/bytes/sent", "1234"));
  CHECK(table.take("$SYS/broker/uptime", "98 seconds"));
  CHECK(table.take("$SYS/broker/clients/connected", "2"));
  CHECK(table.take("$SYS/broker/clients/connected", "3"));
  CHECK(table.take("$SYS/broker/load/publish/received/1min", "0.98"));
  CHECK(table.take("$SYS/broker/unheard/of", "1"));
  CHECK(text_of(table) ==
        "uptime                      98 s\n"
        "clients connected            3\n"
        "sent                      1234 bytes\n"
        "messages received, 1 min  0.98 per minute\n");
  CHECK(text_of(table, true).ends_with("$SYS/broker/unheard/of       1\n"));
  CHECK(json_of(table) ==
        R"(,"uptime":98,"clients_connected":3,"bytes_sent":1234,"load_publishes_received_1":0.98)");
  CHECK(json_of(table, true).ends_with(R"(,"other":{"$SYS/broker/unheard/of":1})"));
}

TEST_CASE("EMQX's figures are known with dots and with slashes") {
  FigureTable table;
  CHECK(table.take("$SYS/brokers/emqx@127.0.0.1/version", "5.8.0"));
  CHECK(table.take("$SYS/brokers/emqx@127.0.0.1/stats/connections/count", "7"));
  CHECK(table.take("$SYS/brokers/emqx@127.0.0.1/metrics/messages.received", "8"));
  CHECK(table.take("$SYS/brokers", "emqx@127.0.0.1"));
  CHECK(table.take("$SYS/brokers/x/", "y"));
  CHECK(table.take("$SYS/broker/", "y"));
  CHECK(text_of(table) ==
        "version            5.8.0\n"
        "clients connected      7\n"
        "messages received      8\n");
}

TEST_CASE("each node of a cluster has its own table, and uptimes are in seconds where they can be") {
  FigureTable table;
  CHECK(table.take("$SYS/brokers/a@h/version", "5.8.0"));
  CHECK(table.take("$SYS/brokers/a@h/uptime", "61234"));
  CHECK(table.take("$SYS/brokers/a@h/datetime", "2026"));
  CHECK_FALSE(table.has_figures(true));
  CHECK(table.take("$SYS/brokers/b@h/uptime", "1 hours, 2 minutes, 3 seconds"));
  CHECK(table.take("$SYS/brokers/b@h/stats/topics/count", "3"));
  CHECK(table.has_figures(false));
  CHECK(text_of(table) ==
        "a@h\n"
        "version  5.8.0\n"
        "uptime      61 s\n"
        "b@h\n"
        "uptime   1 hours, 2 minutes, 3 seconds\n"
        "topics       3\n");
  CHECK(json_of(table, true) ==
        R"(,"node":"a@h","version":"5.8.0","uptime":61,"other":{"$SYS/brokers/a@h/datetime":2026}})"
        "\n"
        R"(,"node":"b@h","uptime":"1 hours, 2 minutes, 3 seconds","topics":3,"other":{})");
  table.clear();
  CHECK(table.empty(true));
}

TEST_CASE("what a server sends can neither move the cursor nor fill the memory") {
  FigureTable table;
  CHECK_FALSE(table.take("a/b", "1"));
  CHECK(table.empty(true));
  CHECK(table.take("$SYS/broker/version", "\x1b[31m" + std::string(100'000, 'x')));
  CHECK(text_of(table).size() < 300);
  CHECK_FALSE(text_of(table).contains('\x1b'));
  CHECK(text_of(table).contains("\\x1b[31mxxx"));
  CHECK_FALSE(json_of(table).contains('\x1b'));
  for (int i = 0; i < 5000; ++i) CHECK(table.take("$SYS/x/" + std::to_string(i), "\xFF"));
  CHECK(text_of(table, true).size() < 100'000);
  CHECK(json_of(table, true).contains(R"("$SYS/x/0":"\\xff")"));
}
