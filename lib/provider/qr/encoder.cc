#include "ticketing/provider/qr/encoder.h"

#include <qrencode.h>

#include <memory>
#include <string>

namespace ticketing::qr {

StatusOr<Matrix> Encode(std::string_view text) {
  if (text.empty() || text.find('\0') != std::string_view::npos) {
    return InvalidField("code", "is empty or has a NUL byte");
  }
  const std::string terminated(text);
  // Case-sensitive: the library still uses alphanumeric mode wherever the text allows it.
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> symbol(
      QRcode_encodeString(terminated.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free);
  if (symbol == nullptr) return InvalidField("code", "is too long for a QR symbol");

  Matrix matrix{.size = symbol->width};
  const size_t modules = static_cast<size_t>(symbol->width) * static_cast<size_t>(symbol->width);
  matrix.dark.reserve(modules);
  for (size_t i = 0; i < modules; ++i) matrix.dark.push_back((symbol->data[i] & 1) != 0);
  return matrix;
}

}  // namespace ticketing::qr
