# SPDX-License-Identifier: MIT
#
# Runs the program EXAMPLE and compares its output with the file EXPECTED.
execute_process(COMMAND "${EXAMPLE}" OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE status)
file(READ "${EXPECTED}" expected)
if(NOT status EQUAL 0 OR NOT output STREQUAL expected OR errors)
    message(FATAL_ERROR "status ${status}\n${errors}\noutput:\n${output}\nexpected:\n${expected}")
endif()
