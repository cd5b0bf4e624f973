# SPDX-License-Identifier: MIT
#
# Runs the scenario files of the directory SCENARIOS with the program VTDSIM over the RTL. What the RTL has must give, to
# the letter, what it gives over the model; what it has not must be said to be not supported, with status 2.
cmake_policy(SET CMP0057 NEW)
set(can beyond-memory example faults-regs-0000 fs4-0000 iotlb-scopes large-pages linux-sm paging-structure-caches stale-0000)
# Reads the capabilities, which are the RTL's own.
set(differs memory-and-registers)

file(GLOB files "${SCENARIOS}/*.vtd")
set(common "")
foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WE)
    if(name IN_LIST can)
        list(APPEND common "${file}")
    elseif(NOT name IN_LIST differs)
        execute_process(COMMAND "${VTDSIM}" replay --dut rtl "${file}" RESULT_VARIABLE status OUTPUT_QUIET
            ERROR_VARIABLE errors)
        if(NOT status EQUAL 2 OR NOT errors MATCHES "${name}.vtd:[0-9]+: .*not supported by this device \\(rtl\\): ?[^ ]")
            if(NOT errors MATCHES "(page-request|to-device|endpoint|interrupt): not supported by this device \\(rtl\\)")
                message(FATAL_ERROR "${name}: status ${status}, wanted 2 and a reason\n${errors}")
            endif()
        endif()
    endif()
endforeach()
list(LENGTH common count)
foreach(device model rtl)
    execute_process(COMMAND "${VTDSIM}" replay --dut ${device} ${common} RESULT_VARIABLE status
        OUTPUT_VARIABLE ${device} ERROR_VARIABLE errors)
    if(NOT status EQUAL 0 OR errors)
        message(FATAL_ERROR "--dut ${device}: status ${status}\n${errors}\n${${device}}")
    endif()
endforeach()
if(NOT count EQUAL 9 OR NOT model STREQUAL rtl OR NOT rtl MATCHES "${count} passed, 0 failed")
    message(FATAL_ERROR "the outputs differ:\n${model}\n${rtl}")
endif()
