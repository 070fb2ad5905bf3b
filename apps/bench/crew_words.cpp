#include "bench/crew_words.hpp"

#include <charconv>
#include <string>
#include <utility>

#include "report/tally_json.hpp"

namespace mq {
namespace {

// What comes from a process of our own needs no further checks: what is missing is 0.
std::uint64_t number_of(const Value* value) {
  std::uint64_t number = 0;
  if (value != nullptr)
    (void)std::from_chars(value->text.data(), value->text.data() + value->text.size(), number);
  return number;
}

double real_of(const Value* value) {
  double number = 0;
  if (value != nullptr)
    (void)std::from_chars(value->text.data(), value->text.data() + value->text.size(), number);
  return number;
}

Value number(std::uint64_t number) { return Value::number(number); }

Value numbers(const std::vector<std::uint64_t>& all) {
  Value list = Value::array();
  list.items.reserve(all.size());
  for (const std::uint64_t each : all) list.add(number(each));
  return list;
}

std::vector<std::uint64_t> numbers_of(const Value* list) {
  std::vector<std::uint64_t> all;
  if (list == nullptr) return all;
  all.reserve(list->items.size());
  for (const Value& each : list->items) all.push_back(number_of(&each));
  return all;
}

// Up to where nothing is known; then first and last number of each.
Value ranges(const NumberRanges& all) {
  Value list = Value::array();
  list.add(number(all.known_from()));
  for (const auto& [first, last] : all.ranges()) {
    list.add(number(first));
    list.add(number(last));
  }
  return list;
}

NumberRanges ranges_of(const Value* list) {
  NumberRanges all;
  const auto numbers = numbers_of(list);
  if (numbers.empty()) return all;
  all.forget_below(numbers.front());
  for (std::size_t i = 1; i + 1 < numbers.size(); i += 2)
    if (numbers[i] <= numbers[i + 1]) all.add({.first = numbers[i], .last = numbers[i + 1]});
  return all;
}

Value time(Time when) { return number(static_cast<std::uint64_t>(when.time_since_epoch().count())); }
Time time_of(const Value* value) { return Time(Duration(static_cast<Duration::rep>(number_of(value)))); }

const std::vector<Value>& items_of(const Value& value, std::string_view member) {
  static const std::vector<Value> none;
  const Value* list = value.member(member);
  return list != nullptr ? list->items : none;
}

ErrorKind kind_of(const Value* value) { return static_cast<ErrorKind>(number_of(value)); }

}  // namespace

Value to_value(const CrewOrder& order) {
  Value value = Value::object();
  value.add("do", number(static_cast<std::uint64_t>(order.what)));
  value.add("population", number(order.population));
  value.add("when", time(order.when));
  value.add("measured_from", time(order.measured_from));
  value.add("facts", to_value(order.facts));
  return value;
}

CrewOrder order_of(const Value& value) {
  return {.what = static_cast<CrewOrder::What>(number_of(value.member("do"))),
          .population = number_of(value.member("population")),
          .when = time_of(value.member("when")),
          .measured_from = time_of(value.member("measured_from")),
          .facts = value.member("facts") ? facts_of(*value.member("facts")) : StreamFacts()};
}

Value to_value(const std::vector<Progress>& progress) {
  Value value = Value::object();
  Value& list = value.add("progress", Value::array());
  for (const Progress& of : progress)
    list.add(numbers({of.clients, of.ready, of.finished, of.open, of.came, of.spent}));
  return value;
}

std::vector<Progress> progress_of(const Value& value) {
  std::vector<Progress> all;
  for (const Value& item : items_of(value, "progress")) {
    const auto of = numbers_of(&item);
    if (of.size() == 6)
      all.push_back({.clients = of[0],
                     .ready = of[1],
                     .finished = of[2],
                     .open = of[3],
                     .came = of[4],
                     .spent = of[5]});
  }
  return all;
}

Value to_value(const Crew::Part& part) {
  Value value = Value::object();
  Value tally = Value::object();
  add_tally(*part.tally, Detail::buckets, tally);
  value.add("part", std::move(tally));
  Value& threads = value.add("threads", Value::array());
  for (const ThreadHealth& thread : part.threads) {
    Value& item = threads.add(Value::object());
    item.add("name", Value::of_text(thread.name));
    item.add("cpu_seconds", Value::number(thread.cpu_seconds));
    item.add("waited_seconds", Value::number(thread.waited_seconds));
  }
  value.add("sockets", numbers({part.sockets.busy, part.sockets.peer_full, part.sockets.retransmitted}));
  value.add("delays", numbers({part.delays.late, part.delays.held}));
  if (part.replay.last > part.replay.first) {
    value.add("replay_first", time(part.replay.first));
    value.add("replay_last", time(part.replay.last));
  }
  return value;
}

Crew::Part part_of(const Value& value) {
  Crew::Part part{
      .tally = std::make_unique<Tally>(), .threads = {}, .sockets = {}, .delays = {}, .replay = {}};
  std::string wrong;
  if (const Value* tally = value.member("part")) {
    Members members(*tally, wrong);
    take_tally(members, *part.tally);
  }
  for (const Value& item : items_of(value, "threads")) {
    const Value* name = item.member("name");
    part.threads.push_back({.name = name != nullptr ? name->text : "",
                            .cpu_seconds = real_of(item.member("cpu_seconds")),
                            .seconds = 0,
                            .waited_seconds = real_of(item.member("waited_seconds"))});
  }
  const auto sockets = numbers_of(value.member("sockets"));
  if (sockets.size() == 3)
    part.sockets = {.busy = sockets[0], .peer_full = sockets[1], .retransmitted = sockets[2]};
  const auto delays = numbers_of(value.member("delays"));
  if (delays.size() == 2) part.delays = {.late = delays[0], .held = delays[1]};
  if (const Value* first = value.member("replay_first"))
    part.replay = {.first = time_of(first), .last = time_of(value.member("replay_last"))};
  return part;
}

Value to_value(const StreamFacts& facts) {
  Value value = Value::object();
  value.add("sent", numbers(facts.sent));
  value.add("seen", numbers(facts.seen));
  Value& list = value.add("exceptions", Value::array());
  for (const auto& [stream, exceptions] : facts.exceptions) {
    Value& item = list.add(Value::object());
    item.add("stream", number(stream));
    item.add("unsure", ranges(exceptions.unsure));
    item.add("repeated", ranges(exceptions.repeated));
  }
  return value;
}

StreamFacts facts_of(const Value& value) {
  StreamFacts facts{
      .sent = numbers_of(value.member("sent")), .seen = numbers_of(value.member("seen")), .exceptions = {}};
  for (const Value& item : items_of(value, "exceptions"))
    facts.exceptions[static_cast<std::uint32_t>(number_of(item.member("stream")))] = {
        .unsure = ranges_of(item.member("unsure")), .repeated = ranges_of(item.member("repeated"))};
  return facts;
}

Value to_value(const Troop::Verdict& verdict) {
  Value value = Value::object();
  Value& breaches = value.add("breaches", Value::array());
  for (const Breach& breach : verdict.breaches)
    breaches.add(numbers({static_cast<std::uint64_t>(breach.kind), static_cast<std::uint64_t>(breach.qos),
                          breach.stream, breach.first, breach.last, breach.subscriber}));
  value.add("breach_count", number(verdict.breach_count));
  Value& errors = value.add("errors", Value::array());
  for (const auto& [text, times] : verdict.errors) {
    Value& item = errors.add(Value::object());
    item.add("text", text_value(text));
    item.add("times", number(times));
    if (const auto kind = verdict.kinds.find(text); kind != verdict.kinds.end())
      item.add("kind", number(static_cast<std::uint64_t>(kind->second)));
  }
  value.add("forgetful", number(verdict.forgetful ? 1 : 0));
  Value& falls = value.add("falls", Value::array());
  for (const Falls& of : verdict.falls) {
    Value& item = falls.add(Value::object());
    item.add("clients", numbers({of.stood, of.fallen, of.ever}));
    item.add("kind", number(static_cast<std::uint64_t>(of.kind)));
    item.add("why", text_value(of.why));
  }
  value.add("unacknowledged", numbers({verdict.unacknowledged.begin(), verdict.unacknowledged.end()}));
  return value;
}

Troop::Verdict verdict_of(const Value& value) {
  Troop::Verdict verdict;
  for (const Value& item : items_of(value, "breaches")) {
    const auto of = numbers_of(&item);
    if (of.size() != 6) continue;
    verdict.breaches.push_back({.kind = static_cast<Breach::Kind>(of[0]),
                                .qos = static_cast<int>(of[1]),
                                .stream = of[2],
                                .first = of[3],
                                .last = of[4],
                                .subscriber = of[5]});
  }
  verdict.breach_count = number_of(value.member("breach_count"));
  for (const Value& item : items_of(value, "errors")) {
    const Value* text = item.member("text");
    if (text == nullptr) continue;
    verdict.errors[text->text] += number_of(item.member("times"));
    if (const Value* kind = item.member("kind")) verdict.kinds[text->text] = kind_of(kind);
  }
  verdict.forgetful = number_of(value.member("forgetful")) > 0;
  for (const Value& item : items_of(value, "falls")) {
    Falls& of = verdict.falls.emplace_back();
    const auto clients = numbers_of(item.member("clients"));
    if (clients.size() == 3) {
      of.stood = clients[0];
      of.fallen = clients[1];
      of.ever = clients[2];
    }
    of.kind = kind_of(item.member("kind"));
    if (const Value* why = item.member("why")) of.why = why->text;
  }
  const auto unacknowledged = numbers_of(value.member("unacknowledged"));
  for (std::size_t qos = 0; qos < std::min(unacknowledged.size(), verdict.unacknowledged.size()); ++qos)
    verdict.unacknowledged[qos] = unacknowledged[qos];
  return verdict;
}

Value to_value(const Error& failure) {
  Value value = Value::object();
  value.add("failure", text_value(failure.text));
  value.add("kind", number(static_cast<std::uint64_t>(failure.kind)));
  return value;
}

std::optional<Error> failure_of(const Value& value) {
  const Value* text = value.member("failure");
  if (text == nullptr) return std::nullopt;
  return Error{.kind = kind_of(value.member("kind")), .text = text->text};
}

}  // namespace mq
