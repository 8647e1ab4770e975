// PostgreSQL's binary formats of the values that the port knows.
#ifndef TICKETING_LIB_POSTGRES_VALUES_H_
#define TICKETING_LIB_POSTGRES_VALUES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ticketing/env/database.h"

namespace ticketing::postgres {

// Object ids of types, fixed by PostgreSQL (src/include/catalog/pg_type.dat).
using TypeId = unsigned int;
inline constexpr TypeId kUnknownType = 0;
inline constexpr TypeId kBool = 16;
inline constexpr TypeId kBytea = 17;
inline constexpr TypeId kInt8 = 20;
inline constexpr TypeId kInt2 = 21;
inline constexpr TypeId kInt4 = 23;
inline constexpr TypeId kText = 25;
inline constexpr TypeId kInt8Array = 1016;
inline constexpr TypeId kTextArray = 1009;
inline constexpr TypeId kByteaArray = 1001;
inline constexpr TypeId kNumeric = 1700;

// The type that an argument is sent as; kUnknownType for NULL.
TypeId TypeOf(const SqlValue& value);
TypeId ArrayOf(TypeId element);

// 8 bytes, the highest first.
uint64_t ToNetworkOrder(int64_t value);

// The arguments at `column` of all rows as one array. Every one is NULL or of type `element`.
std::string EncodeArray(std::span<const SqlArgs> rows, size_t column, TypeId element);

// A value of a result as an integer; nothing when it does not fit 64 bits. Text gives the number it
// begins with, or 0.
std::optional<int64_t> DecodeInt(TypeId type, std::string_view bytes);

// A value of a result as text or bytes.
std::string DecodeText(TypeId type, std::string_view bytes);

}  // namespace ticketing::postgres

#endif  // TICKETING_LIB_POSTGRES_VALUES_H_
