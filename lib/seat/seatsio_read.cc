#include <algorithm>
#include <array>
#include <utility>

#include "lib/seat/json_reader.h"
#include "lib/seat/seatsio_raw.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

// Sizes and coordinates beyond this are not of this world in any unit.
constexpr double kLengthMax = limits::kChartCoordinateMax;

constexpr std::pair<SeatAttribute, const char*> kAttributeFields[] = {
    {kAccessible, "accessible"},
    {kCompanion, "companionSeat"},
    {kRestrictedView, "restrictedView"},
    {kLiftUpArmrests, "liftUpArmrests"},
    {kHearingImpaired, "hearingImpaired"},
    {kSemiAmbulatory, "semiAmbulatorySeat"},
    {kSignLanguage, "signLanguageInterpretation"},
    {kPlusSize, "plusSize"},
};

// Every field that is read anywhere, sorted. A designer writes many more, most of them on every
// seat: they are dropped while the text is parsed, so that they cost no memory.
constexpr auto kFields = std::to_array<std::string_view>({
    "accessible",
    "bookAsAWhole",
    "booths",
    "capacity",
    "categories",
    "categoryKey",
    "center",
    "color",
    "companionSeat",
    "displayLabel",
    "displayObjectType",
    "entrance",
    "floorDisplayName",
    "floorName",
    "focalPoint",
    "generalAdmissionAreas",
    "hearingImpaired",
    "height",
    "key",
    "label",
    "liftUpArmrests",
    "list",
    "maxOccupancy",
    "minOccupancy",
    "name",
    "plusSize",
    "points",
    "radius",
    "radius1",
    "radius2",
    "restrictedView",
    "rotationAngle",
    "rows",
    "seats",
    "sectionDisplayedLabel",
    "sectionLabel",
    "sections",
    "semiAmbulatorySeat",
    "shapes",
    "signLanguageInterpretation",
    "smartType",
    "subChart",
    "subChartFloors",
    "tables",
    "topLeft",
    "type",
    "variableOccupancy",
    "venueType",
    "width",
    "x",
    "y",
    "zone",
    "zones",
});
static_assert(std::is_sorted(kFields.begin(), kFields.end()));

bool IsRead(std::string_view field) {
  return std::binary_search(kFields.begin(), kFields.end(), field);
}

// Reads the list of objects `name`; their fields that nobody asked for are no faults here.
template <typename Item, typename Read>
void ReadList(ObjectReader& reader, std::string_view name, std::vector<Item>* out, Read read) {
  reader.Items(name, out, [&read](ObjectReader& item, Item* to) {
    read(item, to);
    item.Ignore();
  });
}

template <typename Read>
void ReadObject(ObjectReader& reader, std::string_view name, Read read) {
  const Json* value = reader.Object(name);
  if (value == nullptr) return;
  const Path path = reader.path().Field(name);
  ObjectReader inner(*value, path, reader.faults());
  read(inner);
}

void ReadXY(ObjectReader& reader, SeatsioPoint* out) {
  reader.Number("x", &out->x, -kLengthMax, kLengthMax);
  reader.Number("y", &out->y, -kLengthMax, kLengthMax);
}

void ReadPoint(ObjectReader& reader, std::string_view name, std::optional<SeatsioPoint>* out) {
  ReadObject(reader, name, [out](ObjectReader& inner) { ReadXY(inner, &out->emplace()); });
}
void ReadPoint(ObjectReader& reader, std::string_view name, SeatsioPoint* out) {
  ReadObject(reader, name, [out](ObjectReader& inner) { ReadXY(inner, out); });
}

void ReadSize(ObjectReader& reader, std::string_view name, double* out) {
  reader.Number(name, out, 0, kLengthMax);
}

void ReadPart(ObjectReader& reader, RawPart* out) {
  reader.OptionalText("label", &out->label);
  reader.OptionalText("displayLabel", &out->display_label);
  reader.OptionalText("displayObjectType", &out->displayed_type);
  reader.OptionalText("entrance", &out->entrance);
  reader.Key("categoryKey", &out->category);
}

void ReadSeat(ObjectReader& reader, RawSeat* out) {
  ReadPart(reader, out);
  ReadXY(reader, &out->at);
  for (const auto& [attribute, field] : kAttributeFields) {
    bool set = false;
    if (reader.Bool(field, &set) && set) out->attributes |= attribute;
  }
}

void ReadRow(ObjectReader& reader, RawRow* out) {
  ReadPart(reader, out);
  reader.OptionalText("sectionLabel", &out->section_label);
  reader.OptionalText("sectionDisplayedLabel", &out->section_display_label);
  ReadList(reader, "seats", &out->seats, ReadSeat);
}

void ReadParty(ObjectReader& reader, RawParty* out) {
  reader.Bool("bookAsAWhole", &out->whole);
  reader.Bool("variableOccupancy", &out->variable);
  reader.Integer("minOccupancy", &out->min_people, 0, limits::kAreaCapacityMax);
  reader.Integer("maxOccupancy", &out->max_people, 0, limits::kAreaCapacityMax);
}

void ReadTable(ObjectReader& reader, RawTable* out) {
  ReadPart(reader, out);
  ReadParty(reader, out);
  ReadPoint(reader, "center", &out->center);
  ReadSize(reader, "radius", &out->radius);
  ReadList(reader, "seats", &out->seats, ReadSeat);
}

void ReadBooth(ObjectReader& reader, RawBooth* out) {
  ReadPart(reader, out);
  ReadPoint(reader, "center", &out->center);
  ReadSize(reader, "width", &out->width);
  ReadSize(reader, "height", &out->height);
}

void ReadArea(ObjectReader& reader, RawArea* out) {
  ReadPart(reader, out);
  ReadParty(reader, out);
  reader.Integer("capacity", &out->capacity, 0, limits::kAreaCapacityMax);
  ReadPoint(reader, "center", &out->center);
  std::string type;
  reader.OptionalText("type", &type);
  out->round = type == "circle";
  ReadSize(reader, "radius1", &out->radius1);
  ReadSize(reader, "radius2", &out->radius2);
  ReadSize(reader, "width", &out->width);
  ReadSize(reader, "height", &out->height);
  reader.Number("rotationAngle", &out->rotation, -kLengthMax, kLengthMax);
  ReadList(reader, "points", &out->points, ReadXY);
}

void ReadContents(ObjectReader& reader, RawContents* out) {
  ReadList(reader, "rows", &out->rows, ReadRow);
  ReadList(reader, "tables", &out->tables, ReadTable);
  ReadList(reader, "booths", &out->booths, ReadBooth);
  ReadList(reader, "generalAdmissionAreas", &out->areas, ReadArea);
}

void ReadSection(ObjectReader& reader, RawSection* out) {
  ReadPart(reader, out);
  reader.Key("zone", &out->zone);
  ReadPoint(reader, "topLeft", &out->top_left);
  ReadList(reader, "points", &out->points, ReadXY);
  ReadObject(reader, "subChart", [out](ObjectReader& inner) { ReadContents(inner, out); });
}

// Decoration: what cannot be read of it is no fault of the chart.
void ReadShapes(ObjectReader& reader, std::vector<RawShape>* out) {
  const Json* list = reader.List("shapes");
  if (list == nullptr) return;
  for (const Json& item : *list) {
    Faults ignored;
    const Path place;
    ObjectReader inner(item, place, ignored);
    RawShape shape;
    inner.OptionalText("smartType", &shape.smart_type);
    inner.OptionalText("label", &shape.label);
    ReadList(inner, "points", &shape.points, ReadXY);
    if (ignored.empty()) out->push_back(std::move(shape));
  }
}

void ReadFloor(ObjectReader& reader, RawFloor* out) {
  reader.OptionalText("floorName", &out->floor.name);
  reader.OptionalText("floorDisplayName", &out->floor.display_name);
  ReadPoint(reader, "focalPoint", &out->focal_point);
  ReadContents(reader, out);
  ReadList(reader, "sections", &out->sections, ReadSection);
  ReadShapes(reader, &out->shapes);
}

void ReadRoot(ObjectReader& reader, RawChart* out) {
  reader.OptionalText("name", &out->name);
  reader.OptionalText("venueType", &out->venue_type);
  ReadObject(reader, "categories", [out](ObjectReader& inner) {
    ReadList(inner, "list", &out->categories, [](ObjectReader& item, SeatsioCategory* category) {
      item.Key("key", &category->key, &category->number, ObjectReader::kRequired);
      item.OptionalText("label", &category->label);
      item.OptionalText("color", &category->color);
      item.Bool("accessible", &category->accessible);
    });
  });
  ReadObject(reader, "zones", [out](ObjectReader& inner) {
    ReadList(inner, "list", &out->zones, [](ObjectReader& item, SeatsioZone* zone) {
      item.Key("key", &zone->key, nullptr, ObjectReader::kRequired);
      item.OptionalText("label", &zone->label);
      ReadPoint(item, "focalPoint", &zone->focal_point);
    });
  });
  ReadList(reader, "subChartFloors", &out->floors, ReadFloor);
  out->has_floors = !out->floors.empty();
  if (out->has_floors) return;
  RawFloor& floor = out->floors.emplace_back();
  ReadObject(reader, "subChart", [&floor](ObjectReader& inner) { ReadFloor(inner, &floor); });
}

}  // namespace

const char* SeatsioFieldOf(SeatAttribute attribute) {
  for (const auto& [bit, field] : kAttributeFields) {
    if (bit == attribute) return field;
  }
  return nullptr;
}

bool ReadSeatsioJson(std::string_view json, RawChart* out, Faults& faults) {
  const std::optional<Json> tree = ParseJsonText(json, faults, IsRead);
  if (!tree) return false;
  const Path root;
  ObjectReader reader(*tree, root, faults);
  ReadRoot(reader, out);
  return faults.empty();
}

}  // namespace ticketing::seat
