#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "net/tls_records.ipp"

namespace mq {
namespace {

using Step = TlsRecords::Step;

// So much is encrypted at a time: enough to make a call of the kernel cheap.
constexpr std::size_t batch_size = 128 * std::size_t{1024};
constexpr std::size_t batch_space = batch_size + batch_size / 64;  // and what its records add
// Larger buffers are not kept while nothing is to be sent.
constexpr std::size_t most_idle_space = 4096;

// A handshake or an alert (RFC 8446, 5.1): nothing else comes first.
bool is_record(Bytes bytes) { return bytes.front() == '\x16' || bytes.front() == '\x15'; }

class TlsStream : public std::enable_shared_from_this<TlsStream> {
 public:
  TlsStream(Loop& loop, std::unique_ptr<Transport> below) : loop_(loop), below_(std::move(below)) {}

  void start(Result<std::unique_ptr<TlsRecords>> records, Opened opened);
  void give_up();  // the handshake

  void read_some(Transport::ReadHandler handler);
  void write(Bytes bytes, Transport::WriteHandler handler);
  std::size_t undelivered() const {
    return unwritten_.size() + records_->outgoing.size() + below_->undelivered();
  }
  void shut_down();
  void close();
  std::string peer() const { return below_->peer(); }

 private:
  void soon(void (TlsStream::*member)());

  void shake();
  void shake_on(Result<Bytes> bytes);
  void conclude();

  void read_below();
  void received(Result<Bytes> bytes);
  void take_in(Bytes ciphertext);
  void take_in_rest();
  void keep_rest();
  std::span<char> space_beside(Bytes ciphertext);
  void end_reading();

  void pump();
  void encrypt_batch();
  void read_for_write();
  void end_waiting_write();
  void sent(Result<void> outcome);

  Loop& loop_;
  std::unique_ptr<Transport> below_;
  std::unique_ptr<TlsRecords> records_;
  bool closed_ = false;

  Opened opened_;
  bool speaks_tls_ = false;  // what came from the server first looks like it
  std::optional<Error> failure_;

  Transport::ReadHandler on_read_;
  bool reading_ = false;     // a read of `below_` is under way, or waits:
  bool read_waits_ = false;  // until what TLS itself wants to send has left
  // Ciphertext of one read of `below_` that was not taken in: what came behind the handshake, or more than
  // the space for plaintext. Empty at nearly all times.
  Buffer rest_;
  std::size_t rest_taken_ = 0;
  std::optional<Result<void>> end_;  // of reading, when all before it is delivered

  Transport::WriteHandler on_written_;
  Bytes unwritten_;          // not encrypted yet
  bool writing_ = false;     // a write of the caller's is under way
  bool last_batch_ = false;  // `sending_` has the end of it
  // A message of TLS itself has only come in part, and nothing is encrypted before the rest of it is there;
  // reading goes on for that, whether or not the caller reads. All of `rest_` is then that message's.
  bool write_waits_ = false;
  std::optional<Error> write_failure_;
  Buffer sending_;
  bool sending_now_ = false;  // `below_` has it
  bool shut_down_wanted_ = false;
  bool said_goodbye_ = false;
};

void TlsStream::soon(void (TlsStream::*member)()) {
  loop_.post([weak = weak_from_this(), member] {
    if (const auto self = weak.lock(); self && !self->closed_) ((*self).*member)();
  });
}

void TlsStream::start(Result<std::unique_ptr<TlsRecords>> records, Opened opened) {
  opened_ = std::move(opened);
  if (!records) {
    failure_ = std::move(records.error());
    return soon(&TlsStream::conclude);
  }
  records_ = std::move(*records);
  if (records_->handshake() != Step::more) {
    failure_ = records_->fault();
    return soon(&TlsStream::conclude);
  }
  pump();
  shake();
}

void TlsStream::give_up() {
  if (opened_) close();
}

void TlsStream::shake() {
  below_->read_some([this](Result<Bytes> bytes) { shake_on(std::move(bytes)); });
}

void TlsStream::shake_on(Result<Bytes> bytes) {
  if (!bytes) {
    failure_ = std::move(bytes.error());
    failure_->text = "the connection was lost during the TLS handshake: " + failure_->text;
    return conclude();
  }
  Step step = Step::ended;
  if (!bytes->empty()) {
    speaks_tls_ = speaks_tls_ || is_record(*bytes);
    records_->incoming = *bytes;
    step = records_->handshake();
    pump();
  }
  switch (step) {
    case Step::more:
      return shake();
    case Step::ended:
      failure_ = Error{.kind = ErrorKind::lost,
                       .text = "the server closed the connection during the TLS handshake",
                       .hint = speaks_tls_ ? "" : "is this its port for TLS?"};
      break;
    case Step::failed:
      failure_ = records_->fault();
      break;
    case Step::done:
      keep_rest();
      break;
  }
  conclude();
}

void TlsStream::read_some(Transport::ReadHandler handler) {
  if (closed_) return;
  on_read_ = std::move(handler);
  if (!rest_.empty() || records_->holds_plaintext()) return soon(&TlsStream::take_in_rest);
  if (end_) return soon(&TlsStream::end_reading);
  read_below();
}

void TlsStream::read_below() {
  if (reading_) return;
  reading_ = true;
  // A peer may make TLS answer (new keys, refused renegotiations). Who does not read the answers is not
  // listened to any longer, or they would pile up here.
  read_waits_ = sending_now_ && !records_->outgoing.empty();
  if (!read_waits_) below_->read_some([this](Result<Bytes> bytes) { received(std::move(bytes)); });
}

void TlsStream::received(Result<Bytes> bytes) {
  reading_ = false;
  if (!end_ && bytes && !bytes->empty()) {
    if (on_read_) return take_in(*bytes);
    rest_ = *bytes;
    return pump();
  }
  if (end_) {
    // a write has met it first
  } else if (!bytes) {
    end_ = std::unexpected(std::move(bytes.error()));
  } else if (records_->holds_anything()) {
    end_ = fail(ErrorKind::lost, "the connection ended in the middle of a TLS record");
  } else {
    end_ = Result<void>();  // many servers leave without close_notify; MQTT says itself where it ends
  }
  if (write_waits_) end_waiting_write();
  if (on_read_) end_reading();
}

void TlsStream::take_in_rest() { take_in(Bytes(rest_).substr(rest_taken_)); }

void TlsStream::take_in(Bytes ciphertext) {
  const std::span<char> space = space_beside(ciphertext);
  std::size_t size = 0;
  records_->incoming = ciphertext;
  const Step step = records_->decrypt(space, size);
  if (step == Step::ended) {
    end_ = Result<void>();
    records_->incoming = {};
  } else if (step == Step::failed) {
    end_ = std::unexpected(records_->fault());
    records_->incoming = {};
  }
  keep_rest();
  pump();
  if (size > 0) {
    // The bytes may be in the context, and the handler may destroy the last connection that has it.
    const std::shared_ptr<TlsContext> context = records_->shared_context();
    auto handler = std::exchange(on_read_, {});
    return handler(Bytes(space.data(), size));
  }
  if (end_) return end_reading();
  read_below();
}

// Decrypting must not run over what is still to be decrypted, and most transports read into the loop's
// buffer.
std::span<char> TlsStream::space_beside(Bytes ciphertext) {
  const std::span<char> buffer = loop_.read_buffer();
  const std::less<const char*> before;
  if (before(ciphertext.data(), buffer.data()) || !before(ciphertext.data(), buffer.data() + buffer.size())) {
    return buffer;
  }
  TlsContext::Impl& context = records_->context();
  if (!context.plain) context.plain = std::make_unique_for_overwrite<char[]>(TlsContext::Impl::plain_size);
  return {context.plain.get(), TlsContext::Impl::plain_size};
}

void TlsStream::keep_rest() {
  const Bytes left = std::exchange(records_->incoming, {});
  if (left.empty()) {
    rest_ = Buffer();
    rest_taken_ = 0;
  } else if (rest_.empty()) {
    rest_ = left;
  } else {
    rest_taken_ = rest_.size() - left.size();  // it is the tail of it
  }
}

void TlsStream::end_reading() {
  const Result<void> end = *end_;
  auto handler = std::exchange(on_read_, {});
  if (!end) return handler(std::unexpected(end.error()));
  handler(Bytes());
}

void TlsStream::write(Bytes bytes, Transport::WriteHandler handler) {
  if (closed_) return;
  on_written_ = std::move(handler);
  unwritten_ = bytes;
  writing_ = true;
  pump();
}

void TlsStream::shut_down() {
  if (closed_ || shut_down_wanted_) return;
  shut_down_wanted_ = true;
  pump();
}

void TlsStream::encrypt_batch() {
  const Bytes batch = unwritten_.substr(0, batch_size);
  if (batch.size() > most_idle_space) {
    records_->outgoing.reserve(records_->outgoing.size() + batch.size() / batch_size * batch_space +
                               batch.size());
  }
  const bool waited = write_waits_;
  if (waited) records_->incoming = Bytes(rest_).substr(rest_taken_);
  const Step step = records_->encrypt(batch);
  write_waits_ = step == Step::more;
  if (write_waits_) soon(&TlsStream::read_for_write);
  if (step == Step::done) unwritten_.remove_prefix(batch.size());
  if (step == Step::failed) {
    unwritten_ = {};
    write_failure_ = records_->fault();
    if (waited) {
      records_->incoming = {};
      end_ = std::unexpected(*write_failure_);
    }
  }
  if (waited) keep_rest();
  last_batch_ = !write_waits_ && unwritten_.empty();
}

void TlsStream::read_for_write() {
  if (!write_waits_) return;
  if (end_) return end_waiting_write();
  read_below();
}

void TlsStream::end_waiting_write() {
  write_waits_ = false;
  unwritten_ = {};
  write_failure_ =
      Error{.kind = ErrorKind::lost, .text = "the connection ended in the middle of a message of TLS"};
  if (!*end_) write_failure_ = end_->error();
  pump();
}

// One write below at a time: what TLS has to say, the next batch of the caller's write, and when all is out
// the goodbye.
void TlsStream::pump() {
  if (sending_now_) return;
  if (writing_) encrypt_batch();
  const bool leaving = shut_down_wanted_ && !said_goodbye_ && unwritten_.empty();
  if (leaving) {
    said_goodbye_ = true;
    records_->say_goodbye();
  }
  // An empty write is answered by `below_` too.
  if (!records_->outgoing.empty() || last_batch_) {
    sending_now_ = true;
    sending_.swap(records_->outgoing);
    below_->write(sending_, [this](Result<void> outcome) { sent(std::move(outcome)); });
  }
  if (leaving) below_->shut_down();
}

void TlsStream::sent(Result<void> outcome) {
  sending_now_ = false;
  sending_.clear();
  if (sending_.capacity() > most_idle_space && unwritten_.empty()) sending_ = Buffer();
  Transport::WriteHandler handler;
  if (!outcome) records_->outgoing.clear();  // nobody would read it
  if (writing_ && (last_batch_ || !outcome)) {
    if (write_failure_) outcome = std::unexpected(*write_failure_);
    handler = std::exchange(on_written_, {});
    unwritten_ = {};
    writing_ = false;
    last_batch_ = false;
  }
  pump();
  if (std::exchange(read_waits_, false)) {
    reading_ = false;
    read_below();
  }
  if (handler) handler(std::move(outcome));
}

void TlsStream::close() {
  closed_ = true;
  opened_ = {};
  on_read_ = {};
  on_written_ = {};
  unwritten_ = {};
  below_->close();
}

class TlsTransport : public Transport {
 public:
  explicit TlsTransport(std::shared_ptr<TlsStream> stream) : stream_(std::move(stream)) {}
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;
  ~TlsTransport() override { stream_->close(); }

  void read_some(ReadHandler handler) override { stream_->read_some(std::move(handler)); }
  void write(Bytes bytes, WriteHandler handler) override { stream_->write(bytes, std::move(handler)); }
  std::size_t undelivered() const override { return stream_->undelivered(); }
  void shut_down() override { stream_->shut_down(); }
  void close() override { stream_->close(); }
  std::string peer() const override { return stream_->peer(); }

 private:
  std::shared_ptr<TlsStream> stream_;
};

// The owner of what is called here may destroy it: nothing is touched afterwards.
void TlsStream::conclude() {
  auto opened = std::exchange(opened_, {});
  if (!failure_) return opened(std::make_unique<TlsTransport>(shared_from_this()));
  close();
  opened(std::unexpected(std::move(*failure_)));
}

class TlsHandshake : public Handshake {
 public:
  explicit TlsHandshake(std::shared_ptr<TlsStream> stream) : stream_(std::move(stream)) {}
  TlsHandshake(const TlsHandshake&) = delete;
  TlsHandshake& operator=(const TlsHandshake&) = delete;
  ~TlsHandshake() override { stream_->give_up(); }

 private:
  std::shared_ptr<TlsStream> stream_;
};

}  // namespace

std::unique_ptr<Handshake> begin_tls(Loop& loop, std::unique_ptr<Transport> below,
                                     std::shared_ptr<TlsContext> context, const std::string& host,
                                     Opened opened) {
  auto stream = std::make_shared<TlsStream>(loop, std::move(below));
  stream->start(TlsRecords::make(std::move(context), host), std::move(opened));
  return std::make_unique<TlsHandshake>(std::move(stream));
}

}  // namespace mq
