// The one place that includes cpp-httplib. Its classes change size with its macros, so it must only
// be compiled with the flags that pkg-config gives for the library that is linked.
#ifndef TICKETING_LIB_HTTP_HTTPLIB_INCLUDE_H_
#define TICKETING_LIB_HTTP_HTTPLIB_INCLUDE_H_

#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
#error "compile with the flags of pkg-config cpp-httplib"
#endif

#include <httplib.h>

#endif  // TICKETING_LIB_HTTP_HTTPLIB_INCLUDE_H_
