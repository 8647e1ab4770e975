# cmake -DBUILD=<build tree> -DWORK=<folder> -DLAUNCHER=<ccache or empty> -DBUILD_TYPE=<type>
#       [-DCOMPONENTS=<list>] -P package_test.cmake
#
# Installs the build into an empty prefix and uses it as a stranger would: programs outside the tree in C++
# (find_package), in C (find_package and pkg-config), and one file for each public header.
cmake_minimum_required(VERSION 3.25)
set(prefix "${WORK}/prefix")
file(REMOVE_RECURSE "${WORK}")

function(run)
  string(JOIN " " shown ${ARGN})
  message("+ ${shown}")
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(build name)
  run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/${name}" -B "${WORK}/${name}" -G Ninja
      --log-level=WARNING --no-warn-unused-cli "-DCMAKE_PREFIX_PATH=${prefix}" -DCMAKE_BUILD_TYPE=Debug
      -DCMAKE_CXX_FLAGS_DEBUG= -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})
  run("${CMAKE_COMMAND}" --build "${WORK}/${name}" -j2)
  run("${WORK}/${name}/${ARGN}")
endfunction()

if(COMPONENTS)
  foreach(component IN LISTS COMPONENTS)
    run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${prefix}" --component ${component})
  endforeach()
else()
  run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${prefix}")
endif()
if(EXISTS "${prefix}/include/ticketing/testing")
  message(FATAL_ERROR "the headers of the tests were installed")
endif()

build(cpp cpp_consumer)
build(c c_consumer)
build(headers headers)

file(GLOB_RECURSE pc "${prefix}/*/ticketing.pc")
get_filename_component(pc_folder "${pc}" DIRECTORY)
set(ENV{PKG_CONFIG_PATH} "${pc_folder}")
execute_process(COMMAND pkg-config --cflags --libs ticketing OUTPUT_VARIABLE flags
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND pkg-config --variable=libdir ticketing OUTPUT_VARIABLE libdir
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")
run(cc -std=c11 -o "${WORK}/by_pkg_config" "${CMAKE_CURRENT_LIST_DIR}/c/main.c" ${flags} "-Wl,-rpath,${libdir}")
run("${WORK}/by_pkg_config")
