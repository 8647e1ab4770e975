// QR symbols from images: PNG, JPEG or PGM files, or a grey frame of a camera, through zxing-cpp.
//
// Images come from outside: the size in the header is checked against the limits below before a
// pixel is decoded.
#ifndef TICKETING_PROVIDER_QR_READER_H_
#define TICKETING_PROVIDER_QR_READER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"

namespace ticketing::qr {

inline constexpr size_t kImageBytesMax = 32 << 20;
inline constexpr int64_t kImageSideMax = 10'000;
inline constexpr int64_t kImagePixelsMax = 40'000'000;

// One byte per pixel, 0 is black, row by row without padding.
struct GreyImage {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;
};

// Decodes a PNG, JPEG or PGM (P2, P5; 8 or 16 bits) file by its first bytes; transparency becomes
// white. Errors: kUnsupportedMedia for another format, kBadSyntax for a broken file,
// kPayloadTooLarge beyond the limits.
StatusOr<GreyImage> DecodeImage(std::string_view file);

// The text of the QR symbol in the image. When there are several, the one nearest to the top left.
// A picture that cannot be read as it is gets sharpened, thresholded by neighbourhood, inverted and
// doubled in turn: a bad picture, or one without a symbol, takes up to 25 times as long as a good
// one. Errors: kNotFound when no symbol can be read.
StatusOr<std::string> ReadCode(const GreyImage& image);

// The same with one look only: for a camera's stream, where the next frame comes at once. Give
// every tenth frame or so to ReadCode.
StatusOr<std::string> ReadCodeAtAGlance(const GreyImage& image);

// The same from raw bytes of a camera frame; `pixels` holds width * height bytes.
StatusOr<std::string> ReadCode(std::span<const uint8_t> pixels, int width, int height);

// DecodeImage, then ReadCode.
StatusOr<std::string> ReadCodeFromFile(std::string_view file);

}  // namespace ticketing::qr

#endif  // TICKETING_PROVIDER_QR_READER_H_
