# Third-party libraries, found the same way by the build and by projects that use the installed package.
# Debian has no CMake config for libsodium, libqrencode and libharu: pkg-config or a plain
# look-up serves there, and every one ends in a fixed imported name.
#
# TICKETING_NEEDED, when set, is the list of imported names that are wanted; the others are not looked for.
# The installed package sets it from the components that were asked for, so that a program that only sells
# seats needs no camera libraries. The build leaves it unset: everything.
include(CMakeFindDependencyMacro)

# Whether any imported name that begins so is wanted.
function(ticketing_wants result prefix)
  set(wanted OFF)
  if(NOT DEFINED TICKETING_NEEDED)
    set(wanted ON)
  endif()
  foreach(name IN LISTS TICKETING_NEEDED)
    string(FIND "${name}" "${prefix}" at)
    if(at EQUAL 0)
      set(wanted ON)
    endif()
  endforeach()
  set(${result} ${wanted} PARENT_SCOPE)
endfunction()

# ticketing_find(<imported name or its beginning> <arguments of find_dependency>...)
macro(ticketing_find prefix)
  ticketing_wants(ticketing_wanted "${prefix}")
  if(ticketing_wanted)
    find_dependency(${ARGN})
  endif()
endmacro()

# ticketing_find_module(<variable prefix> <pkg-config module>): the imported target PkgConfig::<prefix>.
macro(ticketing_find_module prefix module)
  ticketing_wants(ticketing_wanted "PkgConfig::${prefix}")
  if(ticketing_wanted)
    find_dependency(PkgConfig)
    pkg_check_modules(${prefix} REQUIRED IMPORTED_TARGET ${module})
  endif()
endmacro()

set(THREADS_PREFER_PTHREAD_FLAG ON)
ticketing_find(Threads:: Threads)
ticketing_find(absl:: absl CONFIG)
ticketing_find(protobuf:: Protobuf)
ticketing_find(OpenSSL:: OpenSSL)
ticketing_find(SQLiteCpp SQLiteCpp CONFIG)
ticketing_find(CURL:: CURL)
ticketing_find(PNG:: PNG)
ticketing_find(ZXing:: ZXing CONFIG)
ticketing_find(nlohmann_json:: nlohmann_json CONFIG)
ticketing_find(spdlog:: spdlog CONFIG)
ticketing_find(prometheus-cpp:: prometheus-cpp CONFIG)
ticketing_find_module(LIBPQ libpq)
ticketing_find_module(SODIUM libsodium)
ticketing_find_module(UTF8PROC libutf8proc)
ticketing_find_module(QRENCODE libqrencode)
ticketing_find_module(TURBOJPEG libturbojpeg)

ticketing_wants(ticketing_wanted ticketing_haru)
if(ticketing_wanted AND NOT TARGET ticketing_haru)
  find_path(HARU_INCLUDE_DIR hpdf.h REQUIRED)
  find_library(HARU_LIBRARY hpdf REQUIRED)
  add_library(ticketing_haru INTERFACE IMPORTED)
  target_include_directories(ticketing_haru INTERFACE "${HARU_INCLUDE_DIR}")
  target_link_libraries(ticketing_haru INTERFACE "${HARU_LIBRARY}")
endif()
