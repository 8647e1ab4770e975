// Goal: our printer says of every message what protobuf's own does. Method: messages of every kind
// filled at random, printed by both, compared as JSON.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <random>

#include "ticketing/v1/common.pb.h"
#include "ticketing/v1/identity.pb.h"
#include "ticketing/v1/notifications.pb.h"
#include "ticketing/v1/payments.pb.h"
#include "ticketing/v1/ticketing.pb.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr const char* kTexts[] = {"",
                                  "plain",
                                  "Ana P\xc3\xa9rez \xc3\x91",
                                  "quote \" backslash \\ slash /",
                                  "<script>&'",
                                  "line\nfeed\ttab\x01\x7f",
                                  "\xe2\x80\xa8 separator \xc2\xa0\xc2\xad",
                                  "\xf0\x9f\x8e\xab ticket \xe6\xa4\x85",
                                  "\xc3"};

class Filler {
 public:
  explicit Filler(uint32_t seed) : random_(seed) {}

  void Fill(Message& message, int depth) {
    if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(&message)) {
      constexpr int32_t kNanos[] = {0, 500'000'000, 123'456'000, 1, 999'999'999};
      time->set_seconds(static_cast<int64_t>(random_() % 4'000'000'000) - 1'000'000'000);
      time->set_nanos(kNanos[random_() % std::size(kNanos)]);
      return;
    }
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *message.GetDescriptor()->field(i);
      if (field.is_repeated()) {
        for (uint32_t n = random_() % 3; n > 0; --n) Set(message, field, depth);
      } else if (random_() % 3 != 0) {
        Set(message, field, depth);
      }
    }
  }

 private:
  int64_t Number() {
    constexpr int64_t kNumbers[] = {0, 1, -1, 50'000, INT32_MAX, INT64_MAX, INT64_MIN};
    return kNumbers[random_() % std::size(kNumbers)];
  }

  void Set(Message& message, const FieldDescriptor& field, int depth) {
    const auto& reflection = *message.GetReflection();
    const bool many = field.is_repeated();
    const auto put = [&](auto set, auto add, auto value) {
      many ? (reflection.*add)(&message, &field, value)
           : (reflection.*set)(&message, &field, value);
    };
    using R = google::protobuf::Reflection;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return put(&R::SetInt32, &R::AddInt32, static_cast<int32_t>(Number()));
      case FieldDescriptor::CPPTYPE_UINT32:
        return put(&R::SetUInt32, &R::AddUInt32, static_cast<uint32_t>(Number()));
      case FieldDescriptor::CPPTYPE_INT64:
        return put(&R::SetInt64, &R::AddInt64, Number());
      case FieldDescriptor::CPPTYPE_UINT64:
        return put(&R::SetUInt64, &R::AddUInt64, static_cast<uint64_t>(Number()));
      case FieldDescriptor::CPPTYPE_BOOL:
        return put(&R::SetBool, &R::AddBool, random_() % 2 == 0);
      case FieldDescriptor::CPPTYPE_STRING: {
        // Only bytes may be what is not UTF-8.
        const size_t texts =
            std::size(kTexts) - (field.type() == FieldDescriptor::TYPE_BYTES ? 0 : 1);
        return put(&R::SetString, &R::AddString, std::string(kTexts[random_() % texts]));
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth > 0) {
          Fill(many ? *reflection.AddMessage(&message, &field)
                    : *reflection.MutableMessage(&message, &field),
               depth - 1);
        }
        return;
      default:
        FAIL() << field.full_name() << " is of a kind that nobody prints";
    }
  }

  std::mt19937 random_;
};

TEST(JsonPrintTest, SaysWhatProtobufSays) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  for (const auto* file : {v1::Order::descriptor()->file(), v1::Problem::descriptor()->file(),
                           v1::Session::descriptor()->file(), v1::Payment::descriptor()->file(),
                           v1::CreateMessageRequest::descriptor()->file()}) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      const auto* type = file->message_type(i);
      const Message* prototype =
          google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
      for (uint32_t seed = 0; seed < 30; ++seed) {
        const std::unique_ptr<Message> message(prototype->New());
        if (seed > 0) Filler(seed).Fill(*message, 4);
        std::string theirs;
        ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*message, &theirs, options).ok());
        EXPECT_EQ(nlohmann::json::parse(wire::ToJson(*message)), nlohmann::json::parse(theirs))
            << type->full_name() << ", seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace ticketing
