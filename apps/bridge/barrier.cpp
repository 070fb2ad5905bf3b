#include "bridge/barrier.hpp"

#include <utility>

#include "bridge/fault_point.hpp"

namespace mq {
namespace {

constexpr Duration pause_after_failure = std::chrono::seconds(1);

}  // namespace

Barrier::Barrier(Loop& loop, Journal& journal, const Log& log, std::function<void()> before,
                 std::function<void()> after, std::function<void()> turned)
    : loop_(loop),
      journal_(journal),
      log_(log),
      before_(std::move(before)),
      after_(std::move(after)),
      turned_(std::move(turned)),
      again_(loop) {}

void Barrier::remove(const Client& client) {
  for (Client*& each : clients_)
    if (each == &client) each = nullptr;
}

void Barrier::touch() {
  if (posted_ || failing_) return;
  posted_ = true;
  loop_.post([this] {
    posted_ = false;
    commit();
  });
}

void Barrier::then(std::function<void()> done) {
  then_.push_back(std::move(done));
  touch();
}

void Barrier::call(std::vector<std::function<void()>>&& each) {
  for (const auto& done : std::exchange(each, {})) done();
}

void Barrier::commit() {
  before_();
  // What has been put out rests on nothing that the journal does not have.
  if (under_way_ == 0 && !journal_.dirty()) {
    for (Client* const client : clients_)
      if (client != nullptr) client->let_out(client->output_mark());
    after_();
    return call(std::move(then_));
  }
  fault_point("committing");
  std::vector<Client::OutputMark> marks;
  marks.reserve(clients_.size());
  for (const Client* client : clients_)
    marks.push_back(client != nullptr ? client->output_mark() : Client::OutputMark{});
  ++under_way_;
  journal_.commit(
      [this, marks = std::move(marks), done = std::exchange(then_, {})](const Result<void>& result) mutable {
        --under_way_;
        if (!result) then_.insert(then_.begin(), done.begin(), done.end());
        committed(result, marks);
        if (result) call(std::move(done));
      });
}

void Barrier::committed(const Result<void>& result, const std::vector<Client::OutputMark>& marks) {
  if (!result) {
    if (!std::exchange(failing_, true)) {
      log_.report(
          {result.error().kind, result.error().text, 0,
           "nothing is acknowledged and nothing lost meanwhile; it goes on once the store can be written"},
          "store-fails");
      turned_();
    }
    return again_.set(loop_.now() + pause_after_failure, [this] { commit(); });
  }
  if (std::exchange(failing_, false)) {
    log_.notice("store-works", "the store can be written again");
    turned_();
    touch();  // what came while nothing was begun for it
  }
  fault_point("committed");
  for (std::size_t i = 0; i < marks.size(); ++i)
    if (clients_[i] != nullptr) clients_[i]->let_out(marks[i]);
  after_();
}

}  // namespace mq
