// A page to draw on: the few operations a ticket needs, over libharu. Coordinates are points (1/72
// inch) from the top left, as one reads; libharu counts from the bottom left.
#ifndef TICKETING_LIB_PROVIDER_PDF_CANVAS_H_
#define TICKETING_LIB_PROVIDER_PDF_CANVAS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"

namespace ticketing::pdf {

struct Colour {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;
};

struct Box {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;
};

enum class Face { kRegular, kBold };
enum class Align { kLeft, kCentre };

struct TextStyle {
  Face face = Face::kRegular;
  float size = 10;
  Colour colour;
  Align align = Align::kLeft;
};

// One document. Drawing goes to the page added last. Errors are kept and come out of Finish;
// drawing after one does nothing harmful.
class Canvas {
 public:
  Canvas(float width, float height);
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  void AddPage();
  void LoadFonts(const std::string& regular_path, const std::string& bold_path);

  void Fill(const Box& box, Colour colour, float radius = 0);
  void Frame(const Box& box, Colour colour, float line);
  void Dashes(float x1, float y, float x2, Colour colour);
  // All boxes as one path, so that a viewer shows no seams between them.
  void FillAll(const std::vector<Box>& boxes, Colour colour);

  // How wide the text is.
  float Width(const TextStyle& style, const std::string& text);
  // One line whose base line is at `y`, starting at (or centred on) `x`.
  void Text(float x, float y, const TextStyle& style, const std::string& text);

  // The largest style not above style.size and not below `size_min` in which the text fits `width`.
  TextStyle Fit(TextStyle style, const std::string& text, float width, float size_min);
  // The text, shortened with an ellipsis when it is wider than `width`.
  std::string Shorten(const TextStyle& style, const std::string& text, float width);
  // The words in lines of at most `width`; a word that is wider alone is shortened. At most
  // `lines_max` lines, the last of them shortened when there is more.
  std::vector<std::string> Wrap(const TextStyle& style, const std::string& text, float width,
                                size_t lines_max);

  // The document. Errors: kUnavailable with libharu's number when anything went wrong.
  StatusOr<std::string> Finish();

 private:
  struct Haru;
  std::unique_ptr<Haru> haru_;
  const float width_;
  const float height_;
};

}  // namespace ticketing::pdf

#endif  // TICKETING_LIB_PROVIDER_PDF_CANVAS_H_
