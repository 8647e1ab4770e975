#define ZX_USE_UTF8  // the form of Result::text() that later versions keep

#include "ticketing/provider/qr/reader.h"

#include <ZXing/ReadBarcode.h>

#include <exception>
#include <optional>

#include "lib/provider/qr/prepare.h"

namespace ticketing::qr {
namespace {

// Pixels up to which a picture is also tried at twice its size; a larger one has enough of them.
constexpr int64_t kDoubledPixelsMax = 1'000'000;

// How far a symbol is from the top left, by its centre.
int64_t Distance(const ZXing::Position& position) {
  int64_t sum = 0;
  for (const ZXing::PointI& corner : position) sum += int64_t{corner.x} + corner.y;
  return sum;
}

// One look at the picture, with one way to tell ink from paper.
std::optional<std::string> Look(const GreyImage& image, ZXing::Binarizer binarizer) {
  const ZXing::ImageView view(image.pixels.data(), image.width, image.height,
                              ZXing::ImageFormat::Lum);
  const auto hints = ZXing::DecodeHints()
                         .setFormats(ZXing::BarcodeFormat::QRCode)
                         .setBinarizer(binarizer)
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
    if (best != nullptr) return best->text();
  } catch (const std::exception&) {
    // The library throws on some malformed symbols; for us they are no symbols.
  }
  return std::nullopt;
}

// One look after the other, the ones that help most often first; all of them together read about
// a tenth more of bad pictures than the first one does (tests/provider_qr prints the table).
std::optional<std::string> LookHarder(const GreyImage& image) {
  using enum ZXing::Binarizer;
  if (auto text = Look(image, LocalAverage)) return text;
  if (auto text = Look(Sharpened(image, 3), LocalAverage)) return text;
  if (auto text = Look(Thresholded(image, 16), FixedThreshold)) return text;
  if (auto text = Look(image, GlobalHistogram)) return text;
  if (auto text = Look(Inverted(image), LocalAverage)) return text;
  if (int64_t{image.width} * image.height > kDoubledPixelsMax) return std::nullopt;
  const GreyImage doubled = Doubled(image);
  if (auto text = Look(Thresholded(doubled, 20), FixedThreshold)) return text;
  return Look(Sharpened(doubled, 5), LocalAverage);
}

StatusOr<std::string> TextOrNone(std::optional<std::string> text) {
  if (text) return *std::move(text);
  return MakeError(ErrorCode::kNotFound, "There is no readable QR code in this image.");
}

Status CheckSize(size_t bytes, int width, int height) {
  const bool sane = width > 0 && height > 0 && width <= kImageSideMax && height <= kImageSideMax &&
                    int64_t{width} * height <= kImagePixelsMax &&
                    bytes == static_cast<size_t>(width) * static_cast<size_t>(height);
  return sane ? OkStatus() : MakeError(ErrorCode::kBadSyntax, "The size of the image is wrong.");
}

}  // namespace

StatusOr<std::string> ReadCode(std::span<const uint8_t> pixels, int width, int height) {
  return ReadCode(GreyImage{width, height, {pixels.begin(), pixels.end()}});
}

StatusOr<std::string> ReadCode(const GreyImage& image) {
  TICKETING_RETURN_IF_ERROR(CheckSize(image.pixels.size(), image.width, image.height));
  return TextOrNone(LookHarder(image));
}

StatusOr<std::string> ReadCodeAtAGlance(const GreyImage& image) {
  TICKETING_RETURN_IF_ERROR(CheckSize(image.pixels.size(), image.width, image.height));
  return TextOrNone(Look(image, ZXing::Binarizer::LocalAverage));
}

StatusOr<std::string> ReadCodeFromFile(std::string_view file) {
  TICKETING_ASSIGN_OR_RETURN(const GreyImage image, DecodeImage(file));
  return ReadCode(image);
}

}  // namespace ticketing::qr
