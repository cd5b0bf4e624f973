# SPDX-License-Identifier: MIT
#
# Runs one libFuzzer program for the seconds in the environment variable VTD_FUZZ_SECONDS (default 10), starting from the
# seeds in the source tree and from what earlier runs found. Called by ctest:
#   cmake -DFUZZER=program -DSEEDS=directory -DWORK=directory -P RunFuzzer.cmake
set(seconds 10)
if(DEFINED ENV{VTD_FUZZ_SECONDS})
    set(seconds "$ENV{VTD_FUZZ_SECONDS}")
endif()
if(NOT seconds MATCHES "^[1-9][0-9]*$")
    message(FATAL_ERROR "VTD_FUZZ_SECONDS is '${seconds}'; it must be a positive number of seconds")
endif()

file(MAKE_DIRECTORY "${WORK}/corpus")
set(options -max_total_time=${seconds} -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 "-artifact_prefix=${WORK}/")
if(EXISTS "${SEEDS}.dict")
    list(APPEND options "-dict=${SEEDS}.dict")
endif()
math(EXPR limit "${seconds} + 120") # loading the corpus and a last slow input come on top
execute_process(COMMAND "${FUZZER}" ${options} "${WORK}/corpus" "${SEEDS}" RESULT_VARIABLE result TIMEOUT ${limit})
if(NOT result EQUAL 0)
    message(FATAL_ERROR "${FUZZER} ended with '${result}'; the input is in ${WORK}; play it with: ${FUZZER} FILE")
endif()
