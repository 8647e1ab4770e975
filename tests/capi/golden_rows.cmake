# cmake -DIN=ticket_codes.json -DOUT=file -P golden_rows.cmake
#
# The golden ticket codes as lines of fields parted by tabs, for readers without a JSON parser. Texts are
# hexadecimal, "-" when empty, because some of the refused ones hold a line end.
#   key       id  seed  public_key
#   device    name  seed  public_key
#   static    name  key_id  event  ticket_id  ordinal  issue  zone  ticket_type  text
#   rotating  name  key_id  event  ticket_id  ordinal  issue  zone  ticket_type  text  ticket  now  window
#   refused   name  error  now  text
cmake_minimum_required(VERSION 3.25)
file(READ "${IN}" golden)
set(rows "")

function(hex out text)
  string(HEX "${text}" digits)
  if(digits STREQUAL "")
    set(digits "-")
  endif()
  set(${out} "${digits}" PARENT_SCOPE)
endfunction()

# Calls `row` for each entry of a list of the file, which gets the entry in `entry`.
macro(each list)
  string(JSON count LENGTH "${golden}" ${list})
  math(EXPR last "${count} - 1")
  foreach(index RANGE ${last})
    string(JSON entry GET "${golden}" ${list} ${index})
    cmake_language(CALL row_of_${list})
  endforeach()
endmacro()

macro(add_fields)
  foreach(path ${ARGN})
    string(REPLACE "." ";" parts "${path}")
    string(JSON value GET "${entry}" ${parts})
    string(APPEND row "\t${value}")
  endforeach()
endmacro()

macro(add_text field)
  string(JSON value GET "${entry}" ${field})
  hex(value "${value}")
  string(APPEND row "\t${value}")
endmacro()

macro(add_claims)
  add_fields(claims.key_id claims.event_number claims.ticket_id claims.ordinal claims.issue claims.zone
             claims.ticket_type)
endmacro()

macro(row_of_issuer_keys)
  set(row "key")
  add_fields(key_id seed public_key)
  string(APPEND rows "${row}\n")
endmacro()

macro(row_of_devices)
  set(row "device")
  add_fields(name seed public_key)
  string(APPEND rows "${row}\n")
endmacro()

macro(row_of_static_codes)
  set(row "static")
  add_fields(name)
  add_claims()
  add_text(text)
  string(APPEND rows "${row}\n")
endmacro()

macro(row_of_rotating_codes)
  set(row "rotating")
  add_fields(name)
  add_claims()
  add_text(text)
  add_text(ticket)
  add_fields(now window)
  string(APPEND rows "${row}\n")
endmacro()

macro(row_of_refused)
  set(row "refused")
  add_fields(name error now)
  add_text(text)
  string(APPEND rows "${row}\n")
endmacro()

each(issuer_keys)
each(devices)
each(static_codes)
each(rotating_codes)
each(refused)
file(WRITE "${OUT}" "${rows}")
