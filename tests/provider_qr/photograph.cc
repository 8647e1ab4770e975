#include "tests/provider_qr/photograph.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace ticketing::qr {
namespace {

using Plane = std::vector<float>;  // row by row, kPictureWidth * kPictureHeight

constexpr double kFocal = 640;  // pixels: a phone's camera sees about 53 degrees
constexpr int kSamples = 3;     // per pixel and axis
constexpr size_t kPixels = size_t{kPictureWidth} * kPictureHeight;

double Radians(double degrees) {
  return degrees * std::numbers::pi / 180;
}

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  double Between(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) / 9007199254740992.0;
  }
  double Normal() {
    // The sum of four bytes is nearly normal; a byte has the mean 127.5 and the variance 5461.25.
    const auto bits = static_cast<uint32_t>(engine_() >> 32);
    const uint32_t sum = (bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24);
    return (static_cast<double>(sum) - 510) / 147.8;
  }

 private:
  std::mt19937_64 engine_;
};

using Matrix3 = std::array<std::array<double, 3>, 3>;

Matrix3 Times(const Matrix3& a, const Matrix3& b) {
  Matrix3 out{};
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) {
      for (size_t k = 0; k < 3; ++k) out[i][j] += a[i][k] * b[k][j];
    }
  }
  return out;
}

Matrix3 Inverse(const Matrix3& m) {
  const auto minor = [&](size_t r, size_t c) {
    const size_t r1 = (r + 1) % 3, r2 = (r + 2) % 3, c1 = (c + 1) % 3, c2 = (c + 2) % 3;
    return m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1];
  };
  const double det = m[0][0] * minor(0, 0) + m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
  Matrix3 out{};
  for (size_t r = 0; r < 3; ++r) {
    for (size_t c = 0; c < 3; ++c) out[c][r] = minor(r, c) / det;
  }
  return out;
}

// From the symbol's plane (its centre is 0, 0; a unit is its width) to the picture.
Matrix3 Camera(const Shot& shot, Dice& dice) {
  const double turn = Radians(shot.turn), tilt = Radians(shot.tilt);
  const double axis = Radians(dice.Between(0, 360));
  const Matrix3 about_view{
      {{std::cos(turn), -std::sin(turn), 0}, {std::sin(turn), std::cos(turn), 0}, {0, 0, 1}}};
  const Matrix3 to_axis{
      {{std::cos(axis), -std::sin(axis), 0}, {std::sin(axis), std::cos(axis), 0}, {0, 0, 1}}};
  const Matrix3 lean{
      {{1, 0, 0}, {0, std::cos(tilt), -std::sin(tilt)}, {0, std::sin(tilt), std::cos(tilt)}}};
  Matrix3 back = to_axis;
  std::swap(back[0][1], back[1][0]);
  const Matrix3 rotation = Times(Times(Times(back, lean), to_axis), about_view);
  const double distance = kFocal / shot.width;
  // Columns: the plane's two directions and its place; then the pinhole.
  const Matrix3 pose{{{rotation[0][0], rotation[0][1], 0},
                      {rotation[1][0], rotation[1][1], 0},
                      {rotation[2][0], rotation[2][1], distance}}};
  const double room_x = std::max(0.0, (kPictureWidth - 1.5 * shot.width) / 2);
  const double room_y = std::max(0.0, (kPictureHeight - 1.5 * shot.width) / 2);
  const Matrix3 pinhole{{{kFocal, 0, kPictureWidth / 2.0 + dice.Between(-room_x, room_x)},
                         {0, kFocal, kPictureHeight / 2.0 + dice.Between(-room_y, room_y)},
                         {0, 0, 1}}};
  return Times(pinhole, pose);
}

// What is printed at a place of the plane: 0 ink, 1 paper, between them the table beneath it.
class Scene {
 public:
  Scene(const Matrix& symbol, Dice& dice)
      : symbol_(symbol),
        quiet_(0.5 + static_cast<double>(kQuietZone) / symbol.size),
        printed_(kGrid * kGrid) {
    for (int bar = 0; bar < 60; ++bar) {  // lines of print around the symbol
      const auto left = static_cast<size_t>(dice.Between(0, 0.9) * kGrid);
      const auto top = static_cast<size_t>(dice.Between(0, 0.95) * kGrid);
      const auto right = std::min(kGrid, left + static_cast<size_t>(dice.Between(2, 40)));
      const auto bottom = std::min(kGrid, top + static_cast<size_t>(dice.Between(1, 5)));
      for (size_t y = top; y < bottom; ++y) {
        for (size_t x = left; x < right; ++x) printed_[y * kGrid + x] = true;
      }
    }
  }
  bool IsSymbol(double x, double y) const { return std::abs(x) < quiet_ && std::abs(y) < quiet_; }
  float At(double x, double y) const {
    if (std::abs(x) < 0.5 && std::abs(y) < 0.5) {
      const int column = static_cast<int>((x + 0.5) * symbol_.size);
      const int row = static_cast<int>((y + 0.5) * symbol_.size);
      return symbol_.At(column, row) ? 0.F : 1.F;
    }
    if (IsSymbol(x, y)) return 1;
    if (std::abs(x) >= kPaper || std::abs(y) >= kPaper) return 0.45F;
    const auto column = static_cast<size_t>((x / kPaper + 1) / 2 * kGrid);
    const auto row = static_cast<size_t>((y / kPaper + 1) / 2 * kGrid);
    return printed_[row * kGrid + column] ? 0.F : 1.F;
  }

 private:
  static constexpr double kPaper = 1.2;  // half the side of the sheet
  static constexpr size_t kGrid = 240;
  const Matrix& symbol_;
  const double quiet_;
  std::vector<bool> printed_;
};

Plane Expose(const Matrix& symbol, const Shot& shot, const Matrix3& camera, Dice& dice) {
  const Scene scene(symbol, dice);
  const Matrix3 m = Inverse(camera);
  Plane light(kPixels);
  for (int y = 0; y < kPictureHeight; ++y) {
    for (int x = 0; x < kPictureWidth; ++x) {
      const auto look = [&](double u, double v, auto&& at) {
        const double w = m[2][0] * u + m[2][1] * v + m[2][2];
        return at((m[0][0] * u + m[0][1] * v + m[0][2]) / w,
                  (m[1][0] * u + m[1][1] * v + m[1][2]) / w);
      };
      const auto paper_at = [&](double a, double b) { return scene.At(a, b); };
      float paper = 0;
      if (look(x + 0.5, y + 0.5, [&](double a, double b) { return scene.IsSymbol(a, b); })) {
        for (int s = 0; s < kSamples * kSamples; ++s) {
          paper += look(x + (s % kSamples + 0.5) / kSamples, y + (s / kSamples + 0.5) / kSamples,
                        paper_at);
        }
        paper /= kSamples * kSamples;
      } else {
        paper = look(x + 0.5, y + 0.5, paper_at);
      }
      const float seen = shot.light_on_dark ? 1 - paper : paper;
      light[static_cast<size_t>(y * kPictureWidth + x)] =
          0.5F + (seen - 0.5F) * static_cast<float>(shot.contrast);
    }
  }
  return light;
}

// A light that falls from one side, and a spot where it is thrown back into the lens.
void Illuminate(Plane& light, const Shot& shot, const Matrix3& camera, Dice& dice) {
  const double side = Radians(dice.Between(0, 360));
  const double px = dice.Between(-0.5, 0.5), py = dice.Between(-0.5, 0.5);
  const double w = camera[2][0] * px + camera[2][1] * py + camera[2][2];
  const double spot_x = (camera[0][0] * px + camera[0][1] * py + camera[0][2]) / w;
  const double spot_y = (camera[1][0] * px + camera[1][1] * py + camera[1][2]) / w;
  const double radius = shot.glare * shot.width;
  for (int y = 0; y < kPictureHeight; ++y) {
    for (int x = 0; x < kPictureWidth; ++x) {
      float& pixel = light[static_cast<size_t>(y * kPictureWidth + x)];
      const double along = ((x - kPictureWidth / 2.0) * std::cos(side) +
                            (y - kPictureHeight / 2.0) * std::sin(side)) /
                           400;
      pixel *= static_cast<float>(1 - shot.shade * std::clamp(0.5 + along / 2, 0.0, 1.0));
      if (radius <= 0) continue;
      const double away = std::hypot(x - spot_x, y - spot_y) / radius;
      pixel += static_cast<float>(1.6 * std::exp(-away * away * away));
    }
  }
}

// Sums of a window along one direction, weighted.
Plane Convolve(const Plane& in, const std::vector<float>& weights, double dx, double dy) {
  Plane out(kPixels);
  const int half = static_cast<int>(weights.size()) / 2;
  for (int i = -half; i <= half; ++i) {
    const int step_x = static_cast<int>(std::lround(i * dx));
    const int step_y = static_cast<int>(std::lround(i * dy));
    const float weight = weights[static_cast<size_t>(i + half)];
    for (int y = 0; y < kPictureHeight; ++y) {
      const int from = std::clamp(y + step_y, 0, kPictureHeight - 1) * kPictureWidth;
      for (int x = 0; x < kPictureWidth; ++x) {
        out[static_cast<size_t>(y * kPictureWidth + x)] +=
            weight * in[static_cast<size_t>(from + std::clamp(x + step_x, 0, kPictureWidth - 1))];
      }
    }
  }
  return out;
}

std::vector<float> Normalized(std::vector<float> weights) {
  float sum = 0;
  for (const float w : weights) sum += w;
  for (float& w : weights) w /= sum;
  return weights;
}

Plane Blur(Plane light, const Shot& shot, Dice& dice) {
  const double direction = Radians(dice.Between(0, 360));
  if (shot.motion > 0) {
    const int half = std::max(1, static_cast<int>(std::lround(shot.motion / 2)));
    const std::vector<float> box(static_cast<size_t>(2 * half + 1), 1.F);
    light = Convolve(light, Normalized(box), std::cos(direction), std::sin(direction));
  }
  if (shot.blur > 0) {
    const int half = std::max(1, static_cast<int>(std::ceil(shot.blur * 3)));
    std::vector<float> bell;
    for (int i = -half; i <= half; ++i) {
      bell.push_back(static_cast<float>(std::exp(-i * i / (2 * shot.blur * shot.blur))));
    }
    bell = Normalized(bell);
    light = Convolve(Convolve(light, bell, 1, 0), bell, 0, 1);
  }
  return light;
}

// What JPEG does to brightness: 8 by 8 cosine transform, rounded to the steps of the quality.
void Compress(Plane& grey, int quality) {
  static constexpr std::array<int, 64> kSteps = {
      16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
      14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
      18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
      49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
  static const std::array<float, 64> kCosine = [] {
    std::array<float, 64> table{};
    for (size_t k = 0; k < 8; ++k) {
      for (size_t n = 0; n < 8; ++n) {
        table[k * 8 + n] =
            static_cast<float>((k == 0 ? std::sqrt(0.125) : 0.5) *
                               std::cos(std::numbers::pi / 8 * (static_cast<double>(n) + 0.5) *
                                        static_cast<double>(k)));
      }
    }
    return table;
  }();
  const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  using Block = std::array<float, 64>;
  const auto transform = [](const Block& in, bool forward) {
    Block rows{}, out{};
    const auto c = [&](size_t k, size_t n) {
      return forward ? kCosine[k * 8 + n] : kCosine[n * 8 + k];
    };
    for (size_t y = 0; y < 8; ++y) {
      for (size_t k = 0; k < 8; ++k) {
        for (size_t n = 0; n < 8; ++n) rows[y * 8 + k] += c(k, n) * in[y * 8 + n];
      }
    }
    for (size_t k = 0; k < 8; ++k) {
      for (size_t n = 0; n < 8; ++n) {
        for (size_t x = 0; x < 8; ++x) out[k * 8 + x] += c(k, n) * rows[n * 8 + x];
      }
    }
    return out;
  };
  for (size_t top = 0; top < kPictureHeight; top += 8) {
    for (size_t left = 0; left < kPictureWidth; left += 8) {
      Block block;
      for (size_t i = 0; i < 64; ++i) {
        block[i] = grey[(top + i / 8) * kPictureWidth + left + i % 8] - 128;
      }
      block = transform(block, true);
      for (size_t i = 0; i < 64; ++i) {
        const auto step = static_cast<float>(std::clamp((kSteps[i] * scale + 50) / 100, 1, 255));
        block[i] = std::round(block[i] / step) * step;
      }
      block = transform(block, false);
      for (size_t i = 0; i < 64; ++i) {
        grey[(top + i / 8) * kPictureWidth + left + i % 8] = block[i] + 128;
      }
    }
  }
}

}  // namespace

GreyImage Photograph(const Matrix& symbol, const Shot& shot, uint64_t seed) {
  Dice dice(seed);
  const Matrix3 camera = Camera(shot, dice);
  Plane light = Expose(symbol, shot, camera, dice);
  Illuminate(light, shot, camera, dice);
  light = Blur(std::move(light), shot, dice);
  for (float& pixel : light) {
    const double noise = shot.noise > 0 ? shot.noise * dice.Normal() : 0;
    pixel = static_cast<float>(std::clamp(pixel * 235 + 10 + noise, 0.0, 255.0));
  }
  if (shot.jpeg > 0) Compress(light, shot.jpeg);
  GreyImage picture{.width = kPictureWidth, .height = kPictureHeight};
  picture.pixels.reserve(kPixels);
  for (const float pixel : light) {
    picture.pixels.push_back(static_cast<uint8_t>(std::clamp(std::lround(pixel), 0L, 255L)));
  }
  return picture;
}

}  // namespace ticketing::qr
