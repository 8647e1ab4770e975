#include "ticketing/provider/pdf/ticket_pdf.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "lib/provider/pdf/canvas.h"
#include "lib/provider/pdf/font_cover.h"
#include "ticketing/base/bytes.h"
#include "ticketing/provider/qr/encoder.h"

namespace ticketing::pdf {
namespace {

using notification::Language;
using notification::TicketPage;

// A5 in points.
constexpr float kPageWidth = 419.53f;
constexpr float kPageHeight = 595.28f;
constexpr float kMargin = 28;
constexpr float kInner = kPageWidth - 2 * kMargin;

constexpr float kBandHeight = 138;
constexpr float kBoxesTop = kBandHeight + 18;
constexpr float kBoxHeight = 78;
constexpr float kBoxGap = 8;
constexpr float kSymbolTop = kBoxesTop + kBoxHeight + 34;
constexpr float kSymbolSide = 226;  // with its quiet zone
constexpr float kDetailsLeft = kMargin + kSymbolSide + 18;
constexpr float kDetailsWidth = kPageWidth - kMargin - kDetailsLeft;
constexpr float kFinePrintTop = kSymbolTop + kSymbolSide + 22;

constexpr Colour kNavy = {11, 61, 92};
constexpr Colour kSky = {159, 208, 234};
constexpr Colour kInk = {23, 33, 43};
constexpr Colour kGrey = {94, 107, 119};
constexpr Colour kPale = {238, 242, 245};
constexpr Colour kLine = {190, 200, 208};
constexpr Colour kWhite = {255, 255, 255};

constexpr size_t kTextBytesMax = 512;

struct Words {
  std::string kind, gate, section, area, row, seat, holder, category, price, order, ticket, once,
      keep;
};

const Words& WordsOf(Language language) {
  static const Words spanish = {
      "BOLETO",
      "PUERTA",
      "SECCIÓN",
      "ZONA",
      "FILA",
      "ASIENTO",
      "TITULAR",
      "CATEGORÍA",
      "PRECIO",
      "PEDIDO",
      "BOLETO",
      "Válido para una sola entrada: el primer escaneo abre la puerta y los siguientes "
      "se rechazan.",
      "Trata este código como dinero en efectivo: no lo publiques ni compartas fotos de él. "
      "Preséntalo impreso o en la pantalla, completo y sin doblar el código."};
  static const Words english = {
      "TICKET",
      "GATE",
      "SECTION",
      "AREA",
      "ROW",
      "SEAT",
      "HOLDER",
      "CATEGORY",
      "PRICE",
      "ORDER",
      "TICKET",
      "Good for one entry: the first scan opens the gate and all later ones are refused.",
      "Treat this code like cash: do not post it or share pictures of it. Show it printed or "
      "on a screen, whole, without folding the code."};
  return language == Language::kSpanish ? spanish : english;
}

void DrawBand(Canvas& canvas, const TicketPage& page, const Words& words) {
  canvas.Fill({0, 0, kPageWidth, kBandHeight}, kNavy);
  canvas.Text(kMargin, 32, {Face::kBold, 9, kSky}, words.kind);
  TextStyle title{Face::kBold, 26, kWhite};
  std::vector<std::string> lines = canvas.Wrap(title, page.event_name, kInner, 1);
  if (canvas.Width(title, page.event_name) > kInner) {
    title.size = 20;
    lines = canvas.Wrap(title, page.event_name, kInner, 2);
  }
  float y = lines.size() > 1 ? 56 : 66;
  for (const std::string& line : lines) {
    canvas.Text(kMargin, y, title, line);
    y += title.size + 4;
  }
  const auto under = [&](float at, const TextStyle& style, const std::string& text) {
    const TextStyle fitted = canvas.Fit(style, text, kInner, 8);
    canvas.Text(kMargin, at, fitted, canvas.Shorten(fitted, text, kInner));
  };
  under(102, {Face::kBold, 12.5f, kWhite}, page.date_text);
  under(121, {Face::kRegular, 11.5f, kSky}, page.venue_name);
}

// One of the big boxes: what gate staff and stewards read from an arm's length.
void DrawBox(Canvas& canvas, const Box& box, const std::string& label, const std::string& value,
             bool strong) {
  canvas.Fill(box, strong ? kNavy : kPale, 6);
  const float centre = box.x + box.width / 2;
  canvas.Text(centre, box.y + 18, {Face::kBold, 8, strong ? kSky : kGrey, Align::kCentre}, label);
  const float room = box.width - 14;
  TextStyle style{Face::kBold, 36, strong ? kWhite : kInk, Align::kCentre};
  style = canvas.Fit(style, value, room, 16);
  if (canvas.Width(style, value) <= room + 0.5f) {
    canvas.Text(centre, box.y + 46 + style.size * 0.32f, style, value);
    return;
  }
  style.size = 15;  // a name in words, such as a standing area: two lines
  float y = box.y + 42;
  for (const std::string& line : canvas.Wrap(style, value, room, 2)) {
    canvas.Text(centre, y, style, line);
    y += 18;
  }
}

void DrawBoxes(Canvas& canvas, const TicketPage& page, const Words& words) {
  struct Cell {
    std::string label;
    std::string value;
    float share;
  };
  const bool seated = !page.row.empty() || !page.seat.empty();
  std::vector<Cell> cells;
  const auto add = [&](const std::string& label, const std::string& value, float share) {
    if (!value.empty()) cells.push_back({label, value, share});
  };
  add(words.gate, page.gate, 1);
  add(seated ? words.section : words.area, page.section, seated ? 1.25f : 3);
  add(words.row, page.row, 1);
  add(words.seat, page.seat, 1);
  if (cells.empty()) return;
  float shares = 0;
  for (const Cell& cell : cells) shares += cell.share;
  const float room = kInner - kBoxGap * static_cast<float>(cells.size() - 1);
  float x = kMargin;
  for (const Cell& cell : cells) {
    const float width = room * cell.share / shares;
    DrawBox(canvas, {x, kBoxesTop, width, kBoxHeight}, cell.label, cell.value,
            cell.label == words.gate);
    x += width + kBoxGap;
  }
}

// The dark modules as horizontal runs, black on white, nothing else within the quiet zone.
void DrawSymbol(Canvas& canvas, const qr::Matrix& matrix) {
  const Box area{kMargin, kSymbolTop, kSymbolSide, kSymbolSide};
  canvas.Fill(area, kWhite);
  const float module = kSymbolSide / static_cast<float>(matrix.size + 2 * qr::kQuietZone);
  const float origin_x = area.x + module * qr::kQuietZone;
  const float origin_y = area.y + module * qr::kQuietZone;
  std::vector<Box> runs;
  for (int y = 0; y < matrix.size; ++y) {
    for (int x = 0; x < matrix.size; ++x) {
      if (!matrix.At(x, y)) continue;
      const int begin = x;
      while (x + 1 < matrix.size && matrix.At(x + 1, y)) ++x;
      runs.push_back({origin_x + module * static_cast<float>(begin),
                      origin_y + module * static_cast<float>(y),
                      module * static_cast<float>(x - begin + 1), module});
    }
  }
  canvas.FillAll(runs, {0, 0, 0});
  canvas.Frame(area, kLine, 0.8f);
}

void DrawDetails(Canvas& canvas, const TicketPage& page, const Words& words) {
  const std::pair<const std::string&, std::string> rows[] = {
      {words.holder, page.holder_name},
      {words.category, page.category},
      {words.price, page.price.currency.code().empty() ? "" : FormatMoney(page.price)},
      {words.order, page.order_id},
      {words.ticket, page.ticket_id},
  };
  float y = kSymbolTop + 10;
  for (const auto& [label, value] : rows) {
    if (value.empty()) continue;
    canvas.Text(kDetailsLeft, y, {Face::kBold, 7.5f, kGrey}, label);
    y += 14;
    const bool words_in_it = value.find(' ') != std::string::npos;
    TextStyle style{Face::kRegular, 11.5f, kInk};
    if (!words_in_it) style = canvas.Fit(style, value, kDetailsWidth, 7);
    for (const std::string& line : canvas.Wrap(style, value, kDetailsWidth, 2)) {
      canvas.Text(kDetailsLeft, y, style, line);
      y += 14;
    }
    y += 9;
  }
}

void DrawFinePrint(Canvas& canvas, const Words& words) {
  TextStyle style{Face::kBold, 8.5f, kInk};
  float y = kFinePrintTop;
  for (const std::string& line : canvas.Wrap(style, words.once, kInner, 2)) {
    canvas.Text(kMargin, y, style, line);
    y += 12;
  }
  style = {Face::kRegular, 8, kGrey};
  for (const std::string& line : canvas.Wrap(style, words.keep, kInner, 3)) {
    canvas.Text(kMargin, y, style, line);
    y += 11;
  }
}

StatusOr<std::string> ReadFont(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.is_open() || bytes.empty()) {
    return MakeError(ErrorCode::kUnavailable, "The font " + path + " cannot be read.");
  }
  return bytes;
}

class TicketPdf final : public notification::TicketDocument {
 public:
  TicketPdf(std::string regular, std::string bold, FontCover regular_cover, FontCover bold_cover)
      : regular_path_(std::move(regular)),
        bold_path_(std::move(bold)),
        regular_cover_(std::move(regular_cover)),
        bold_cover_(std::move(bold_cover)) {}

  StatusOr<std::string> RenderPages(const std::vector<TicketPage>& pages) override {
    if (pages.empty()) return InvalidField("tickets", "needs at least one");
    Canvas canvas(kPageWidth, kPageHeight);
    canvas.LoadFonts(regular_path_, bold_path_);
    for (const TicketPage& asked : pages) TICKETING_RETURN_IF_ERROR(DrawPage(canvas, asked));
    return canvas.Finish();
  }

 private:
  Status DrawPage(Canvas& canvas, const TicketPage& asked) const {
    TICKETING_ASSIGN_OR_RETURN(const TicketPage page, Checked(asked));
    TICKETING_ASSIGN_OR_RETURN(const qr::Matrix matrix, qr::Encode(page.code_text));
    const Words& words = WordsOf(page.language);
    canvas.AddPage();
    DrawBand(canvas, page, words);
    DrawBoxes(canvas, page, words);
    canvas.Dashes(kMargin, kBoxesTop + kBoxHeight + 17, kPageWidth - kMargin, kLine);
    DrawSymbol(canvas, matrix);
    DrawDetails(canvas, page, words);
    DrawFinePrint(canvas, words);
    return OkStatus();
  }

  // The page with every text safe to draw.
  StatusOr<TicketPage> Checked(TicketPage page) const {
    const std::pair<const char*, std::string*> fields[] = {{"event_name", &page.event_name},
                                                           {"venue_name", &page.venue_name},
                                                           {"date_text", &page.date_text},
                                                           {"gate", &page.gate},
                                                           {"section", &page.section},
                                                           {"row", &page.row},
                                                           {"seat", &page.seat},
                                                           {"category", &page.category},
                                                           {"holder_name", &page.holder_name},
                                                           {"order_id", &page.order_id},
                                                           {"ticket_id", &page.ticket_id}};
    for (const auto& [name, text] : fields) {
      if (!IsValidUtf8(*text)) return InvalidField(name, "is not UTF-8");
      if (text->size() > kTextBytesMax) return InvalidField(name, "is too long");
      *text = Printable(Printable(*text, regular_cover_), bold_cover_);
    }
    return page;
  }

  const std::string regular_path_;
  const std::string bold_path_;
  const FontCover regular_cover_;
  const FontCover bold_cover_;
};

}  // namespace

StatusOr<std::unique_ptr<notification::TicketDocument>> NewTicketPdf(
    const TicketPdfOptions& options) {
  std::string regular = options.font_folder + "/" + options.regular_font;
  std::string bold = options.font_folder + "/" + options.bold_font;
  TICKETING_ASSIGN_OR_RETURN(const std::string regular_bytes, ReadFont(regular));
  TICKETING_ASSIGN_OR_RETURN(const std::string bold_bytes, ReadFont(bold));
  TICKETING_ASSIGN_OR_RETURN(FontCover regular_cover, FontCover::Read(regular_bytes));
  TICKETING_ASSIGN_OR_RETURN(FontCover bold_cover, FontCover::Read(bold_bytes));
  return std::make_unique<TicketPdf>(std::move(regular), std::move(bold), std::move(regular_cover),
                                     std::move(bold_cover));
}

}  // namespace ticketing::pdf
