#define ZX_USE_UTF8  // the form of Result::text() that later versions keep

#include "ticketing/provider/qr/reader.h"

#include <ZXing/ReadBarcode.h>

#include <exception>

namespace ticketing::qr {
namespace {

// How far a symbol is from the top left, by its centre.
int64_t Distance(const ZXing::Position& position) {
  int64_t sum = 0;
  for (const ZXing::PointI& corner : position) sum += int64_t{corner.x} + corner.y;
  return sum;
}

Status NoSymbol() {
  return MakeError(ErrorCode::kNotFound, "There is no readable QR code in this image.");
}

}  // namespace

StatusOr<std::string> ReadCode(std::span<const uint8_t> pixels, int width, int height) {
  const bool sane = width > 0 && height > 0 && width <= kImageSideMax && height <= kImageSideMax &&
                    int64_t{width} * height <= kImagePixelsMax &&
                    pixels.size() == static_cast<size_t>(width) * static_cast<size_t>(height);
  if (!sane) return MakeError(ErrorCode::kBadSyntax, "The size of the image is wrong.");
  const ZXing::ImageView view(pixels.data(), width, height, ZXing::ImageFormat::Lum);
  const auto hints = ZXing::DecodeHints()
                         .setFormats(ZXing::BarcodeFormat::QRCode)
                         .setTryHarder(true)
                         .setTryRotate(true)
                         .setTryDownscale(true)
                         .setMaxNumberOfSymbols(8);
  try {
    const ZXing::Result* best = nullptr;
    const ZXing::Results results = ZXing::ReadBarcodes(view, hints);
    for (const ZXing::Result& result : results) {
      if (!result.isValid()) continue;
      if (best == nullptr || Distance(result.position()) < Distance(best->position()))
        best = &result;
    }
    if (best == nullptr) return NoSymbol();
    return best->text();
  } catch (const std::exception&) {
    // The library throws on some malformed symbols; for us they are no symbols.
    return NoSymbol();
  }
}

StatusOr<std::string> ReadCode(const GreyImage& image) {
  return ReadCode(std::span<const uint8_t>(image.pixels), image.width, image.height);
}

StatusOr<std::string> ReadCodeFromFile(std::string_view file) {
  TICKETING_ASSIGN_OR_RETURN(const GreyImage image, DecodeImage(file));
  return ReadCode(image);
}

}  // namespace ticketing::qr
