// From a tier of a description to rows of seats.
#ifndef TICKETING_LIB_SEAT_DESCRIPTION_ROWS_H_
#define TICKETING_LIB_SEAT_DESCRIPTION_ROWS_H_

#include <string>
#include <vector>

#include "lib/seat/track.h"
#include "ticketing/seat/chart.h"

namespace ticketing::seat {

struct LabelScheme {
  bool letters = false;  // A, B, ..., Z, AA, ...; else numbers
  int64_t first = 1;     // 1-based also for letters: 3 starts at C
  int64_t step = 1;
  std::vector<std::string> skip;
  std::string prefix;
};

// The `i`-th label of the scheme (from 0).
class LabelMaker {
 public:
  explicit LabelMaker(const LabelScheme& scheme) : scheme_(scheme), next_(scheme.first) {}
  std::string Next();

 private:
  const LabelScheme& scheme_;
  int64_t next_;
};

// Rows by their ordinal from 1, both ends included; 0 for none.
struct RowRange {
  int64_t first = 0;
  int64_t last = 0;
  bool Has(int64_t row) const { return row >= first && row <= last; }
};

struct CategoryRange {
  RowRange rows;
  std::string category;
};

struct Tier {
  const Track* track = nullptr;
  double offset = 0;  // of the first row
  int64_t rows = 0;
  double row_spacing = 0.85;
  double seat_spacing = 0.5;
  double aisle = 1.2;  // between sections, and those inside
  int64_t inner_aisles = 0;
  bool counterclockwise = false;  // direction in which seats are numbered
  LabelScheme row_labels, seat_labels;
};

// What a span of sections says about each of them.
struct SectionPlan {
  double from = 0, to = 0;  // positions on the track
  std::vector<CategoryRange> categories;
  RowRange restricted;           // rows with a restricted view
  int64_t accessible_row = 0;    // 0: none
  int64_t accessible_pairs = 0;  // a wheelchair place and a companion seat each
  RowRange cutout;               // rows parted by a stairway in the middle
  double cutout_width = 0;
};

// Rows and outline of one section. Rows that have no room for a seat are left out.
void DrawRows(const Tier& tier, const SectionPlan& plan, DrawnSection* section);

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_DESCRIPTION_ROWS_H_
