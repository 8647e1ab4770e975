// Pictures of a symbol as a camera gives them: 640 by 480 grey pixels, made from a seed.
#ifndef TICKETING_TESTS_PROVIDER_QR_PHOTOGRAPH_H_
#define TICKETING_TESTS_PROVIDER_QR_PHOTOGRAPH_H_

#include <cstdint>

#include "ticketing/provider/qr/encoder.h"
#include "ticketing/provider/qr/reader.h"

namespace ticketing::qr {

inline constexpr int kPictureWidth = 640;
inline constexpr int kPictureHeight = 480;

// How one picture is taken. The defaults are a sharp, well lit picture taken from the front.
struct Shot {
  double width = 240;   // of the symbol without its quiet zone, in pixels, if it faced the camera
  double turn = 0;      // degrees about the axis of the camera
  double tilt = 0;      // degrees between the symbol's plane and the picture's
  double blur = 0;      // sigma of the lens in pixels
  double motion = 0;    // pixels that the hand moves in a random direction while it exposes
  double noise = 0;     // sigma of the sensor in grey levels
  double contrast = 1;  // between ink and paper, 1: black on white
  double shade = 0;     // how much darker the dark side of the picture is, 0 to 1
  double glare = 0;     // radius of a burnt-out spot on the symbol, in widths of the symbol
  int jpeg = 0;         // quality of the compression, 0: none
  bool light_on_dark = false;  // the colours of a phone's dark mode
};

// The random parts (place, direction of tilt and motion, place of the glare, noise, clutter around
// the symbol) come from `seed` alone.
GreyImage Photograph(const Matrix& symbol, const Shot& shot, uint64_t seed);

}  // namespace ticketing::qr

#endif  // TICKETING_TESTS_PROVIDER_QR_PHOTOGRAPH_H_
