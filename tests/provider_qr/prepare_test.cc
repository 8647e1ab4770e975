#include "lib/provider/qr/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace ticketing::qr {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

GreyImage Noise(int width, int height) {
  std::mt19937 random(5);
  GreyImage image{.width = width, .height = height};
  for (int i = 0; i < width * height; ++i) image.pixels.push_back(random() % 256);
  return image;
}

// The mean of the square around a pixel, counted one by one.
int Mean(const GreyImage& image, int x, int y, int radius) {
  int sum = 0, count = 0;
  for (int v = std::max(0, y - radius); v <= std::min(image.height - 1, y + radius); ++v) {
    for (int u = std::max(0, x - radius); u <= std::min(image.width - 1, x + radius); ++u) {
      sum += image.pixels[static_cast<size_t>(v * image.width + u)];
      ++count;
    }
  }
  return sum / count;
}

TEST(Prepare, ThresholdsAgainstTheMeanOfTheNeighbourhood) {
  for (const auto& [width, height, radius] :
       {std::tuple{23, 17, 3}, {5, 40, 16}, {1, 1, 2}, {40, 2, 7}}) {
    const GreyImage image = Noise(width, height);
    const GreyImage black_white = Thresholded(image, radius);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const auto at = static_cast<size_t>(y * width + x);
        ASSERT_EQ(black_white.pixels[at], image.pixels[at] < Mean(image, x, y, radius) ? 0 : 255)
            << x << "," << y << " radius " << radius;
      }
    }
  }
}

TEST(Prepare, SharpeningKeepsFlatsAndWidensSteps) {
  GreyImage flat{.width = 9, .height = 9, .pixels = std::vector<uint8_t>(81, 70)};
  EXPECT_THAT(Sharpened(flat, 3).pixels, Each(70));
  GreyImage step{.width = 4, .height = 1, .pixels = {100, 100, 140, 140}};
  EXPECT_THAT(Sharpened(step, 3).pixels, ElementsAre(70, 70, 170, 170));
}

TEST(Prepare, InvertsAndDoubles) {
  const GreyImage image{.width = 2, .height = 1, .pixels = {0, 200}};
  EXPECT_THAT(Inverted(image).pixels, ElementsAre(255, 55));
  const GreyImage twice = Doubled(image);
  EXPECT_EQ(twice.width, 4);
  EXPECT_EQ(twice.height, 2);
  EXPECT_THAT(twice.pixels, ElementsAre(0, 50, 150, 200, 0, 50, 150, 200));
}

}  // namespace
}  // namespace ticketing::qr
