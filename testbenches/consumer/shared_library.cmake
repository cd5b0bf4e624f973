# SPDX-License-Identifier: MIT
#
# The model as a shared library: it builds, a C program runs with it, and it exports what vtd.h declares and nothing else.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
new_work()

run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/library -DBUILD_SHARED_LIBS=ON -DVTD_BUILD_SIM=OFF -DVTD_BUILD_TESTS=OFF
    -DVTD_BUILD_BENCH=OFF -DVTD_BUILD_FUZZ=OFF -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_INSTALL_LIBDIR=lib)
run(${CMAKE_COMMAND} --build ${WORK}/library)
run(${CMAKE_COMMAND} --install ${WORK}/library --prefix ${WORK}/prefix)

run(${C_COMPILER} -std=c17 ${CMAKE_CURRENT_LIST_DIR}/project/consumer.c -o ${WORK}/consumer_shared
    -I${WORK}/prefix/include -L${WORK}/prefix/lib -lvtdsim -Wl,-rpath,${WORK}/prefix/lib)
run(${WORK}/consumer_shared)
expect("vtdsim ${VERSION} from C: right")

# Declared: every "VTD_API ... name(" of the headers.
file(GLOB headers "${WORK}/prefix/include/vtd/*.h")
set(declared)
foreach(header ${headers})
    file(READ "${header}" text)
    string(REGEX MATCHALL "VTD_API [^();#]*(vtd_[a-z0-9_]+)\\(" matches "${text}")
    foreach(match ${matches})
        string(REGEX REPLACE ".*(vtd_[a-z0-9_]+)\\($" "\\1" name "${match}")
        list(APPEND declared ${name})
    endforeach()
endforeach()
list(SORT declared)

find_program(NM nm REQUIRED)
run(${NM} -D --defined-only ${WORK}/prefix/lib/libvtdsim.so)
string(REGEX MATCHALL " [A-Za-z] [^\n]+" matches "${run_output}")
set(exported)
foreach(match ${matches})
    string(REGEX REPLACE "^ [A-Za-z] " "" name "${match}")
    list(APPEND exported ${name})
endforeach()
list(SORT exported)
if(NOT declared STREQUAL exported OR NOT declared)
    set(undeclared ${exported})
    list(REMOVE_ITEM undeclared ${declared} "")
    set(missing ${declared})
    list(REMOVE_ITEM missing ${exported} "")
    message(FATAL_ERROR "exported but not declared: '${undeclared}'; declared but not exported: '${missing}'")
endif()
