// QR symbols from text (ISO/IEC 18004), through libqrencode.
#ifndef TICKETING_PROVIDER_QR_ENCODER_H_
#define TICKETING_PROVIDER_QR_ENCODER_H_

#include <string_view>
#include <vector>

#include "ticketing/base/status.h"

namespace ticketing::qr {

// A square of modules without its quiet zone; four light modules belong around it.
struct Matrix {
  int size = 0;            // modules per side
  std::vector<bool> dark;  // row by row
  bool At(int x, int y) const {
    return dark[static_cast<size_t>(y) * static_cast<size_t>(size) + static_cast<size_t>(x)];
  }
};

inline constexpr int kQuietZone = 4;

// The smallest symbol at error correction level M that holds `text`; digits and capitals use the
// compact alphanumeric mode. Errors: kInvalidField ("code") for an empty text, one with a NUL byte,
// or one that no symbol can hold.
StatusOr<Matrix> Encode(std::string_view text);

}  // namespace ticketing::qr

#endif  // TICKETING_PROVIDER_QR_ENCODER_H_
