// The key by which a server is known to those who met it in person, with a certificate that the
// server signs itself: no authority stands behind it, whoever trusts it has its pin.
#ifndef TICKETING_HTTP_TLS_IDENTITY_H_
#define TICKETING_HTTP_TLS_IDENTITY_H_

#include <string>
#include <string_view>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing {

struct TlsIdentity {
  // The private key and its certificate, PEM, one behind the other: both tls_certificate and
  // tls_key of HttpServerOptions may name a file that holds this. Secret.
  std::string pem;
  // SHA-256 of the public key as SubjectPublicKeyInfo (RFC 7469), 64 hexadecimal digits. Not
  // secret, but it must reach whoever is to trust it by a way that nobody else can write on.
  std::string pin;
};

// Makes a key (ECDSA on P-256: browsers know it too) and its certificate in the name of
// `common_name` (ASCII, at most 64 bytes count), good from a day before `now` for ten years.
// OpenSSL takes the randomness from the system. Error: kInternal when OpenSSL refuses.
StatusOr<TlsIdentity> MakeTlsIdentity(std::string_view common_name, Timestamp now);

// The same from what `pem` held. Error: kDataLoss when that is not a key with its certificate.
StatusOr<TlsIdentity> ReadTlsIdentity(std::string_view pem);

}  // namespace ticketing

#endif  // TICKETING_HTTP_TLS_IDENTITY_H_
