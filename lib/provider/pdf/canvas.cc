#include "lib/provider/pdf/canvas.h"

#include <hpdf.h>

#include <algorithm>

#include "lib/provider/pdf/font_cover.h"

namespace ticketing::pdf {
namespace {

constexpr char kEllipsis[] = "…";

// libharu's way to tell of errors. It goes on afterwards with calls that do nothing; the first
// error is the one to know.
void HPDF_STDCALL NoteError(HPDF_STATUS error, HPDF_STATUS, void* user) {
  auto* first = static_cast<HPDF_STATUS*>(user);
  if (*first == HPDF_OK) *first = error;
}

HPDF_REAL Part(uint8_t component) {
  return static_cast<HPDF_REAL>(component) / 255;
}

}  // namespace

struct Canvas::Haru {
  HPDF_STATUS error = HPDF_OK;
  HPDF_Doc doc = nullptr;
  HPDF_Page page = nullptr;
  HPDF_Font regular = nullptr;
  HPDF_Font bold = nullptr;

  HPDF_Font Of(Face face) const { return face == Face::kBold ? bold : regular; }
  void SetFill(Colour c) { HPDF_Page_SetRGBFill(page, Part(c.red), Part(c.green), Part(c.blue)); }
  void SetStroke(Colour c) {
    HPDF_Page_SetRGBStroke(page, Part(c.red), Part(c.green), Part(c.blue));
  }
};

Canvas::Canvas(float width, float height)
    : haru_(std::make_unique<Haru>()), width_(width), height_(height) {
  haru_->doc = HPDF_New(&NoteError, &haru_->error);
  if (haru_->doc == nullptr) return;
  HPDF_SetCompressionMode(haru_->doc, HPDF_COMP_ALL);
  HPDF_UseUTFEncodings(haru_->doc);
  HPDF_SetCurrentEncoder(haru_->doc, "UTF-8");
}

Canvas::~Canvas() {
  if (haru_->doc != nullptr) HPDF_Free(haru_->doc);
}

void Canvas::AddPage() {
  haru_->page = HPDF_AddPage(haru_->doc);
  HPDF_Page_SetWidth(haru_->page, width_);
  HPDF_Page_SetHeight(haru_->page, height_);
}

void Canvas::LoadFonts(const std::string& regular_path, const std::string& bold_path) {
  const auto load = [this](const std::string& path) -> HPDF_Font {
    const char* name = HPDF_LoadTTFontFromFile(haru_->doc, path.c_str(), HPDF_TRUE);
    return name == nullptr ? nullptr : HPDF_GetFont(haru_->doc, name, "UTF-8");
  };
  haru_->regular = load(regular_path);
  haru_->bold = load(bold_path);
}

void Canvas::Fill(const Box& box, Colour colour, float radius) {
  haru_->SetFill(colour);
  const HPDF_Page page = haru_->page;
  const float left = box.x;
  const float right = box.x + box.width;
  const float top = height_ - box.y;
  const float bottom = top - box.height;
  if (radius <= 0) {
    HPDF_Page_Rectangle(page, left, bottom, box.width, box.height);
  } else {
    // A quarter circle as a Bezier curve: control points at 0.5523 of the radius.
    const float k = radius * 0.4477f;
    HPDF_Page_MoveTo(page, left + radius, bottom);
    HPDF_Page_LineTo(page, right - radius, bottom);
    HPDF_Page_CurveTo(page, right - k, bottom, right, bottom + k, right, bottom + radius);
    HPDF_Page_LineTo(page, right, top - radius);
    HPDF_Page_CurveTo(page, right, top - k, right - k, top, right - radius, top);
    HPDF_Page_LineTo(page, left + radius, top);
    HPDF_Page_CurveTo(page, left + k, top, left, top - k, left, top - radius);
    HPDF_Page_LineTo(page, left, bottom + radius);
    HPDF_Page_CurveTo(page, left, bottom + k, left + k, bottom, left + radius, bottom);
  }
  HPDF_Page_Fill(page);
}

void Canvas::Frame(const Box& box, Colour colour, float line) {
  haru_->SetStroke(colour);
  HPDF_Page_SetLineWidth(haru_->page, line);
  HPDF_Page_Rectangle(haru_->page, box.x, height_ - box.y - box.height, box.width, box.height);
  HPDF_Page_Stroke(haru_->page);
}

void Canvas::Dashes(float x1, float y, float x2, Colour colour) {
  const HPDF_UINT16 pattern[] = {3, 3};
  haru_->SetStroke(colour);
  HPDF_Page_SetLineWidth(haru_->page, 0.8f);
  HPDF_Page_SetDash(haru_->page, pattern, 2, 0);
  HPDF_Page_MoveTo(haru_->page, x1, height_ - y);
  HPDF_Page_LineTo(haru_->page, x2, height_ - y);
  HPDF_Page_Stroke(haru_->page);
  HPDF_Page_SetDash(haru_->page, nullptr, 0, 0);
}

void Canvas::FillAll(const std::vector<Box>& boxes, Colour colour) {
  if (boxes.empty()) return;
  haru_->SetFill(colour);
  for (const Box& box : boxes) {
    HPDF_Page_Rectangle(haru_->page, box.x, height_ - box.y - box.height, box.width, box.height);
  }
  HPDF_Page_Fill(haru_->page);
}

float Canvas::Width(const TextStyle& style, const std::string& text) {
  const HPDF_Font font = haru_->Of(style.face);
  if (font == nullptr) return 0;
  const auto* bytes = reinterpret_cast<const HPDF_BYTE*>(text.c_str());
  const HPDF_TextWidth width =
      HPDF_Font_TextWidth(font, bytes, static_cast<HPDF_UINT>(text.size()));
  return static_cast<float>(width.width) * style.size / 1000;
}

void Canvas::Text(float x, float y, const TextStyle& style, const std::string& text) {
  const HPDF_Font font = haru_->Of(style.face);
  if (font == nullptr || text.empty()) return;
  const float left = style.align == Align::kCentre ? x - Width(style, text) / 2 : x;
  haru_->SetFill(style.colour);
  HPDF_Page_BeginText(haru_->page);
  HPDF_Page_SetFontAndSize(haru_->page, font, style.size);
  HPDF_Page_TextOut(haru_->page, left, height_ - y, text.c_str());
  HPDF_Page_EndText(haru_->page);
}

TextStyle Canvas::Fit(TextStyle style, const std::string& text, float width, float size_min) {
  const float wide = Width(style, text);
  if (wide > width) style.size = std::max(size_min, style.size * width / wide);
  return style;
}

std::string Canvas::Shorten(const TextStyle& style, const std::string& text, float width) {
  // Half a point of slack: a text that was fitted to the width exactly must not be cut by rounding.
  if (Width(style, text) <= width + 0.5f) return text;
  std::vector<size_t> ends = {0};
  for (size_t position = 0; position < text.size();) {
    NextCharacter(text, position);
    ends.push_back(position);
  }
  for (size_t keep = ends.size() - 1; keep > 0; --keep) {
    std::string shorter = text.substr(0, ends[keep - 1]) + kEllipsis;
    if (Width(style, shorter) <= width) return shorter;
  }
  return kEllipsis;
}

std::vector<std::string> Canvas::Wrap(const TextStyle& style, const std::string& text, float width,
                                      size_t lines_max) {
  std::vector<std::string> lines;
  std::string line;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    std::string longer = line;
    if (!line.empty()) longer += ' ';
    longer += word;
    if (line.empty() || Width(style, longer) <= width) {
      line = std::move(longer);
    } else if (lines.size() + 1 == lines_max) {
      line += " " + text.substr(begin);  // the last line takes the rest and is shortened below
      break;
    } else {
      lines.push_back(std::move(line));
      line = word;
    }
    begin = end + 1;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  for (std::string& each : lines) each = Shorten(style, each, width);
  return lines;
}

StatusOr<std::string> Canvas::Finish() {
  std::string out;
  if (haru_->doc != nullptr && haru_->error == HPDF_OK) {
    HPDF_SaveToStream(haru_->doc);
    HPDF_ResetStream(haru_->doc);
    out.resize(HPDF_GetStreamSize(haru_->doc));
    HPDF_UINT32 size = static_cast<HPDF_UINT32>(out.size());
    HPDF_ReadFromStream(haru_->doc, reinterpret_cast<HPDF_BYTE*>(out.data()), &size);
    out.resize(size);
  }
  // Reading up to the end reports the end of the stream, which is no error.
  const bool failed = haru_->error != HPDF_OK && haru_->error != HPDF_STREAM_EOF;
  if (haru_->doc == nullptr || failed || out.empty()) {
    return MakeError(ErrorCode::kUnavailable, "The ticket page could not be made (PDF error " +
                                                  std::to_string(haru_->error) + ").");
  }
  return out;
}

}  // namespace ticketing::pdf
