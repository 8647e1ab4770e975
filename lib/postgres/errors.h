// PostgreSQL's error codes as errors of the project.
#ifndef TICKETING_LIB_POSTGRES_ERRORS_H_
#define TICKETING_LIB_POSTGRES_ERRORS_H_

#include <string>
#include <string_view>

#include "ticketing/base/status.h"

namespace ticketing::postgres {

// What an error means for the transaction, beyond the function that met it.
enum class Trouble {
  kNone,   // the function's own
  kRetry,  // the whole transaction may win when it runs again
  kLost,   // the connection is of no use any more
};

// `state` is the five characters of SQLSTATE, empty when the client library made the error itself.
Trouble TroubleOf(std::string_view state, std::string_view message);

// `message` is the server's primary message. Those that can quote bound values are not passed on.
Status ErrorOf(std::string_view state, std::string_view message);

// What libpq said about a failed connection, without anything that stood in the connection string.
std::string WithoutSecrets(std::string_view message);

}  // namespace ticketing::postgres

#endif  // TICKETING_LIB_POSTGRES_ERRORS_H_
