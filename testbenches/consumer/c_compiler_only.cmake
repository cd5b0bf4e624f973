# SPDX-License-Identifier: MIT
#
# The model needs a C compiler and CMake, nothing else: a copy with only its own files builds with make, without a C++
# compiler, without pkg-config and without any other part of this project. And what is left out is said, not hidden.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
new_work()
find_program(MAKE NAMES make gmake REQUIRED)
set(ENV{CXX} /bin/false)

file(COPY "${SOURCE}/CMakeLists.txt" "${SOURCE}/cmake" "${SOURCE}/model" DESTINATION "${WORK}/copy")
run(${CMAKE_COMMAND} -S ${WORK}/copy -B ${WORK}/build -G "Unix Makefiles" -DCMAKE_C_COMPILER=${C_COMPILER}
    -DPKG_CONFIG_EXECUTABLE=/bin/false -DVTD_BUILD_SIM=OFF -DVTD_BUILD_TESTS=OFF -DVTD_BUILD_BENCH=OFF -DVTD_BUILD_FUZZ=OFF
    -DVTD_BUILD_TLM=OFF)
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${CMAKE_COMMAND} --install ${WORK}/build --prefix ${WORK}/prefix)
foreach(file include/vtd/vtd.h include/vtd/defs/counters.def)
    if(NOT EXISTS "${WORK}/prefix/${file}")
        message(FATAL_ERROR "not installed: ${file}")
    endif()
endforeach()

# AUTO leaves out what cannot be built, and names the reason.
run(${CMAKE_COMMAND} -S ${WORK}/copy -B ${WORK}/build-auto -G "Unix Makefiles" -DCMAKE_C_COMPILER=${C_COMPILER}
    -DPKG_CONFIG_EXECUTABLE=/bin/false)
expect("vtdsim part SIM: left out (missing: pkg-config)")
expect("vtdsim part TESTS: left out (missing: the simulator, a C++ compiler)")
expect("vtdsim part BENCH: left out (missing: the simulator, a C++ compiler)")
expect("vtdsim part FUZZ: left out (missing: the simulator)")
expect("vtdsim part TLM: left out (missing: the simulator, a C++ compiler, SystemC 2.3.3 or later)")

# ON is an error then.
execute_process(COMMAND ${CMAKE_COMMAND} -S ${WORK}/copy -B ${WORK}/build-on -G "Unix Makefiles"
    -DCMAKE_C_COMPILER=${C_COMPILER} -DPKG_CONFIG_EXECUTABLE=/bin/false -DVTD_BUILD_SIM=ON
    RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE run_output)
if(result EQUAL 0)
    message(FATAL_ERROR "VTD_BUILD_SIM=ON was accepted without its libraries")
endif()
expect("VTD_BUILD_SIM is ON, but this is missing")
