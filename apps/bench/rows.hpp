// The option rows of mqtt-bench's own, in parts that its commands put together. A row's default_text is what
// holds when it is not given: store_defaults() has the rows store it before anything else is.
#pragma once

#include <string_view>

#include "bench/load_settings.hpp"
#include "shared/common_options.hpp"
#include "shared/option.hpp"

namespace mq {

// --clients, --publishers and their like: how many of whom.
struct ClientsRow {
  std::string_view name;  // letter -c for "clients"
  std::string_view default_text, summary, detail;
  std::uint64_t LoadSettings::* target;
};
void clients_row(OptionRows& rows, LoadSettings& settings, const ClientsRow& row);

void connect_rate_row(OptionRows& rows, LoadSettings& settings, std::string_view default_text);
// --rate and all that shapes it; `what`: "messages" or "requests".
void rate_rows(OptionRows& rows, LoadSettings& settings, std::string_view rate, std::string_view detail);
void count_row(OptionRows& rows, LoadSettings& settings, std::string_view default_text,
               std::string_view summary, std::string_view detail);
void duration_rows(OptionRows& rows, LoadSettings& settings, std::string_view duration,
                   std::string_view detail);

void topic_row(OptionRows& rows, LoadSettings& settings, std::string_view default_text);
void qos_row(OptionRows& rows, LoadSettings& settings, std::string_view default_text,
             std::string_view detail);
void retain_row(OptionRows& rows, LoadSettings& settings);
void payload_rows(OptionRows& rows, LoadSettings& settings);  // --size, -m, -f, --data, --stamp, formats
void window_row(OptionRows& rows, LoadSettings& settings, std::string_view default_text,
                std::string_view summary, std::string_view detail);
void filter_rows(OptionRows& rows, LoadSettings& settings, std::string_view default_text);
void request_rows(OptionRows& rows, LoadSettings& settings);
void stay_row(OptionRows& rows, LoadSettings& settings);

// --threads, --shard and the like.
void run_rows(OptionRows& rows, LoadSettings& settings);
void report_rows(OptionRows& rows, ReportSettings& settings);
void live_rows(OptionRows& rows, ReportSettings& settings);  // --metrics, --no-progress
// Where to connect: the kit's rows, as they are for many clients. `publishes`, `subscribes`: what -D can be
// about.
void connection_rows(OptionRows& rows, LoadSettings& settings, bool publishes, bool subscribes);
// The kit's general rows that fit here.
void bench_general_rows(OptionRows& rows, General& general, ConnectionSettings& settings);

// Of the rows of this program's own.
void store_defaults(const OptionRows& rows, LoadSettings& settings);

// A row whose setter notes that it was given.
void add(OptionRows& rows, LoadSettings& settings, OptionRow row);

}  // namespace mq
