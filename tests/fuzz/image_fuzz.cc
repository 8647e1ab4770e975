// Images from anywhere: a picture within the limits, or an error, and whatever symbol is in it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ticketing/base/assert.h"
#include "ticketing/provider/qr/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ticketing;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto image = qr::DecodeImage(bytes);
  if (!image.ok()) return 0;
  const int64_t pixels = int64_t{image->width} * image->height;
  TICKETING_ASSERT(pixels >= 1 && pixels <= qr::kImagePixelsMax);
  TICKETING_ASSERT(static_cast<int64_t>(image->pixels.size()) == pixels);
  if (pixels <= 250'000) (void)qr::ReadCode(*image);
  return 0;
}
