#include "ticketing/order/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/order/sample_order.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> WrongFields(const Order& order) {
  const Status status = ValidateOrder(order);
  EXPECT_EQ(CodeOf(status), ErrorCode::kInvalidField);
  std::vector<std::string> fields;
  for (const FieldError& error : DetailsOf(status).fields) fields.push_back(error.field);
  return fields;
}

TEST(OrderTest, SampleIsValid) {
  EXPECT_TRUE(ValidateOrder(SampleOrder()).ok());
}

TEST(OrderTest, NamesGoBothWays) {
  for (int i = 0; i <= 8; ++i) {
    const auto state = static_cast<OrderState>(i);
    EXPECT_EQ(ParseOrderState(NameOf(state)), state);
  }
  EXPECT_EQ(ParseOrderState("Paid"), std::nullopt);
  EXPECT_EQ(ParseSaleChannel("box_office"), SaleChannel::kBoxOffice);
  EXPECT_EQ(ParseSaleChannel(""), std::nullopt);
}

TEST(OrderTest, MissingIdsAreNamed) {
  Order order = SampleOrder();
  order.id = {};
  order.event = {};
  order.hold = {};
  order.language = "fr";
  EXPECT_THAT(WrongFields(order), ElementsAre("id", "event", "hold", "language"));
}

TEST(OrderTest, SumsMustHold) {
  Order order = SampleOrder();
  order.lines[1].total.minor += 1;
  order.total.minor += 1;
  EXPECT_THAT(WrongFields(order), ElementsAre("lines[1].total"));
  order = SampleOrder();
  order.total.minor -= 1;
  EXPECT_THAT(WrongFields(order), ElementsAre("total"));
  order = SampleOrder();
  order.lines[0].fees.minor = -1;
  EXPECT_THAT(WrongFields(order), ElementsAre("lines[0].fees"));
  order = SampleOrder();
  order.lines[0].tax.currency = *Currency::Parse("USD");
  EXPECT_THAT(WrongFields(order), ElementsAre("lines[0].tax"));
}

TEST(OrderTest, LinesAreChecked) {
  Order order = SampleOrder();
  order.lines.clear();
  EXPECT_THAT(WrongFields(order), ElementsAre("lines"));
  order = SampleOrder();
  order.lines[1].object = order.lines[0].object;
  EXPECT_THAT(WrongFields(order), ElementsAre("lines[1].object"));
  order = SampleOrder();
  order.lines[1].object = "";
  order.lines[1].quantity = 0;
  EXPECT_THAT(WrongFields(order), ElementsAre("lines[1].object", "lines[1].quantity"));
}

TEST(OrderTest, OnlineGuestMustBeReachable) {
  Order order = SampleOrder();
  order.buyer = {};
  order.contact = {};
  EXPECT_THAT(WrongFields(order), ElementsAre("contact.email"));
  order.channel = SaleChannel::kBoxOffice;
  EXPECT_TRUE(ValidateOrder(order).ok());
  order.channel = SaleChannel::kOnline;
  order.contact.email = "ana@example.com";
  EXPECT_TRUE(ValidateOrder(order).ok());
}

TEST(OrderTest, ContactFieldsAreChecked) {
  EXPECT_TRUE(ValidateContact({}, "contact").ok());
  EXPECT_TRUE(ValidateContact({"Ana", "ana@example.com", "+52 (81) 1234-5678"}, "c").ok());
  for (const char* email : {"ana", "@x", "ana@", "a na@x", "ana@x\r\nBcc: b@x"}) {
    EXPECT_FALSE(ValidateContact({"", email, ""}, "c").ok()) << email;
  }
  EXPECT_FALSE(ValidateContact({"", "", "call me"}, "c").ok());
  EXPECT_FALSE(ValidateContact({"\xc3\x28", "", ""}, "c").ok());
  EXPECT_FALSE(ValidateContact({std::string(201, 'a'), "", ""}, "c").ok());
}

}  // namespace
}  // namespace ticketing
