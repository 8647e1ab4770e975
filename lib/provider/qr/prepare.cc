#include "lib/provider/qr/prepare.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ticketing::qr {
namespace {

GreyImage Blank(int width, int height) {
  GreyImage image{.width = width, .height = height};
  image.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height));
  return image;
}

// Calls `set(pixel, mean)` for every pixel with the mean of the square around it, in order. Sums of
// columns slide down, and a sum of them slides along the row: the work does not grow with the
// radius.
template <typename Set>
void ForEachMean(const GreyImage& image, int radius, Set set) {
  const int width = image.width;
  const int height = image.height;
  const auto row = [&](int y) {
    return image.pixels.data() + static_cast<size_t>(y) * static_cast<size_t>(width);
  };
  std::vector<uint32_t> columns(static_cast<size_t>(width), 0);
  const auto slide = [&](int y, int sign) {
    const uint8_t* pixels = row(y);
    for (int x = 0; x < width; ++x) {
      columns[static_cast<size_t>(x)] += static_cast<uint32_t>(sign * pixels[x]);
    }
  };
  for (int y = 0; y < std::min(radius, height); ++y) slide(y, 1);
  for (int y = 0; y < height; ++y) {
    if (y + radius < height) slide(y + radius, 1);
    if (y - radius - 1 >= 0) slide(y - radius - 1, -1);
    const int rows = std::min(y + radius, height - 1) - std::max(y - radius, 0) + 1;
    uint32_t sum = 0;
    for (int x = 0; x < std::min(radius, width); ++x) sum += columns[static_cast<size_t>(x)];
    const uint8_t* pixels = row(y);
    for (int x = 0; x < width; ++x) {
      if (x + radius < width) sum += columns[static_cast<size_t>(x + radius)];
      const int left_behind = x - radius - 1;
      if (left_behind >= 0) sum -= columns[static_cast<size_t>(left_behind)];
      const int across = std::min(x + radius, width - 1) - std::max(x - radius, 0) + 1;
      set(int{pixels[x]}, static_cast<int>(sum / static_cast<uint32_t>(rows * across)));
    }
  }
}

}  // namespace

GreyImage Sharpened(const GreyImage& image, int radius) {
  GreyImage out = Blank(image.width, image.height);
  size_t i = 0;
  ForEachMean(image, radius, [&](int pixel, int mean) {
    out.pixels[i++] = static_cast<uint8_t>(std::clamp(mean + (pixel - mean) * 5 / 2, 0, 255));
  });
  return out;
}

GreyImage Thresholded(const GreyImage& image, int radius) {
  GreyImage out = Blank(image.width, image.height);
  size_t i = 0;
  ForEachMean(image, radius,
              [&](int pixel, int mean) { out.pixels[i++] = pixel < mean ? 0 : 255; });
  return out;
}

GreyImage Inverted(const GreyImage& image) {
  GreyImage out = image;
  for (uint8_t& pixel : out.pixels) pixel = static_cast<uint8_t>(255 - pixel);
  return out;
}

GreyImage Doubled(const GreyImage& image) {
  GreyImage out = Blank(image.width * 2, image.height * 2);
  const auto at = [&](int x, int y) {
    const auto column = static_cast<size_t>(std::clamp(x, 0, image.width - 1));
    const auto line = static_cast<size_t>(std::clamp(y, 0, image.height - 1));
    return int{image.pixels[line * static_cast<size_t>(image.width) + column]};
  };
  size_t i = 0;
  for (int y = 0; y < out.height; ++y) {
    const int top = (y + 1) / 2 - 1;
    const int down = y % 2 == 0 ? 3 : 1;  // quarters of the lower row
    for (int x = 0; x < out.width; ++x) {
      const int left = (x + 1) / 2 - 1;
      const int right = x % 2 == 0 ? 3 : 1;
      const int above = at(left, top) * (4 - right) + at(left + 1, top) * right;
      const int below = at(left, top + 1) * (4 - right) + at(left + 1, top + 1) * right;
      out.pixels[i++] = static_cast<uint8_t>((above * (4 - down) + below * down + 8) / 16);
    }
  }
  return out;
}

}  // namespace ticketing::qr
