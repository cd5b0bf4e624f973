# SPDX-License-Identifier: MIT
#
# What the scripts of this directory share. Variables from the command line: SOURCE (top of the source tree), BUILD (the
# surrounding build tree), WORK (a directory of this test), C_COMPILER, CXX_COMPILER, VERSION.

cmake_policy(VERSION 3.25)

# The environment of the surrounding build must not find its way into the builds of the tests.
foreach(variable CFLAGS CXXFLAGS LDFLAGS CC CXX CMAKE_PREFIX_PATH CMAKE_GENERATOR DESTDIR PKG_CONFIG_PATH)
    unset(ENV{${variable}})
endforeach()

# run(COMMAND...): runs it in WORK, or ends the test with its output. The output is left in run_output.
function(run)
    execute_process(COMMAND ${ARGV} WORKING_DIRECTORY "${WORK}" RESULT_VARIABLE result
        OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT result EQUAL 0)
        string(REPLACE ";" " " command "${ARGV}")
        message("${output}")
        message(FATAL_ERROR "'${command}' ended with '${result}' and the output above")
    endif()
    set(run_output "${output}" PARENT_SCOPE)
endfunction()

# expect(TEXT): the output of the last run contains TEXT.
function(expect text)
    string(FIND "${run_output}" "${text}" at)
    if(at EQUAL -1)
        message("${run_output}")
        message(FATAL_ERROR "expected '${text}' in the output above")
    endif()
endfunction()

# new_work(): an empty WORK directory.
macro(new_work)
    file(REMOVE_RECURSE "${WORK}")
    file(MAKE_DIRECTORY "${WORK}")
endmacro()
