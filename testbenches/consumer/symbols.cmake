# SPDX-License-Identifier: MIT
#
# What the library says about itself, seen in its symbols: it needs only a few functions of libc (no stdio, no abort, no
# clock, no random numbers), every name with external linkage begins with vtd_, and it has no writable data, so that
# instances cannot influence each other.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
new_work()

run(${NM} ${LIBRARY})
string(REPLACE "\n" ";" lines "${run_output}")
set(defined)
set(undefined)
set(problems)
foreach(line ${lines})
    if(line MATCHES "^ +U (.+)$")
        list(APPEND undefined ${CMAKE_MATCH_1})
    elseif(line MATCHES "^[0-9a-f]+ ([A-Za-z]) (.+)$")
        set(kind ${CMAKE_MATCH_1})
        set(name ${CMAKE_MATCH_2})
        list(APPEND defined ${name})
        # Zero-initialized and common data. D and d also mark constants that hold addresses (.data.rel.ro), so the sections
        # are looked at below.
        if(kind MATCHES "^[BbCGgSs]$")
            list(APPEND problems "writable data: ${name}")
        endif()
        if(kind MATCHES "^[A-Z]$" AND NOT name MATCHES "^vtd_")
            list(APPEND problems "external name without vtd_: ${name}")
        endif()
    endif()
endforeach()
if(NOT "vtd_create" IN_LIST defined)
    list(APPEND problems "vtd_create is not there: is this the library?")
endif()

set(allowed calloc malloc free memcpy memmove memset memcmp strcmp strncmp strlen
    aligned_alloc posix_memalign _GLOBAL_OFFSET_TABLE_ __stack_chk_fail
    # what _FORTIFY_SOURCE makes of them
    __memcpy_chk __memmove_chk __memset_chk)
list(REMOVE_DUPLICATES undefined)
foreach(name ${undefined})
    if(NOT name IN_LIST defined AND NOT name IN_LIST allowed)
        list(APPEND problems "needs ${name}")
    endif()
endforeach()

# Writable data lies in a section .data or .bss that is not empty.
find_program(SIZE size REQUIRED)
run(${SIZE} -A ${LIBRARY})
string(REGEX MATCHALL "\n\\.(data|bss)[^ ]* +[1-9][0-9]*" matches "${run_output}")
foreach(match ${matches})
    string(STRIP "${match}" match)
    if(NOT match MATCHES "^\\.data\\.rel\\.ro")
        list(APPEND problems "writable section: ${match}")
    endif()
endforeach()

if(problems)
    string(REPLACE ";" "\n  " problems "${problems}")
    message(FATAL_ERROR "libvtdsim breaks its rules:\n  ${problems}")
endif()
