#include "ticketing/provider/pdf/ticket_pdf.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "ticketing/provider/qr/reader.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing::pdf {
namespace {

using notification::Language;
using notification::TicketPage;
using ::testing::HasSubstr;
using ::testing::Not;

TicketPage Page() {
  return {
      .event_name = "Bravos de Juárez vs. Águilas",
      .venue_name = "Estadio Olímpico Benito Juárez",
      .date_text = "sábado 28 de noviembre de 2026, 19:00 h",
      .gate = "4",
      .section = "104",
      .row = "F",
      .seat = "23",
      .category = "Preferente Norte",
      .holder_name = "María José Ñandú",
      .order_id = "ord_0W2K9Q7ZC4T1A",
      .ticket_id = "tkt_0W2K9Q7ZC4T1B",
      .price = {65000, Currency::Mxn()},
      .code_text =
          "0W2K9Q7ZC4T1ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ0W2K9Q7ZC4T1ABCDEFG"
          "HJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ",
      .language = Language::kSpanish};
}

std::string OutputOf(const std::string& command) {
  FILE* pipe = popen((command + " 2>/dev/null").c_str(), "r");
  std::string out;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return out;
}

class TicketPdfTest : public testing::Test {
 protected:
  TicketPdfTest() : document_(*NewTicketPdf({})) {}

  std::string Save(const TicketPage& page) {
    const auto pdf = document_->RenderPdf(page);
    EXPECT_OK(pdf);
    const std::string path = dir_ / "ticket.pdf";
    std::ofstream(path, std::ios::binary) << pdf.value_or("");
    return path;
  }

  // The page as an image: pdftoppm's "png", "jpeg" or "gray".
  std::string Render(const std::string& pdf, const std::string& dpi, const std::string& format) {
    const std::string base = dir_ / ("page" + dpi);
    OutputOf("pdftoppm -" + format + " -singlefile -r " + dpi + " " + pdf + " " + base);
    const std::map<std::string, std::string> endings = {
        {"png", ".png"}, {"jpeg", ".jpg"}, {"gray", ".pgm"}};
    std::ifstream in(base + endings.at(format), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  std::string TextOf(const TicketPage& page) {
    return OutputOf("pdftotext -layout " + Save(page) + " -");
  }

  const TempDir dir_;
  const std::unique_ptr<notification::TicketDocument> document_;
};

TEST_F(TicketPdfTest, ShowsEveryField) {
  const std::string text = TextOf(Page());
  for (const char* part :
       {"Bravos de Juárez vs. Águilas", "Estadio Olímpico Benito Juárez",
        "sábado 28 de noviembre de 2026, 19:00 h", "PUERTA", "SECCIÓN", "104", "FILA", "F",
        "ASIENTO", "23", "Preferente Norte", "María José Ñandú", "ord_0W2K9Q7ZC4T1A",
        "tkt_0W2K9Q7ZC4T1B", "650.00 MXN", "Válido para una sola entrada"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  TicketPage english = Page();
  english.language = Language::kEnglish;
  EXPECT_THAT(TextOf(english), HasSubstr("SECTION"));
}

TEST_F(TicketPdfTest, SymbolIsReadFromTheRenderedPage) {
  const std::string path = Save(Page());
  for (const char* dpi : {"72", "150", "200"}) {
    for (const char* format : {"png", "jpeg", "gray"}) {
      EXPECT_THAT(qr::ReadCodeFromFile(Render(path, dpi, format)), IsOkAndHolds(Page().code_text))
          << format << " at " << dpi << " dpi";
    }
  }
}

TEST_F(TicketPdfTest, DamagedImagesNeverCrash) {
  const std::string path = Save(Page());
  std::mt19937 random(7);
  for (const char* format : {"png", "jpeg"}) {
    const std::string whole = Render(path, "40", format);
    for (int i = 0; i < 150; ++i) {
      std::string damaged = whole.substr(0, 20 + random() % (whole.size() - 20));
      for (int flips = 0; flips < 4; ++flips) {
        damaged[random() % damaged.size()] = static_cast<char>(random());
      }
      (void)qr::ReadCodeFromFile(damaged);  // any answer will do, as long as there is one
    }
  }
}

TEST_F(TicketPdfTest, IsOnePageAndTheSameEveryTime) {
  const std::string path = Save(Page());
  EXPECT_THAT(OutputOf("pdfinfo " + path), HasSubstr("Pages:           1"));
  EXPECT_THAT(OutputOf("pdfinfo " + path), HasSubstr("419.53 x 595.28 pts"));
  EXPECT_EQ(*document_->RenderPdf(Page()), *document_->RenderPdf(Page()));
}

TEST_F(TicketPdfTest, SeveralTicketsAreSeveralPages) {
  std::vector<TicketPage> pages(3, Page());
  pages[1].seat = "24";
  pages[2].seat = "25";
  ASSERT_OK_AND_ASSIGN(const std::string pdf, document_->RenderPages(pages));
  std::ofstream(dir_ / "all.pdf", std::ios::binary) << pdf;
  EXPECT_THAT(OutputOf("pdfinfo " + (dir_ / "all.pdf")), HasSubstr("Pages:           3"));
  EXPECT_THAT(OutputOf("pdftotext -f 3 " + (dir_ / "all.pdf") + " -"), HasSubstr("25"));
  EXPECT_THAT(document_->RenderPages({}), HasCode(ErrorCode::kInvalidField));
}

TEST_F(TicketPdfTest, StandingAreasHaveNoSeat) {
  TicketPage page = Page();
  page.section = "General Sur Poniente";
  page.row = page.seat = "";
  const std::string text = TextOf(page);
  EXPECT_THAT(text, HasSubstr("ZONA"));
  EXPECT_THAT(text, HasSubstr("General Sur Poniente"));
  EXPECT_THAT(text, Not(HasSubstr("ASIENTO")));
  EXPECT_THAT(text, Not(HasSubstr("FILA")));
}

TEST_F(TicketPdfTest, LongTextsStayOnThePage) {
  TicketPage page = Page();
  page.event_name = std::string(200, 'W');
  page.venue_name = std::string(400, 'V');
  page.gate = page.section = page.row = page.seat = "Un nombre muy largo para una caja";
  page.holder_name = "María de los Ángeles Guadalupe Hernández Rodríguez de la Garza y Treviño";
  const std::string path = Save(page);
  EXPECT_THAT(OutputOf("pdfinfo " + path), HasSubstr("Pages:           1"));
  // Every box that pdftotext reports lies within the page.
  const std::string boxes = OutputOf("pdftotext -bbox " + path + " -");
  for (size_t at = 0; (at = boxes.find("xMax=\"", at)) != std::string::npos; at += 6) {
    EXPECT_LE(std::stod(boxes.substr(at + 6)), 419.53 - 20) << boxes.substr(at, 80);
  }
}

TEST_F(TicketPdfTest, OtherScriptsNeitherBreakNorVanish) {
  TicketPage page = Page();
  page.holder_name = "李 Київ Ωμέγα 🎫 Ѐ";
  const std::string text = TextOf(page);
  EXPECT_THAT(text, HasSubstr("? Київ"));
  EXPECT_THAT(text, HasSubstr("Ωμέγα ? ?"));
}

TEST_F(TicketPdfTest, RefusesWhatCannotBeShown) {
  TicketPage page = Page();
  page.event_name = "\xff";
  EXPECT_THAT(document_->RenderPdf(page), HasCode(ErrorCode::kInvalidField));
  page = Page();
  page.seat = std::string(600, '1');
  EXPECT_THAT(document_->RenderPdf(page), HasCode(ErrorCode::kInvalidField));
  page = Page();
  page.code_text = "";
  EXPECT_THAT(document_->RenderPdf(page), HasCode(ErrorCode::kInvalidField));
  page.code_text = std::string(9000, 'A');
  EXPECT_THAT(document_->RenderPdf(page), HasCode(ErrorCode::kInvalidField));
}

TEST_F(TicketPdfTest, MissingOrBrokenFontsAreNoticedAtOnce) {
  EXPECT_THAT(NewTicketPdf({.font_folder = "/nonexistent"}).status(),
              HasCode(ErrorCode::kUnavailable));
  std::ofstream(dir_ / "broken.ttf") << "not a font";
  EXPECT_THAT(
      NewTicketPdf(
          {.font_folder = dir_.path(), .regular_font = "broken.ttf", .bold_font = "broken.ttf"})
          .status(),
      HasCode(ErrorCode::kUnavailable));
}

}  // namespace
}  // namespace ticketing::pdf
