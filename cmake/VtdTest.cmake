# SPDX-License-Identifier: MIT
#
# How tests and fuzz targets are declared.
#
# vtd_add_test(NAME SOURCES FILE... [LIBS TARGET...] [TIMEOUT SECONDS] [LONG])
#   A GoogleTest program NAME (in bin/tests; begin it with the directory's name, for example unit_cache) with a main
#   function from gtest_main; gmock can be used. Every TEST in it becomes a ctest test "NAME.<Suite>.<Case>", labelled with
#   the directory's name (unit, spec, ...). The name of the program keeps equal test names of two programs apart, which
#   ctest would take for one.
#   LIBS     beyond vtdsim::vtdsim and GoogleTest, for example vtdsim::internal (below) or a library of sim/.
#   TIMEOUT  per test, default 60 s (300 s with sanitizers or coverage).
#   LONG     the program is not part of the default suite: its tests are labelled "long" (scripts/test --long).
#   The sources see these macros:
#     VTD_TEST_SOURCE_DIR  top of the source tree, a string: read-only data
#     VTD_TEST_BIN_DIR     directory of the built programs (vtdsim), a string
#   Files are written below testing::TempDir() with a name that is unique to the test: tests run in parallel.
#
# vtd_add_fuzzer(NAME SOURCES FILE... [LIBS TARGET...] CORPUS DIRECTORY)
#   A fuzz target: sources that define LLVMFuzzerTestOneInput, and a directory (relative to the current one) with at least
#   one seed file. It exists in two forms:
#     VTD_FUZZ_ENGINE=replay (all normal builds): with a plain main that plays every file of the corpus once; ctest test
#       "fuzz.NAME.replay", label "fuzz".
#     VTD_FUZZ_ENGINE=libfuzzer (preset fuzz: clang, ASan, UBSan): a libFuzzer program; ctest test "fuzz.NAME.run" fuzzes
#       for VTD_FUZZ_SECONDS (environment, default 10) from the corpus; new finds are kept in
#       <build>/fuzz/NAME/corpus, crashes in <build>/fuzz/NAME/crash-*.
#   To keep a crash as a regression test, copy its file into the corpus directory under a telling name.
#   A dictionary for libFuzzer may lie beside the corpus: DIRECTORY.dict.
#
# vtdsim::internal (defined by model/) gives unit tests the headers in model/src and the symbols that the shared library hides.
# C++ tests include those headers inside extern "C".

# GoogleTest's headers take longer to read than most tests: read once, for all programs. Tests need to be built fast rather
# than to be fast: where no other choice was made (the preset asan makes one), -O1.
if(TARGET GTest::gmock) # there are fuzz targets without tests, too
    add_library(vtd_test_headers OBJECT "${PROJECT_SOURCE_DIR}/cmake/test_headers.cpp")
    target_link_libraries(vtd_test_headers PRIVATE GTest::gmock GTest::gtest)
    target_precompile_headers(vtd_test_headers PRIVATE <gtest/gtest.h> <gmock/gmock.h>)
    set(vtd_test_options "$<$<AND:$<COMPILE_LANGUAGE:CXX>,$<STREQUAL:${CMAKE_CXX_FLAGS_RELEASE},-O2 -DNDEBUG>>:-O1>")
    target_compile_options(vtd_test_headers PRIVATE ${vtd_test_options})
endif()

set(VTD_TEST_DEFAULT_TIMEOUT 60)
if(VTD_SANITIZE OR VTD_COVERAGE)
    set(VTD_TEST_DEFAULT_TIMEOUT 300)
endif()

function(vtd_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "LONG" "TIMEOUT" "SOURCES;LIBS")
    if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "vtd_add_test(${name}): SOURCES missing or unknown argument '${arg_UNPARSED_ARGUMENTS}'")
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT ${VTD_TEST_DEFAULT_TIMEOUT})
    endif()
    get_filename_component(layer "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
    set(labels ${layer})
    if(arg_LONG)
        set(labels long)
    endif()

    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_LIBS} vtdsim::vtdsim GTest::gmock GTest::gtest_main)
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/testbenches")
    target_precompile_headers(${name} REUSE_FROM vtd_test_headers)
    target_compile_options(${name} PRIVATE ${vtd_test_options})
    target_compile_definitions(${name} PRIVATE
        VTD_TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}" VTD_TEST_BIN_DIR="${PROJECT_BINARY_DIR}/bin")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin/tests")
    # PRE_TEST: the list of tests is asked for when ctest starts, not in the build.
    gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
        PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS ${labels})
endfunction()

function(vtd_add_fuzzer name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORPUS" "SOURCES;LIBS")
    if(NOT arg_SOURCES OR NOT arg_CORPUS OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "vtd_add_fuzzer(${name}): SOURCES or CORPUS missing or unknown argument"
            " '${arg_UNPARSED_ARGUMENTS}'")
    endif()
    get_filename_component(corpus "${arg_CORPUS}" ABSOLUTE)
    if(NOT IS_DIRECTORY "${corpus}")
        message(FATAL_ERROR "vtd_add_fuzzer(${name}): no corpus directory ${corpus}")
    endif()

    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_LIBS} vtdsim::vtdsim)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin/fuzz")
    if(VTD_FUZZ_ENGINE STREQUAL "libfuzzer")
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
        # The script keeps the time itself; the time limit of ctest is only the last resort.
        add_test(NAME fuzz.${name}.run COMMAND ${CMAKE_COMMAND} -DFUZZER=$<TARGET_FILE:${name}> -DSEEDS=${corpus}
            -DWORK=${PROJECT_BINARY_DIR}/fuzz/${name} -P ${PROJECT_SOURCE_DIR}/cmake/RunFuzzer.cmake)
        set_tests_properties(fuzz.${name}.run PROPERTIES LABELS fuzz TIMEOUT 1000000)
    else()
        target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/replay_main.c)
        add_test(NAME fuzz.${name}.replay COMMAND ${name} "${corpus}")
        set_tests_properties(fuzz.${name}.replay PROPERTIES LABELS fuzz TIMEOUT ${VTD_TEST_DEFAULT_TIMEOUT})
    endif()
endfunction()
