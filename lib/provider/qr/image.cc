#include <png.h>
#include <turbojpeg.h>

#include <cstring>
#include <memory>
#include <optional>

#include "ticketing/provider/qr/reader.h"

namespace ticketing::qr {
namespace {

Status Broken(std::string_view what) {
  return MakeError(ErrorCode::kBadSyntax, what);
}

// Runs before any pixel is decoded: a small file can announce a huge image.
Status CheckSize(int64_t width, int64_t height) {
  if (width < 1 || height < 1) return Broken("The image has no pixels.");
  if (width > kImageSideMax || height > kImageSideMax || width * height > kImagePixelsMax) {
    return MakeError(ErrorCode::kPayloadTooLarge, "The image has too many pixels.");
  }
  return OkStatus();
}

GreyImage Blank(int64_t width, int64_t height) {
  GreyImage image{.width = static_cast<int>(width), .height = static_cast<int>(height)};
  image.pixels.resize(static_cast<size_t>(width * height));
  return image;
}

StatusOr<GreyImage> DecodePng(std::string_view file) {
  png_image png;
  std::memset(&png, 0, sizeof png);
  png.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> cleanup(&png, &png_image_free);
  if (png_image_begin_read_from_memory(&png, file.data(), file.size()) == 0) {
    return Broken("The PNG file is broken.");
  }
  TICKETING_RETURN_IF_ERROR(CheckSize(png.width, png.height));
  png.format = PNG_FORMAT_GRAY;
  GreyImage image = Blank(png.width, png.height);
  const png_color white = {255, 255, 255};
  if (png_image_finish_read(&png, &white, image.pixels.data(), 0, nullptr) == 0) {
    return Broken("The PNG file is broken.");
  }
  return image;
}

StatusOr<GreyImage> DecodeJpeg(std::string_view file) {
  using Handle = std::unique_ptr<void, decltype(&tjDestroy)>;
  const Handle decoder(tjInitDecompress(), &tjDestroy);
  if (decoder == nullptr)
    return MakeError(ErrorCode::kUnavailable, "No memory for a JPEG decoder.");
  const auto* bytes = reinterpret_cast<const unsigned char*>(file.data());
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colours = 0;
  if (tjDecompressHeader3(decoder.get(), bytes, file.size(), &width, &height, &subsampling,
                          &colours) != 0) {
    return Broken("The JPEG file is broken.");
  }
  TICKETING_RETURN_IF_ERROR(CheckSize(width, height));
  GreyImage image = Blank(width, height);
  // A progressive file can hold thousands of scans of the whole image; TJFLAG_LIMITSCANS stops at
  // 500.
  const int result = tjDecompress2(decoder.get(), bytes, file.size(), image.pixels.data(), width, 0,
                                   height, TJPF_GRAY, TJFLAG_LIMITSCANS);
  if (result != 0 && tjGetErrorCode(decoder.get()) == TJERR_FATAL) {
    return Broken("The JPEG file is broken.");
  }
  return image;
}

// Netpbm's grey maps: numbers divided by spaces, '#' begins a comment.
class PgmReader {
 public:
  explicit PgmReader(std::string_view rest) : rest_(rest) {}

  std::optional<int64_t> Number() {
    SkipSpace();
    int64_t value = 0;
    size_t digits = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9' && digits < 9) {
      value = value * 10 + (rest_[digits++] - '0');
    }
    if (digits == 0) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }

  // The pixels of P5 begin behind a single white space.
  std::string_view Raw() const { return rest_.empty() ? rest_ : rest_.substr(1); }

 private:
  void SkipSpace() {
    while (!rest_.empty()) {
      if (rest_[0] == '#') {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size() - 1) + 1);
      } else if (std::string_view(" \t\r\n\v\f").find(rest_[0]) != std::string_view::npos) {
        rest_.remove_prefix(1);
      } else {
        return;
      }
    }
  }

  std::string_view rest_;
};

StatusOr<GreyImage> DecodePgm(std::string_view file) {
  const bool binary = file[1] == '5';
  PgmReader reader(file.substr(2));
  const auto width = reader.Number();
  const auto height = reader.Number();
  const auto white = reader.Number();
  if (!width || !height || !white || *white < 1 || *white > 65'535) {
    return Broken("The PGM header is broken.");
  }
  TICKETING_RETURN_IF_ERROR(CheckSize(*width, *height));
  const size_t pixels = static_cast<size_t>(*width * *height);
  const size_t wide = *white > 255 ? 2 : 1;
  const std::string_view raw = reader.Raw();
  // Even in text form a pixel takes two bytes, but the last.
  if (binary ? raw.size() < pixels * wide : file.size() < pixels)
    return Broken("The PGM file is cut off.");
  GreyImage image = Blank(*width, *height);
  for (size_t i = 0; i < pixels; ++i) {
    int64_t value = 0;
    if (binary) {
      for (size_t b = 0; b < wide; ++b)
        value = value << 8 | static_cast<uint8_t>(raw[i * wide + b]);
    } else {
      const auto number = reader.Number();
      if (!number) return Broken("The PGM file is cut off.");
      value = *number;
    }
    if (value > *white) return Broken("A pixel is brighter than white.");
    image.pixels[i] = static_cast<uint8_t>(value * 255 / *white);
  }
  return image;
}

}  // namespace

StatusOr<GreyImage> DecodeImage(std::string_view file) {
  if (file.size() > kImageBytesMax) {
    return MakeError(ErrorCode::kPayloadTooLarge, "The image file is too large.");
  }
  if (file.starts_with("\x89PNG\r\n\x1a\n")) return DecodePng(file);
  if (file.starts_with("\xff\xd8\xff")) return DecodeJpeg(file);
  if (file.starts_with("P5") || file.starts_with("P2")) return DecodePgm(file);
  return MakeError(ErrorCode::kUnsupportedMedia, "This is not a PNG, JPEG or PGM image.");
}

}  // namespace ticketing::qr
