#include "lib/http/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"

namespace ticketing::http {
namespace {

Status LastError(const std::string& what) {
  const unsigned long code = ERR_get_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return MakeError(ErrorCode::kUnavailable,
                   what + ": " + (reason != nullptr ? reason : "cannot be read"));
}

}  // namespace

std::string PinOfKey(evp_pkey_st* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  TICKETING_ASSERT(size > 0);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int length = 0;
  const int made =
      EVP_Digest(der, static_cast<size_t>(size), digest.data(), &length, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  TICKETING_ASSERT(made == 1);
  return HexEncode({reinterpret_cast<const char*>(digest.data()), length});
}

TlsSession::TlsSession(ssl_st* ssl) : ssl_(ssl) {
  SSL_set_app_data(ssl_, this);
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  TICKETING_ASSERT(in != nullptr && out != nullptr);
  SSL_set_bio(ssl_, in, out);
}

TlsSession::~TlsSession() {
  SSL_free(ssl_);
}

bool TlsSession::Decrypt(std::string_view wire, std::string& plain, std::string& answer) {
  ERR_clear_error();
  const int size = static_cast<int>(wire.size());
  if (size > 0 && BIO_write(SSL_get_rbio(ssl_), wire.data(), size) != size) return false;
  std::array<char, 16384> buffer;
  int result = 0;
  // SSL_read does the handshake too, as far as the bytes reach.
  while ((result = SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()))) > 0) {
    plain.append(buffer.data(), static_cast<size_t>(result));
  }
  const bool wants_more = SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ;
  if (!wants_more) NoteFailure();
  Drain(answer);
  ERR_clear_error();
  return wants_more;
}

bool TlsSession::Encrypt(std::string_view plain, std::string& wire) {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_) == 0) return false;
  while (!plain.empty()) {
    const int count =
        SSL_write(ssl_, plain.data(), static_cast<int>(std::min<size_t>(plain.size(), 1 << 20)));
    if (count <= 0) return false;
    plain.remove_prefix(static_cast<size_t>(count));
  }
  Drain(wire);
  return true;
}

bool TlsSession::ready() const {
  return SSL_is_init_finished(ssl_) != 0;
}

std::string TlsSession::Failure() const {
  return failure_;
}

void TlsSession::NoteFailure() {
  const long verdict = SSL_get_verify_result(ssl_);
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  if (!explained_.empty()) {
    failure_ = explained_;
  } else if (verdict != X509_V_OK) {
    failure_ = X509_verify_cert_error_string(verdict);
  } else {
    failure_ = reason != nullptr ? reason : "the connection was closed";
  }
}

void TlsSession::Close(std::string& wire) {
  if (SSL_is_init_finished(ssl_) != 0) (void)SSL_shutdown(ssl_);
  Drain(wire);
  ERR_clear_error();
}

void TlsSession::Drain(std::string& wire) {
  char* data = nullptr;
  BIO* out = SSL_get_wbio(ssl_);
  const long size = BIO_get_mem_data(out, &data);
  if (size > 0) wire.append(data, static_cast<size_t>(size));
  (void)BIO_reset(out);
}

StatusOr<std::unique_ptr<TlsServerContext>> TlsServerContext::Load(const std::string& certificate,
                                                                   const std::string& key) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  TICKETING_ASSERT(context != nullptr);
  std::unique_ptr<TlsServerContext> made(new TlsServerContext(context));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return LastError("TLS certificate " + certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return LastError("TLS key " + key);
  if (SSL_CTX_check_private_key(context) != 1)
    return LastError("TLS key " + key + " with " + certificate);
  return made;
}

TlsServerContext::~TlsServerContext() {
  SSL_CTX_free(context_);
}

std::unique_ptr<TlsSession> TlsServerContext::NewSession() {
  SSL* ssl = SSL_new(context_);
  TICKETING_ASSERT(ssl != nullptr);
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsSession>(ssl);
}

StatusOr<std::unique_ptr<TlsClientContext>> TlsClientContext::Load(const std::string& authorities) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  TICKETING_ASSERT(context != nullptr);
  std::unique_ptr<TlsClientContext> made(new TlsClientContext(context));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (authorities.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return made;
  }
  // A server's own certificate is trusted as it stands, though no authority stands above it.
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
  if (SSL_CTX_load_verify_locations(context, authorities.c_str(), nullptr) != 1) {
    return LastError("TLS certificates " + authorities);
  }
  return made;
}

StatusOr<std::unique_ptr<TlsClientContext>> TlsClientContext::Pinned(
    const std::vector<std::string>& pins) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  TICKETING_ASSERT(context != nullptr);
  std::unique_ptr<TlsClientContext> made(new TlsClientContext(context));
  for (const std::string& pin : pins) {
    const std::optional<std::string> bytes = HexDecode(pin);
    if (!bytes || bytes->size() != 32) {
      return InvalidField("pinned_keys", "must be SHA-256 of public keys, 64 hexadecimal digits");
    }
    made->pins_.push_back(HexEncode(*bytes));
  }
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &TlsClientContext::CheckPin, made.get());
  return made;
}

// Called in the handshake, before the client has sent anything but its greeting. That the server
// holds the key, and did not only copy the certificate, is what the handshake itself proves.
int TlsClientContext::CheckPin(x509_store_ctx_st* presented, void* self) {
  const auto& pins = static_cast<TlsClientContext*>(self)->pins_;
  X509* certificate = X509_STORE_CTX_get0_cert(presented);
  EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
  const std::string shown = key == nullptr ? "no key" : PinOfKey(key);
  if (std::ranges::find(pins, shown) != pins.end()) {
    X509_STORE_CTX_set_error(presented, X509_V_OK);
    return 1;
  }
  auto* ssl = static_cast<SSL*>(
      X509_STORE_CTX_get_ex_data(presented, SSL_get_ex_data_X509_STORE_CTX_idx()));
  static_cast<TlsSession*>(SSL_get_app_data(ssl))
      ->Explain("the server shows another key than the one that was paired: " + shown);
  X509_STORE_CTX_set_error(presented, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

TlsClientContext::~TlsClientContext() {
  SSL_CTX_free(context_);
}

std::unique_ptr<TlsSession> TlsClientContext::NewSession(const std::string& host) {
  SSL* ssl = SSL_new(context_);
  TICKETING_ASSERT(ssl != nullptr);
  SSL_set_connect_state(ssl);
  if (!pins_.empty()) return std::make_unique<TlsSession>(ssl);
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) != 1) {
    // A name, not an address: say it in the handshake too, for servers with several certificates.
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    TICKETING_ASSERT(X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1);
    TICKETING_ASSERT(SSL_set_tlsext_host_name(ssl, host.c_str()) == 1);
  }
  ERR_clear_error();
  return std::make_unique<TlsSession>(ssl);
}

}  // namespace ticketing::http
