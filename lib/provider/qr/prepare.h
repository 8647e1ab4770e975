// What can be done to a picture whose symbol cannot be read as it is. Each returns a new picture.
#ifndef TICKETING_LIB_PROVIDER_QR_PREPARE_H_
#define TICKETING_LIB_PROVIDER_QR_PREPARE_H_

#include "ticketing/provider/qr/reader.h"

namespace ticketing::qr {

// Undoes some of the lens and the hand: differences to the neighbourhood (`radius` pixels around),
// two and a half times as large.
GreyImage Sharpened(const GreyImage& image, int radius);

// Black where darker than the neighbourhood's mean, white elsewhere: for faint prints and shadows.
GreyImage Thresholded(const GreyImage& image, int radius);

// For symbols that are light on dark, as phones show them in dark mode.
GreyImage Inverted(const GreyImage& image);

// Twice the side, interpolated: for symbols with few pixels per module.
GreyImage Doubled(const GreyImage& image);

}  // namespace ticketing::qr

#endif  // TICKETING_LIB_PROVIDER_QR_PREPARE_H_
