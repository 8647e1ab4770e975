# How every target of the project is made: one function for modules, one for programs, one for tests.
include(GNUInstallDirs)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_program(TICKETING_CCACHE ccache)
if(TICKETING_CCACHE AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${TICKETING_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${TICKETING_CCACHE}")
endif()
find_program(TICKETING_MOLD mold)
if(TICKETING_MOLD AND PROJECT_IS_TOP_LEVEL)
  add_link_options(-fuse-ld=mold)
endif()
if(TICKETING_SANITIZE)
  # A little optimisation and short debug information: these builds run the whole suite. Undefined behaviour
  # ends the program, so that it ends the test, too.
  add_compile_options(-fsanitize=${TICKETING_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1)
  add_link_options(-fsanitize=${TICKETING_SANITIZE})
endif()
# How much longer a test may take than it does without sanitizers.
set(TICKETING_PATIENCE 1)
if(TICKETING_SANITIZE)
  set(TICKETING_PATIENCE 4)
endif()

# Warnings are errors for our own code only: they stay private to each target.
function(ticketing_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers -Werror)
endfunction()

# ticketing_module(<name> SOURCES ... [DEPS modules...] [PUBLIC libs...] [PRIVATE libs...])
#
# Makes the static library ticketing_<name>, seen as ticketing::<name>. Public headers live in
# include/ticketing/<name>/ and are installed; DEPS are modules of lower rank, public by nature because
# their types stand in our headers; third-party libraries are PRIVATE unless a public header shows them.
function(ticketing_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;PUBLIC;PRIVATE" ${ARGN})
  string(REPLACE "/" "_" flat "${name}")
  set(target ticketing_${flat})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(ticketing::${flat} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${flat} CXX_VISIBILITY_PRESET hidden
                                             VISIBILITY_INLINES_HIDDEN ON)
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_features(${target} PUBLIC cxx_std_20)
  foreach(dep IN LISTS arg_DEPS)
    target_link_libraries(${target} PUBLIC ticketing_${dep})
  endforeach()
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  ticketing_warnings(${target})
  set_property(GLOBAL APPEND PROPERTY TICKETING_MODULES ${target})
endfunction()

# ticketing_program(<name> SOURCES ... LIBS ...): an executable in ${build}/bin.
function(ticketing_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LIBS})
  ticketing_warnings(${name})
endfunction()

# ticketing_test(<name> SOURCES *_test.cc ... [LIBS ...] [LABELS ...] [TIMEOUT s]): one gtest executable.
# Every file is remembered, so that tests/CMakeLists.txt can refuse a *_test.cc that nobody registered.
function(ticketing_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LIBS} GTest::gmock GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE TICKETING_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                             TICKETING_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  ticketing_warnings(${name})
  # gtest's assertions end in an else of their own.
  target_compile_options(${name} PRIVATE -Wno-dangling-else)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  math(EXPR timeout "${arg_TIMEOUT} * ${TICKETING_PATIENCE}")
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout})
  if(arg_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}")
  endif()
  foreach(source IN LISTS arg_SOURCES)
    get_filename_component(path "${source}" ABSOLUTE)
    set_property(GLOBAL APPEND PROPERTY TICKETING_REGISTERED_TESTS "${path}")
  endforeach()
endfunction()
