// Formats and schemas of requests and of their answers, each by options of its own.
#include <doctest/doctest.h>

#include <fstream>

#include "e2e/answers.hpp"
#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

Reactions echo() {
  return {.publish = [](Peer& peer, const Publish& request) {
    peer.answer(request);
    send_answer(peer, request, {.payload = request.payload});
  }};
}

std::string write(const TempDir& dir, const std::string& name, std::string_view text) {
  std::ofstream(dir.file(name)) << text;
  return dir.file(name);
}

}  // namespace

TEST_CASE("a request is written in its format, and answers are read in the same") {
  FakeBroker broker(echo());
  const Outcome outcome =
      run(rr(broker.port(), {"-t", "ask", "-m", R"({"a":[1,true]})", "--format", "cbor"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "{\"a\":[1,true]}\n");
  CHECK(broker.await(PacketType::publish)->as<Publish>().payload == Bytes("\xA1\x61\x61\x82\x01\xF5"));
}

TEST_CASE("answers have a format of their own") {
  FakeBroker broker(answering({{Bytes("\x82\x01\x02")}}));
  Outcome outcome = run(rr(broker.port(), {"-t", "ask", "-m", "x", "--answer-format", "cbor"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "[1,2]\n");
  outcome =
      run(rr(broker.port(), {"-t", "ask", "-m", "{\"a\":1}", "--format", "json", "--answer-format", "hex"}));
  CHECK(outcome.out == "820102\n");
}

TEST_CASE("Protocol Buffers: a type for requests, another for answers") {
  const TempDir dir;
  const std::string proto =
      write(dir, "calc.proto",
            "syntax = \"proto3\"; package calc; message Add { int32 a = 1; int32 b = 2; } "
            "message Sum { int32 total = 1; }");
  FakeBroker broker(answering({{Bytes("\x08\x03")}}));
  const Outcome outcome =
      run(rr(broker.port(), {"-t", "ask", "-m", R"({"a":1,"b":2})", "--proto", proto, "--proto-type",
                             "calc.Add", "--answer-proto-type", "calc.Sum"}));
  CHECK(outcome.err == "");
  CHECK(outcome.out == "{\"total\":3}\n");
  CHECK(broker.await(PacketType::publish)->as<Publish>().payload == Bytes("\x08\x01\x10\x02"));
}

TEST_CASE("a request that breaks its schema is not sent, an answer that breaks its own is exit code 9") {
  const TempDir dir;
  const std::string asked = write(dir, "ask.json", R"({"required":["a"]})");
  const std::string told = write(dir, "answer.json", R"({"required":["sum"]})");
  FakeBroker broker(answering({{"{\"sum\":3}"}}));
  const Arguments schemas{"-t", "ask", "--schema", asked, "--answer-schema", told};
  const auto with = [&schemas](Arguments more) {
    more.insert(more.begin(), schemas.begin(), schemas.end());
    return more;
  };
  CHECK(failed_with(run(rr(broker.port(), with({"-m", "{\"b\":1}"}))), 7, "required"));
  CHECK(broker.connections() == 0);
  CHECK(run(rr(broker.port(), with({"-m", "{\"a\":1}"}))).code == 0);
  const Outcome lines = run(
      with_input(rr(broker.port(), with({"-l", "--on-invalid", "skip", "-F", "%n %p"})), "{\"a\":1}\n{}\n"));
  CHECK(lines.code == 7);
  CHECK(lines.out == "1 {\"sum\":3}\n");
  CHECK(holds(lines.err, "error: line 2: "));
  FakeBroker wrong(answering({{"{\"total\":3}"}}));
  const Outcome outcome = run(rr(wrong.port(), with({"-m", "{\"a\":1}"})));
  CHECK(outcome.code == 9);
  CHECK(holds(outcome.err, "required"));
  CHECK(holds(outcome.err, "error: the answer does not fit its schema"));
}

TEST_CASE("answers as objects say which request they answer, and how fast") {
  FakeBroker broker(echo());
  Outcome outcome = run(with_input(
      rr(broker.port(), {"-t", "ask", "-l", "--jq", "\"\\(.request) \\(.latency_ms > 0) \\(.payload)\""}),
      "7\n8\n"));
  CHECK(outcome.out == "1 true 7\n2 true 8\n");
  outcome = run(rr(broker.port(), {"-t", "ask", "-m", "x", "-F", "%n:%.1L:%w:%p"}));
  CHECK(outcome.out.starts_with("1:"));
  CHECK(outcome.out.ends_with("::x\n"));
  CHECK(failed_with(run(sub(broker.port(), {"-t", "ask", "-F", "%n"})), 2, "format token '%n' is unknown"));
}
