# cmake -DLIBRARY=libticketing_c.so -DNM=nm -DSYMBOLS=symbols.txt -DHEADER=c.h -P check_symbols.cmake
#
# The library exports what symbols.txt lists, which is what c.h declares, and nothing else.
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${NM}" -D --defined-only "${LIBRARY}" OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${output}")
set(exported "")
foreach(line IN LISTS lines)
  if(line MATCHES "^[0-9a-f]* *([A-Za-z]) ([^ @]+)")
    # The version itself is an absolute symbol.
    if(NOT CMAKE_MATCH_1 STREQUAL "A")
      list(APPEND exported "${CMAKE_MATCH_2}")
    endif()
  endif()
endforeach()

file(STRINGS "${SYMBOLS}" lines REGEX "^ +ticketing_[a-z0-9_]+;$")
list(TRANSFORM lines REPLACE "^ +(.*);$" "\\1")
set(listed "${lines}")

file(READ "${HEADER}" header)
string(REGEX REPLACE "//[^\n]*" "" header "${header}")
string(REGEX MATCHALL "TICKETING_API[^;(]*[ *](ticketing_[a-z0-9_]+)\\(" declarations "${header}")
set(declared "")
foreach(declaration IN LISTS declarations)
  string(REGEX REPLACE ".*[ *](ticketing_[a-z0-9_]+)\\($" "\\1" name "${declaration}")
  list(APPEND declared "${name}")
endforeach()

list(SORT exported)
list(SORT listed)
list(SORT declared)
list(LENGTH listed count)
if(count LESS 30)
  message(FATAL_ERROR "symbols.txt lists only ${count} functions: it could not be read")
endif()
if(NOT exported STREQUAL listed)
  message(FATAL_ERROR "exported and listed differ:\n  exported ${exported}\n  listed ${listed}")
endif()
if(NOT declared STREQUAL listed)
  message(FATAL_ERROR "declared and listed differ:\n  declared ${declared}\n  listed ${listed}")
endif()
message("${count} functions, all listed and declared")
