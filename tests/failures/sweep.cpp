#include "failures/sweep.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>

namespace mq {

Fault::Fault(const TempDir& dir, std::string call, unsigned number, std::string how)
    : call_(std::move(call)), how_(std::move(how)), witness_(dir.file("struck")), number_(number) {}

Launch Fault::in(Launch launch) const {
  launch.environment.emplace_back("LD_PRELOAD", MQ_FAIL);
  launch.environment.emplace_back("MQTTKIT_FAIL", text());
  launch.environment.emplace_back("MQTTKIT_STRUCK", witness_);
  return launch;
}

bool Fault::struck() const { return std::filesystem::exists(witness_); }

std::string Fault::text() const {
  const std::string text = call_ + ':' + std::to_string(number_);
  return how_.empty() ? text : text + (how_.starts_with('+') ? "" : ":") + how_;
}

unsigned sweep(const std::string& call, const std::string& how, unsigned stride,
               const std::function<void(const Fault&)>& run) {
  if (std::getenv("MQTTKIT_EVERY") != nullptr) stride = 1;
  constexpr unsigned no_end = 200'000;
  unsigned struck = 0;
  for (unsigned number = 1; number < no_end; number += stride) {
    const TempDir dir;
    const Fault fault(dir, call, number, how);
    CAPTURE(fault.text());
    run(fault);
    if (!fault.struck()) return struck;
    ++struck;
  }
  FAIL("there is no end of ", call);
  return struck;
}

bool memory_can_fail() {
  if (sanitized)
    std::cerr << "SKIPPED: a sanitizer has an allocator of its own, which can't be made to fail\n";
  return !sanitized;
}

std::string marked_lines(const std::string& topic, const std::string& mark, int each) {
  std::string lines;
  for (int i = 0; i < each; ++i)
    for (const char qos : {'1', '2'})
      lines += R"({"topic":")" + topic + R"(","payload":")" + mark + qos + std::to_string(i) +
               R"(.","qos":)" + qos + "}\n";
  return lines;
}

bool ended_well(const Fault& fault, const Outcome& outcome) {
  CAPTURE(fault.text());
  CAPTURE(outcome.err);
  CHECK(outcome.signal == 0);
  const std::size_t errors = count_of("error: ", outcome.err);
  if (outcome.code == 0) {
    CHECK(errors == 0);
    return true;
  }
  CHECK(outcome.code >= 1);
  CHECK(outcome.code <= 9);
  CHECK(errors == 1);
  return false;
}

}  // namespace mq
