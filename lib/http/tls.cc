#include "lib/http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>

#include "ticketing/base/assert.h"

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

TlsSession::TlsSession(ssl_st* ssl) : ssl_(ssl) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  TICKETING_ASSERT(in != nullptr && out != nullptr);
  SSL_set_bio(ssl_, in, out);
  SSL_set_accept_state(ssl_);
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
  return std::make_unique<TlsSession>(ssl);
}

}  // namespace ticketing::http
