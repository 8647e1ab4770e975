// Base values to and from the messages that carry them. Private: only .cc files may see generated
// headers.
#ifndef TICKETING_LIB_WIRE_CONVERT_H_
#define TICKETING_LIB_WIRE_CONVERT_H_

#include <google/protobuf/timestamp.pb.h>

#include "ticketing/base/money.h"
#include "ticketing/base/time.h"
#include "ticketing/v1/common.pb.h"

namespace ticketing::wire {

void SetTime(Timestamp time, google::protobuf::Timestamp* out);
Timestamp TimeOf(const google::protobuf::Timestamp& time);

void SetMoney(Money money, v1::Money* out);
// Errors: kInvalidField naming `field` for a currency that is not three capital letters or an
// amount out of range.
StatusOr<Money> MoneyOf(const v1::Money& money, std::string_view field);

}  // namespace ticketing::wire

#endif  // TICKETING_LIB_WIRE_CONVERT_H_
