#include <random>

#include "ticketing/provider/qr/encoder.h"
#include "ticketing/provider/qr/reader.h"
#include "ticketing/testing/matchers.h"

namespace ticketing::qr {
namespace {

const std::string kCode = "0W2K9Q7ZC4T1ABCDEFGHJKMNPQRSTVWXYZ0123456789";

// The symbol with its quiet zone, `scale` pixels per module.
GreyImage Draw(const Matrix& matrix, int scale) {
  const int side = (matrix.size + 2 * kQuietZone) * scale;
  GreyImage image{.width = side, .height = side};
  image.pixels.assign(static_cast<size_t>(side) * static_cast<size_t>(side), 255);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const int mx = x / scale - kQuietZone;
      const int my = y / scale - kQuietZone;
      const bool inside = mx >= 0 && my >= 0 && mx < matrix.size && my < matrix.size;
      if (inside && matrix.At(mx, my)) image.pixels[static_cast<size_t>(y * side + x)] = 0;
    }
  }
  return image;
}

std::string Pgm(const GreyImage& image) {
  std::string out = "P5\n# a comment\n" + std::to_string(image.width) + " " +
                    std::to_string(image.height) + "\n255\n";
  return out.append(reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size());
}

std::string PlainPgm(const GreyImage& image) {
  std::string out =
      "P2 " + std::to_string(image.width) + " " + std::to_string(image.height) + " 255\n";
  for (const uint8_t pixel : image.pixels) out.append(std::to_string(pixel)).append("\n");
  return out;
}

TEST(QrEncode, UsesTheSmallestSymbolAtLevelM) {
  // 144 alphanumeric characters are version 6 (41 modules) at level M, 90 are version 4 (33).
  EXPECT_THAT(Encode(std::string(144, 'A')), IsOkAndHolds(testing::Field(&Matrix::size, 41)));
  EXPECT_THAT(Encode(std::string(90, 'A')), IsOkAndHolds(testing::Field(&Matrix::size, 33)));
  // The same length in small letters needs byte mode and a larger symbol.
  EXPECT_THAT(Encode(std::string(144, 'a')), IsOkAndHolds(testing::Field(&Matrix::size, 49)));
}

TEST(QrEncode, RefusesWhatDoesNotFit) {
  EXPECT_THAT(Encode(""), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(Encode(std::string("A\0B", 3)), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(Encode(std::string(8000, 'A')), HasCode(ErrorCode::kInvalidField));
}

TEST(QrRead, ReadsBackWhatWasEncoded) {
  for (const std::string& text : {kCode, std::string("Sección ñ 🎫"), std::string("a b\nc")}) {
    ASSERT_OK_AND_ASSIGN(const Matrix matrix, Encode(text));
    EXPECT_THAT(ReadCode(Draw(matrix, 4)), IsOkAndHolds(text));
  }
}

TEST(QrRead, ReadsEveryFormat) {
  ASSERT_OK_AND_ASSIGN(const Matrix matrix, Encode(kCode));
  const GreyImage image = Draw(matrix, 5);
  EXPECT_THAT(ReadCodeFromFile(Pgm(image)), IsOkAndHolds(kCode));
  EXPECT_THAT(ReadCodeFromFile(PlainPgm(image)), IsOkAndHolds(kCode));
}

TEST(QrRead, TakesTheOneAtTheTopLeft) {
  ASSERT_OK_AND_ASSIGN(const Matrix first, Encode("FIRST"));
  ASSERT_OK_AND_ASSIGN(const Matrix second, Encode("SECOND"));
  const GreyImage left = Draw(first, 4);
  const GreyImage right = Draw(second, 4);
  ASSERT_EQ(left.height, right.height);
  GreyImage both{.width = left.width + right.width, .height = left.height};
  for (int y = 0; y < left.height; ++y) {
    const auto row = [y](const GreyImage& image) { return image.pixels.begin() + y * image.width; };
    both.pixels.insert(both.pixels.end(), row(left), row(left) + left.width);
    both.pixels.insert(both.pixels.end(), row(right), row(right) + right.width);
  }
  EXPECT_THAT(ReadCode(both), IsOkAndHolds("FIRST"));
}

TEST(QrRead, SaysWhenThereIsNone) {
  GreyImage grey{.width = 64, .height = 64};
  grey.pixels.assign(64 * 64, 200);
  EXPECT_THAT(ReadCode(grey), HasCode(ErrorCode::kNotFound));
  grey.pixels.pop_back();
  EXPECT_THAT(ReadCode(grey), HasCode(ErrorCode::kBadSyntax));
}

TEST(ImageDecode, SixteenBitsAndOddWhite) {
  ASSERT_OK_AND_ASSIGN(const GreyImage wide,
                       DecodeImage(std::string("P5 2 1 65535\n\xff\xff\x80\x00", 17)));
  EXPECT_EQ(wide.pixels, (std::vector<uint8_t>{255, 127}));
  ASSERT_OK_AND_ASSIGN(const GreyImage odd, DecodeImage("P2\n3 1\n# white is four\n4\n0 2 4"));
  EXPECT_EQ(odd.pixels, (std::vector<uint8_t>{0, 127, 255}));
}

TEST(ImageDecode, HostileFilesAreRefused) {
  EXPECT_THAT(DecodeImage(""), HasCode(ErrorCode::kUnsupportedMedia));
  EXPECT_THAT(DecodeImage("GIF89a"), HasCode(ErrorCode::kUnsupportedMedia));
  EXPECT_THAT(DecodeImage("\x89PNG\r\n\x1a\n"), HasCode(ErrorCode::kBadSyntax));
  EXPECT_THAT(DecodeImage("\xff\xd8\xff\xe0"), HasCode(ErrorCode::kBadSyntax));
  EXPECT_THAT(DecodeImage("P5"), HasCode(ErrorCode::kBadSyntax));
  EXPECT_THAT(DecodeImage("P5 10 10 255\nshort"), HasCode(ErrorCode::kBadSyntax));
  EXPECT_THAT(DecodeImage("P5 100000 100000 255\n"), HasCode(ErrorCode::kPayloadTooLarge));
  EXPECT_THAT(DecodeImage("P5 9000 9000 255\n"), HasCode(ErrorCode::kPayloadTooLarge));
  EXPECT_THAT(DecodeImage("P5 0 10 255\n"), HasCode(ErrorCode::kBadSyntax));
  EXPECT_THAT(DecodeImage("P5 -1 10 255\n"), HasCode(ErrorCode::kBadSyntax));
  EXPECT_THAT(DecodeImage("P2 2 1 4 5 1"), HasCode(ErrorCode::kBadSyntax));
  EXPECT_THAT(DecodeImage("P2 2 1 4 1"), HasCode(ErrorCode::kBadSyntax));
  EXPECT_THAT(DecodeImage("P2 #"), HasCode(ErrorCode::kBadSyntax));
  EXPECT_THAT(DecodeImage(std::string(kImageBytesMax + 1, 'P')),
              HasCode(ErrorCode::kPayloadTooLarge));
  // A PNG of 60,000 by 60,000 pixels in 45 bytes: only its header is looked at.
  std::string bomb("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\0\0\0\0", 29);
  bomb.append("\x6a\x8e\x3a\xd4", 4);
  bomb.append(std::string("\0\0\0\0IDAT\0\0\0\0", 12));
  EXPECT_FALSE(DecodeImage(bomb).ok());
}

TEST(ImageDecode, DamagedFilesNeverCrash) {
  ASSERT_OK_AND_ASSIGN(const Matrix matrix, Encode(kCode));
  const GreyImage image = Draw(matrix, 2);
  std::mt19937 random(7);
  for (const std::string& whole : {Pgm(image), PlainPgm(image)}) {
    for (int i = 0; i < 300; ++i) {
      std::string damaged = whole.substr(0, random() % whole.size());
      for (int flips = 0; flips < 4 && !damaged.empty(); ++flips) {
        damaged[random() % std::min<size_t>(damaged.size(), 400)] = static_cast<char>(random());
      }
      (void)ReadCodeFromFile(damaged);  // any answer will do, as long as there is one
    }
  }
}

}  // namespace
}  // namespace ticketing::qr
