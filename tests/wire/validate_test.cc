#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ticketing/base/id.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/v1/identity.pb.h"
#include "ticketing/v1/ticketing.pb.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> BadFields(const google::protobuf::Message& message) {
  std::vector<std::string> fields;
  for (const FieldError& error : DetailsOf(wire::Validate(message)).fields)
    fields.push_back(error.field);
  return fields;
}

v1::CreateEventRequest GoodEvent() {
  v1::CreateEventRequest event;
  event.set_venue_id(VenueId{5}.ToString());
  event.set_chart_id(ChartId{6}.ToString());
  event.set_name("Final");
  event.mutable_starts_at()->set_seconds(1'800'000'000);
  event.set_currency("MXN");
  v1::CategoryPrice* price = event.add_prices();
  price->set_category("A");
  price->mutable_price()->set_minor(50'000);
  price->mutable_price()->set_currency("MXN");
  return event;
}

TEST(ValidateTest, AcceptsAGoodMessage) {
  EXPECT_THAT(wire::Validate(GoodEvent()), IsOk());
}

TEST(ValidateTest, NamesEveryMissingField) {
  EXPECT_THAT(BadFields(v1::CreateEventRequest()),
              ElementsAre("venue_id", "chart_id", "name", "starts_at", "currency", "prices"));
}

TEST(ValidateTest, LooksIntoListsAndMessages) {
  v1::CreateEventRequest event = GoodEvent();
  event.mutable_prices(0)->mutable_price()->set_currency("pesos");
  event.add_prices()->set_category("B");
  event.set_venue_id("ord_000000000002D");
  event.set_tax_basis_points(10'001);
  event.set_name("a\x01z");
  EXPECT_THAT(BadFields(event), ElementsAre("venue_id", "name", "prices[0].price.currency",
                                            "prices[1].price", "tax_basis_points"));
}

TEST(ValidateTest, AMissingAmountIsNotZero) {
  v1::CreateEventRequest event = GoodEvent();
  event.mutable_prices(0)->mutable_price()->clear_minor();
  EXPECT_THAT(BadFields(event), ElementsAre("prices[0].price.minor"));
  event.mutable_prices(0)->mutable_price()->set_minor(0);
  EXPECT_THAT(BadFields(event), IsEmpty());
}

TEST(ValidateTest, BoundsAmountsTextsListsAndChoices) {
  v1::CreateEventRequest event = GoodEvent();
  event.mutable_prices(0)->mutable_price()->set_minor(INT64_MAX);
  EXPECT_THAT(BadFields(event), ElementsAre("prices[0].price.minor"));
  event = GoodEvent();
  event.set_name(std::string(201, 'x'));
  EXPECT_THAT(BadFields(event), ElementsAre("name"));
  event = GoodEvent();
  for (int i = 0; i < 201; ++i) *event.add_zones() = v1::Zone();
  EXPECT_THAT(BadFields(event), ElementsAre("zones"));
  v1::CreateStaffRequest staff;
  staff.set_email("a@b.mx");
  staff.set_password("0123456789");
  staff.set_name("Ana");
  staff.add_roles("root");
  EXPECT_THAT(BadFields(staff), ElementsAre("roles[0]"));
}

TEST(ValidateTest, FieldsOfAOneofCountOnlyWhenChosen) {
  v1::PayOrderRequest pay;
  EXPECT_THAT(BadFields(pay), IsEmpty());
  pay.mutable_card();
  EXPECT_THAT(BadFields(pay), ElementsAre("card.payment_method"));
}

}  // namespace
}  // namespace ticketing
