// TLS as a filter between bytes on the wire and bytes of HTTP, without a socket of its own: OpenSSL
// would otherwise block in handshakes and raise SIGPIPE.
#ifndef TICKETING_LIB_HTTP_TLS_H_
#define TICKETING_LIB_HTTP_TLS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"

struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_store_ctx_st;

namespace ticketing::http {

// SHA-256 of a public key as SubjectPublicKeyInfo (RFC 7469), 64 hexadecimal digits.
std::string PinOfKey(evp_pkey_st* key);

// One peer. Not thread-safe.
class TlsSession {
 public:
  // Becomes the owner of `ssl`, which knows already whether it accepts or connects.
  explicit TlsSession(ssl_st* ssl);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Takes bytes of the wire, appends what they decrypt to and what must be sent in answer. False
  // when the peer is not speaking TLS, failed the handshake or closed.
  bool Decrypt(std::string_view wire, std::string& plain, std::string& answer);
  // Appends the encryption of `plain`. False before the handshake is done or after a failure.
  bool Encrypt(std::string_view plain, std::string& wire);
  // Whether the handshake is done.
  bool ready() const;
  // Why Decrypt or Encrypt gave false, in a few words.
  std::string Failure() const;
  // Appends the notice that nothing more will come.
  void Close(std::string& wire);
  // Makes Failure() tell of this; for what OpenSSL has no words for.
  void Explain(std::string why) { explained_ = std::move(why); }

 private:
  void Drain(std::string& wire);
  void NoteFailure();

  ssl_st* ssl_;
  std::string failure_, explained_;
};

// Certificate and key of a server. Sessions may be made from many threads.
class TlsServerContext {
 public:
  // Errors: kUnavailable when the files cannot be read or do not belong together.
  static StatusOr<std::unique_ptr<TlsServerContext>> Load(const std::string& certificate,
                                                          const std::string& key);
  ~TlsServerContext();
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;

  std::unique_ptr<TlsSession> NewSession();

 private:
  explicit TlsServerContext(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* context_;
};

// Whom a client trusts. Sessions may be made from many threads.
class TlsClientContext {
 public:
  // `authorities` is a PEM file, or empty for the system's. Errors: kUnavailable when it cannot be
  // read.
  static StatusOr<std::unique_ptr<TlsClientContext>> Load(const std::string& authorities);
  // Trusts these keys (PinOfKey) and nobody else; neither names nor dates are looked at. Errors:
  // kInvalidField for a pin that is none.
  static StatusOr<std::unique_ptr<TlsClientContext>> Pinned(const std::vector<std::string>& pins);
  ~TlsClientContext();
  TlsClientContext(const TlsClientContext&) = delete;
  TlsClientContext& operator=(const TlsClientContext&) = delete;

  // The certificate of the peer must name `host`, a name or an address.
  std::unique_ptr<TlsSession> NewSession(const std::string& host);

 private:
  explicit TlsClientContext(ssl_ctx_st* context) : context_(context) {}
  static int CheckPin(x509_store_ctx_st* presented, void* self);

  ssl_ctx_st* context_;
  std::vector<std::string> pins_;
};

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_TLS_H_
