// A seats.io drawing as its file has it: names and defaults resolved, nothing interpreted.
#ifndef TICKETING_LIB_SEAT_SEATSIO_RAW_H_
#define TICKETING_LIB_SEAT_SEATSIO_RAW_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/seat/faults.h"
#include "ticketing/seat/seatsio_chart.h"

namespace ticketing::seat {

// What everything that carries a label may have.
struct RawPart {
  std::string label, display_label, displayed_type, entrance;
  std::string category;  // key; empty: none
};
struct RawSeat : RawPart {
  SeatsioPoint at;
  uint16_t attributes = 0;
};
struct RawRow : RawPart {
  std::string section_label, section_display_label;
  std::vector<RawSeat> seats;
};
struct RawParty {
  bool whole = false, variable = false;
  int64_t min_people = 0, max_people = 0;
};
struct RawTable : RawPart, RawParty {
  SeatsioPoint center;
  double radius = 0;
  std::vector<RawSeat> seats;
};
struct RawBooth : RawPart {
  SeatsioPoint center;
  double width = 0, height = 0;
};
struct RawArea : RawPart, RawParty {
  int64_t capacity = 0;
  std::optional<SeatsioPoint> center;
  bool round = false;
  double radius1 = 0, radius2 = 0, width = 0, height = 0, rotation = 0;
  std::vector<SeatsioPoint> points;
};
struct RawContents {
  std::vector<RawRow> rows;
  std::vector<RawTable> tables;
  std::vector<RawBooth> booths;
  std::vector<RawArea> areas;
};
struct RawSection : RawPart, RawContents {
  std::string zone;
  SeatsioPoint top_left;
  std::vector<SeatsioPoint> points;
};
struct RawShape {
  std::string smart_type, label;
  std::vector<SeatsioPoint> points;
};
struct RawFloor : RawContents {
  SeatsioFloor floor;
  std::optional<SeatsioPoint> focal_point;
  std::vector<RawSection> sections;
  std::vector<RawShape> shapes;
};
struct RawChart {
  std::string name, venue_type;
  std::vector<SeatsioCategory> categories;
  std::vector<SeatsioZone> zones;
  std::vector<RawFloor> floors;
  bool has_floors = false;  // otherwise there is one, without a name
};

// Reads the file; false after a fault.
bool ReadSeatsioJson(std::string_view json, RawChart* out, Faults& faults);

// The attribute's field in a seat; nullptr when it has none.
const char* SeatsioFieldOf(SeatAttribute attribute);

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_SEATSIO_RAW_H_
