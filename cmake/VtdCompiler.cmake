# SPDX-License-Identifier: MIT
#
# Compiler settings of all targets of this project. They are directory properties of the top level, so they reach every
# subdirectory and do not leak into a project that embeds this one.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

if(PROJECT_IS_TOP_LEVEL)
    get_property(vtd_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
    if(NOT vtd_multi_config AND NOT CMAKE_BUILD_TYPE)
        set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
    endif()
    set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
    # One place for all programs.
    set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
endif()

if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
    add_compile_options(-Wall -Wextra -Wpedantic -Wshadow
        "$<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes;-Wmissing-prototypes>")
    # Calls within a shared library need not go through its symbol table.
    include(CheckCCompilerFlag)
    check_c_compiler_flag(-fno-semantic-interposition VTD_HAVE_NO_SEMANTIC_INTERPOSITION)
    if(VTD_HAVE_NO_SEMANTIC_INTERPOSITION)
        add_compile_options(-fno-semantic-interposition)
    endif()
    if(VTD_WERROR)
        add_compile_options(-Werror)
    endif()
endif()

if(VTD_SANITIZE)
    # -fno-sanitize-recover: a finding ends the program, so that the test fails. -g1: lines for the report; more makes gcc
    # take minutes for a test with hundreds of expectations (the preset asan compiles C++, the tests, with -O0 for that too).
    add_compile_options(-fsanitize=${VTD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
    add_link_options(-fsanitize=${VTD_SANITIZE})
endif()
if(VTD_FUZZ AND VTD_FUZZ_ENGINE STREQUAL "libfuzzer")
    # Coverage feedback for all code; the driver itself is linked to the fuzz targets only.
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(VTD_COVERAGE)
    add_compile_options(--coverage)
    add_link_options(--coverage)
endif()
