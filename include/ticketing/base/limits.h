// The limits of the whole project. Everything that comes from outside, waits in a queue or is tried
// again has its bound here, so that it can be found, reasoned about and tested.
#ifndef TICKETING_BASE_LIMITS_H_
#define TICKETING_BASE_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "ticketing/base/time.h"

namespace ticketing::limits {

// HTTP.
inline constexpr size_t kBodyBytesMax = 1 << 20;        // of an ordinary request
inline constexpr size_t kChartBodyBytesMax = 64 << 20;  // of a chart import
inline constexpr size_t kHeaderBytesMax = 16 << 10;
inline constexpr size_t kIdempotencyKeyBytesMax = 255;
inline constexpr Duration kIdempotencyRetention = Duration::Hours(24);
inline constexpr size_t kPageItemsDefault = 50;
inline constexpr size_t kPageItemsMax = 500;
inline constexpr size_t kAccessTokenBytesMax = 4 << 10;

// Names and texts.
inline constexpr size_t kNameBytesMax = 200;
inline constexpr size_t kEmailBytesMax = 254;
inline constexpr size_t kPhoneBytesMax = 32;
inline constexpr size_t kPasswordBytesMin = 10;
inline constexpr size_t kPasswordBytesMax = 128;
inline constexpr size_t kLabelBytesMax = 100;

// Charts and inventory.
inline constexpr size_t kSeatsPerChartMax = 200'000;
inline constexpr size_t kSectionsPerChartMax = 2'000;
inline constexpr size_t kRowsPerChartMax = 50'000;
inline constexpr size_t kSeatsPerRowMax = 1'000;
inline constexpr size_t kTablesPerChartMax = 20'000;
inline constexpr size_t kSeatsPerTableMax = 200;
inline constexpr size_t kBoothsPerChartMax = 20'000;
inline constexpr size_t kCategoriesPerChartMax = 200;
inline constexpr size_t kGatesPerChartMax = 500;    // zones, stands and levels too
inline constexpr size_t kAreasPerChartMax = 2'000;  // and suites; twice that together
inline constexpr size_t kShapesPerChartMax = 2'000;
inline constexpr size_t kOutlinePointsMax = 1'000;
inline constexpr int32_t kChartCoordinateMax = 1'000'000;  // centimetres either side of the origin
inline constexpr size_t kChartDepthMax = 16;               // of nested JSON
inline constexpr size_t kChartValuesMax = 3'000'000;       // JSON values of a chart file
inline constexpr size_t kChartErrorsMax = 100;
inline constexpr int64_t kAreaCapacityMax = 200'000;
inline constexpr size_t kObjectsPerCommandMax = 200;
inline constexpr size_t kStepsPerCommandMax = 200;
inline constexpr size_t kStatusNameBytesMax = 100;
inline constexpr size_t kStatusNamesMax = 10'000;  // different ones of one event
inline constexpr size_t kTicketTypeBytesMax = 200;
inline constexpr size_t kOrderNameBytesMax = 255;
inline constexpr size_t kExtraBytesMax = 10 << 10;  // of one object
inline constexpr size_t kChannelsMax = 500;         // of one event
inline constexpr size_t kEventsPerSetMax = 500;     // of one season, partial seasons included
inline constexpr size_t kBestAvailableMax = 50;
inline constexpr Duration kHoldDefault = Duration::Minutes(15);
inline constexpr Duration kHoldMax = Duration::Hours(2);

// Money: one amount is at most 100 thousand million minor units, so that sums of any order fit.
inline constexpr int64_t kAmountMinorMax = 100'000'000'000;
inline constexpr int64_t kBasisPointsMax = 10'000;  // 100 %
inline constexpr size_t kFeeRulesMax = 20;
inline constexpr size_t kTaxRulesMax = 10;
inline constexpr size_t kDiscountsPerOrderMax = 20;
inline constexpr size_t kPaymentAttemptsMax = 20;  // of one order
inline constexpr size_t kPostingsPerEntryMax = 50;
inline constexpr size_t kGatewayBodyBytesMax = 256 << 10;
inline constexpr int kGatewayAttemptsMax = 3;  // with one idempotency key
inline constexpr Duration kGatewayTimeout = Duration::Seconds(30);
inline constexpr Duration kWebhookTolerance = Duration::Minutes(5);

// Identity.
inline constexpr Duration kAccessTokenLife = Duration::Minutes(10);
inline constexpr Duration kRefreshTokenLife = Duration::Days(30);
inline constexpr Duration kClockSkewMax = Duration::Seconds(60);
inline constexpr Duration kPairingCodeLife = Duration::Minutes(15);
inline constexpr size_t kJwkSetBytesMax = 16 << 10;
inline constexpr size_t kJwkSetKeysMax = 32;
inline constexpr size_t kTokenRolesMax = 16;

// Gate and sync.
inline constexpr Duration kDecisionBudget = Duration::Millis(300);
inline constexpr Duration kRereadWindow = Duration::Seconds(5);
inline constexpr size_t kScanTextBytesMax = 512;
inline constexpr size_t kLogBatchItemsMax = 500;
inline constexpr size_t kTicketsPerEventMax = 1'000'000;
inline constexpr size_t kRuleBytesMax = 16 << 10;  // of an event's gate rules
inline constexpr size_t kRuleDepthMax = 24;        // of their JSON
inline constexpr size_t kRuleNodesMax = 500;

}  // namespace ticketing::limits

#endif  // TICKETING_BASE_LIMITS_H_
