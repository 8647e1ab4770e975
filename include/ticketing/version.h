// The version of the library; the build reads it from here and from nowhere else.
#ifndef TICKETING_VERSION_H_
#define TICKETING_VERSION_H_

#define TICKETING_VERSION "0.1.0"

#endif  // TICKETING_VERSION_H_
