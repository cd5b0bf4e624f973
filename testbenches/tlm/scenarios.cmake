# SPDX-License-Identifier: MIT
#
# Runs all scenario files of the directory SCENARIOS with the program VTDSIM, over the model and over the SystemC module, and
# compares status and output.
file(GLOB files "${SCENARIOS}/*.vtd")
list(LENGTH files count)
if(count LESS 30)
    message(FATAL_ERROR "only ${count} scenarios in ${SCENARIOS}")
endif()
foreach(device model tlm)
    execute_process(COMMAND "${VTDSIM}" replay --dut ${device} ${files} RESULT_VARIABLE status OUTPUT_VARIABLE ${device}
        ERROR_VARIABLE errors)
    if(NOT status EQUAL 0 OR errors)
        message(FATAL_ERROR "--dut ${device}: status ${status}\n${errors}\n${${device}}")
    endif()
endforeach()
if(NOT model STREQUAL tlm OR NOT tlm MATCHES "${count} passed, 0 failed")
    message(FATAL_ERROR "the outputs differ:\n${model}\n${tlm}")
endif()
