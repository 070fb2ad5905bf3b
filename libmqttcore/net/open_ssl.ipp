// OpenSSL 3 without being linked: one list of the functions that net/ uses, each a pointer of the same name
// in a table that is filled when somebody asks for it, so that a program that needs none of them starts as if
// there was no OpenSSL. Linking it statically would break tokens, whose modules bring the shared one along.
// Its macros that look like functions call the library itself: write what they stand for.
#pragma once

// Engines: there is no other way to a token on Debian 12.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/error.hpp"

namespace mq {

#define MQ_OPEN_SSL_FUNCTIONS(X)         \
  X(ASN1_STRING_get0_data)               \
  X(ASN1_STRING_length)                  \
  X(ASN1_STRING_to_UTF8)                 \
  X(ASN1_TIME_to_tm)                     \
  X(BIO_clear_flags)                     \
  X(BIO_get_data)                        \
  X(BIO_get_new_index)                   \
  X(BIO_meth_new)                        \
  X(BIO_meth_set_ctrl)                   \
  X(BIO_meth_set_read)                   \
  X(BIO_meth_set_write)                  \
  X(BIO_new)                             \
  X(BIO_new_mem_buf)                     \
  X(BIO_set_data)                        \
  X(BIO_set_flags)                       \
  X(BIO_set_init)                        \
  X(BIO_vfree)                           \
  X(CRYPTO_free)                         \
  X(ENGINE_by_id)                        \
  X(ENGINE_ctrl_cmd)                     \
  X(ENGINE_ctrl_cmd_string)              \
  X(ENGINE_free)                         \
  X(ENGINE_init)                         \
  X(ENGINE_load_private_key)             \
  X(ERR_clear_error)                     \
  X(ERR_get_error)                       \
  X(ERR_peek_last_error)                 \
  X(ERR_reason_error_string)             \
  X(EVP_Digest)                          \
  X(EVP_PKEY_free)                       \
  X(EVP_sha256)                          \
  X(EVP_sha512)                          \
  X(GENERAL_NAMES_free)                  \
  X(HMAC)                                \
  X(OPENSSL_init_crypto)                 \
  X(OPENSSL_init_ssl)                    \
  X(OPENSSL_sk_free)                     \
  X(OPENSSL_sk_num)                      \
  X(OPENSSL_sk_shift)                    \
  X(OPENSSL_sk_value)                    \
  X(OSSL_PROVIDER_try_load)              \
  X(OSSL_STORE_INFO_free)                \
  X(OSSL_STORE_INFO_get1_CERT)           \
  X(OSSL_STORE_INFO_get1_PKEY)           \
  X(OSSL_STORE_INFO_get_type)            \
  X(OSSL_STORE_close)                    \
  X(OSSL_STORE_eof)                      \
  X(OSSL_STORE_expect)                   \
  X(OSSL_STORE_load)                     \
  X(OSSL_STORE_open)                     \
  X(PEM_X509_INFO_read_bio)              \
  X(PEM_read_bio_PrivateKey)             \
  X(PEM_read_bio_X509)                   \
  X(PEM_read_bio_X509_AUX)               \
  X(PEM_read_bio_X509_CRL)               \
  X(PKCS12_free)                         \
  X(PKCS12_mac_present)                  \
  X(PKCS12_parse)                        \
  X(PKCS12_verify_mac)                   \
  X(PKCS5_PBKDF2_HMAC)                   \
  X(RAND_bytes)                          \
  X(SSL_CTX_check_private_key)           \
  X(SSL_CTX_ctrl)                        \
  X(SSL_CTX_free)                        \
  X(SSL_CTX_get_cert_store)              \
  X(SSL_CTX_load_verify_dir)             \
  X(SSL_CTX_new)                         \
  X(SSL_CTX_sess_set_new_cb)             \
  X(SSL_CTX_set_alpn_protos)             \
  X(SSL_CTX_set_cert_cb)                 \
  X(SSL_CTX_set_cipher_list)             \
  X(SSL_CTX_set_ciphersuites)            \
  X(SSL_CTX_set_keylog_callback)         \
  X(SSL_CTX_set_options)                 \
  X(SSL_CTX_set_psk_client_callback)     \
  X(SSL_CTX_set_verify)                  \
  X(SSL_CTX_use_PrivateKey)              \
  X(SSL_CTX_use_certificate)             \
  X(SSL_SESSION_free)                    \
  X(SSL_ctrl)                            \
  X(SSL_do_handshake)                    \
  X(SSL_free)                            \
  X(SSL_get0_param)                      \
  X(SSL_get_current_cipher)              \
  X(SSL_get_error)                       \
  X(SSL_get_ex_data)                     \
  X(SSL_get_ex_data_X509_STORE_CTX_idx)  \
  X(SSL_has_pending)                     \
  X(SSL_new)                             \
  X(SSL_pending)                         \
  X(SSL_read_ex)                         \
  X(SSL_set_bio)                         \
  X(SSL_set_connect_state)               \
  X(SSL_set_ex_data)                     \
  X(SSL_set_session)                     \
  X(SSL_set_shutdown)                    \
  X(SSL_shutdown)                        \
  X(SSL_write_ex)                        \
  X(TLS_client_method)                   \
  X(UI_UTIL_wrap_read_pem_callback)      \
  X(UI_destroy_method)                   \
  X(X509_CRL_free)                       \
  X(X509_CRL_get0_lastUpdate)            \
  X(X509_CRL_get0_nextUpdate)            \
  X(X509_INFO_free)                      \
  X(X509_LOOKUP_ctrl)                    \
  X(X509_LOOKUP_get_method_data)         \
  X(X509_LOOKUP_get_store)               \
  X(X509_LOOKUP_hash_dir)                \
  X(X509_LOOKUP_meth_new)                \
  X(X509_LOOKUP_meth_set_get_by_subject) \
  X(X509_LOOKUP_set_method_data)         \
  X(X509_NAME_ENTRY_get_data)            \
  X(X509_NAME_get_entry)                 \
  X(X509_NAME_get_index_by_NID)          \
  X(X509_OBJECT_get0_X509)               \
  X(X509_OBJECT_retrieve_by_subject)     \
  X(X509_OBJECT_set1_X509)               \
  X(X509_STORE_CTX_get0_current_crl)     \
  X(X509_STORE_CTX_get_current_cert)     \
  X(X509_STORE_CTX_get_error)            \
  X(X509_STORE_CTX_get_error_depth)      \
  X(X509_STORE_CTX_get_ex_data)          \
  X(X509_STORE_add_cert)                 \
  X(X509_STORE_add_crl)                  \
  X(X509_STORE_add_lookup)               \
  X(X509_STORE_get0_objects)             \
  X(X509_STORE_lock)                     \
  X(X509_STORE_set_flags)                \
  X(X509_STORE_unlock)                   \
  X(X509_VERIFY_PARAM_set1_host)         \
  X(X509_VERIFY_PARAM_set1_ip_asc)       \
  X(X509_VERIFY_PARAM_set_hostflags)     \
  X(X509_free)                           \
  X(X509_get0_notAfter)                  \
  X(X509_get0_notBefore)                 \
  X(X509_get_default_cert_file)          \
  X(X509_get_default_cert_file_env)      \
  X(X509_get_ext_d2i)                    \
  X(X509_get_issuer_name)                \
  X(X509_get_subject_name)               \
  X(X509_load_cert_crl_file)             \
  X(X509_verify_cert_error_string)       \
  X(d2i_PKCS12_bio)

// The pointers keep OpenSSL's names.
// NOLINTBEGIN(readability-identifier-naming,bugprone-macro-parentheses)
struct OpenSsl {
#define MQ_POINTER(name) decltype(&::name) name = nullptr;
  MQ_OPEN_SSL_FUNCTIONS(MQ_POINTER)
#undef MQ_POINTER
};
// NOLINTEND(readability-identifier-naming,bugprone-macro-parentheses)

// Once for the process, from any thread. The error, of kind tls, says which package is missing.
Result<const OpenSsl*> load_open_ssl();
// After load_open_ssl() has succeeded: for OpenSSL's callbacks.
const OpenSsl& open_ssl();

template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

}  // namespace mq
