#include "net/tls_peer.hpp"

#include <openssl/ssl.h>

#include <array>

namespace mq::testing {

struct TlsPeer::House {
  explicit House(SSL_CTX* made) : context(made) {}
  House(const House&) = delete;
  House& operator=(const House&) = delete;
  ~House() { SSL_CTX_free(context); }

  SSL_CTX* context;
};

namespace {

// Makes each ticket long: it carries this along.
int fill_ticket(SSL* ssl, void* /*unused*/) {
  const std::string load(3000, 't');
  return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), load.data(), load.size());
}

SSL_TICKET_RETURN take_ticket(SSL* /*ssl*/, SSL_SESSION* /*session*/, const unsigned char* /*name*/,
                              std::size_t /*size*/, SSL_TICKET_STATUS status, void* /*unused*/) {
  const bool good = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
  return good ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_IGNORE;
}

}  // namespace

struct TlsPeer::Impl {
  Impl(std::shared_ptr<House> of, std::unique_ptr<Transport> over)
      : house(std::move(of)), transport(std::move(over)), ssl(SSL_new(house->context)) {
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { SSL_free(ssl); }

  void listen() {
    transport->read_some([this](Result<Bytes> bytes) {
      if (!bytes || bytes->empty()) return;
      BIO_write(SSL_get_rbio(ssl), bytes->data(), static_cast<int>(bytes->size()));
      SSL_do_handshake(ssl);
      std::array<char, 16384> piece;
      for (int size = 0; (size = SSL_read(ssl, piece.data(), static_cast<int>(piece.size()))) > 0;)
        heard.append(piece.data(), static_cast<std::size_t>(size));
      send(taken());
      listen();
    });
  }

  Buffer taken() {
    Buffer bytes;
    std::array<char, 16384> piece;
    for (int size = 0;
         (size = BIO_read(SSL_get_wbio(ssl), piece.data(), static_cast<int>(piece.size()))) > 0;)
      bytes.append(piece.data(), static_cast<std::size_t>(size));
    return bytes;
  }

  void send(Bytes bytes) {
    waiting += bytes;
    if (!sending.empty() || waiting.empty()) return;
    sending.swap(waiting);
    transport->write(sending, [this](Result<void>) {
      sending.clear();
      send({});
    });
  }

  std::shared_ptr<House> house;
  std::unique_ptr<Transport> transport;
  SSL* ssl;
  std::string heard;
  Buffer waiting, sending;
};

std::shared_ptr<TlsPeer::House> TlsPeer::house(TlsVersion version) {
  auto made_house = std::make_shared<House>(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made_house->context;
  const int number = version == TlsVersion::v1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
  REQUIRE(SSL_CTX_set_min_proto_version(context, number) == 1);
  REQUIRE(SSL_CTX_set_max_proto_version(context, number) == 1);
  REQUIRE(SSL_CTX_use_certificate_chain_file(context, made("server.pem").c_str()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey_file(context, made("leaf.key").c_str(), SSL_FILETYPE_PEM) == 1);
  if (version == TlsVersion::v1_2) return made_house;
  REQUIRE(SSL_CTX_set_num_tickets(context, 0) == 1);  // only when the test says so
  REQUIRE(SSL_CTX_set_max_send_fragment(context, 512) == 1);
  REQUIRE(SSL_CTX_set_session_ticket_cb(context, fill_ticket, take_ticket, nullptr) == 1);
  return made_house;
}

TlsPeer::TlsPeer(std::shared_ptr<House> house, std::unique_ptr<Transport> transport)
    : impl_(std::make_unique<Impl>(std::move(house), std::move(transport))) {
  impl_->listen();
}

TlsPeer::~TlsPeer() = default;

bool TlsPeer::resumed() const { return SSL_session_reused(impl_->ssl) == 1; }

const std::string& TlsPeer::heard() const { return impl_->heard; }

Buffer TlsPeer::data(Bytes plain) {
  REQUIRE(SSL_write(impl_->ssl, plain.data(), static_cast<int>(plain.size())) > 0);
  return impl_->taken();
}

Buffer TlsPeer::ticket() {
  REQUIRE(SSL_new_session_ticket(impl_->ssl) == 1);
  REQUIRE(SSL_do_handshake(impl_->ssl) == 1);
  return impl_->taken();
}

void TlsPeer::send(Bytes bytes) { impl_->send(bytes); }

}  // namespace mq::testing
