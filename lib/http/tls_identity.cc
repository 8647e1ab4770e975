#include "ticketing/http/tls_identity.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "lib/http/tls.h"

namespace ticketing {
namespace {

struct Freer {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using Key = std::unique_ptr<EVP_PKEY, Freer>;
using Certificate = std::unique_ptr<X509, Freer>;
using Bio = std::unique_ptr<BIO, Freer>;

// A locked key is none of ours: OpenSSL would ask for its password on the terminal.
int NoPassword(char*, int, int, void*) {
  return -1;
}

constexpr int64_t kDaySeconds = 86'400;

bool AddExtension(X509* certificate, int name, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freer> extension(
      X509V3_EXT_conf_nid(nullptr, &context, name, value));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool Describe(X509* certificate, std::string_view common_name, Timestamp now) {
  uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) != 1) return false;
  const int64_t from = now.micros / 1'000'000 - kDaySeconds;
  const int64_t until = from + 3'653 * kDaySeconds;
  X509_NAME* name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, 2) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1 &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), until) != nullptr &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 &&
         AddExtension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         AddExtension(certificate, NID_key_usage, "critical,digitalSignature") &&
         AddExtension(certificate, NID_ext_key_usage, "serverAuth");
}

StatusOr<std::string> Pem(EVP_PKEY* key, X509* certificate) {
  const Bio out(BIO_new(BIO_s_mem()));
  if (out == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(out.get(), certificate) != 1) {
    ERR_clear_error();
    return MakeError(ErrorCode::kInternal, "The TLS key cannot be written.");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

StatusOr<TlsIdentity> MakeTlsIdentity(std::string_view common_name, Timestamp now) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  const std::string_view name = common_name.substr(0, 64);  // what X.520 allows
  if (key == nullptr || certificate == nullptr || !Describe(certificate.get(), name, now) ||
      X509_set_pubkey(certificate.get(), key.get()) != 1 ||
      X509_sign(certificate.get(), key.get(), EVP_sha256()) <= 0) {
    ERR_clear_error();
    return MakeError(ErrorCode::kInternal, "A TLS key cannot be made.");
  }
  TICKETING_ASSIGN_OR_RETURN(std::string pem, Pem(key.get(), certificate.get()));
  return TlsIdentity{std::move(pem), http::PinOfKey(key.get())};
}

StatusOr<TlsIdentity> ReadTlsIdentity(std::string_view pem) {
  const Bio key_bytes(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Bio certificate_bytes(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Key key(PEM_read_bio_PrivateKey(key_bytes.get(), nullptr, NoPassword, nullptr));
  const Certificate certificate(
      PEM_read_bio_X509(certificate_bytes.get(), nullptr, nullptr, nullptr));
  const bool good = key != nullptr && certificate != nullptr &&
                    X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!good) return MakeError(ErrorCode::kDataLoss, "This is not a TLS key with its certificate.");
  return TlsIdentity{std::string(pem), http::PinOfKey(key.get())};
}

}  // namespace ticketing
