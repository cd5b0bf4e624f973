# SPDX-License-Identifier: MIT
#
# Installs the surrounding build, moves the installed tree (it must be relocatable), and uses it in the three ways that the
# documentation names: find_package from C, find_package from C++, pkg-config from C; and with WITH_TLM the SystemC module in
# both ways.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
new_work()

set(configuration)
if(CONFIG)
    set(configuration --config ${CONFIG})
endif()
run(${CMAKE_COMMAND} --install ${BUILD} ${configuration} --prefix ${WORK}/first-prefix)
file(RENAME "${WORK}/first-prefix" "${WORK}/prefix")

file(GLOB_RECURSE pc_file "${WORK}/prefix/vtdsim.pc")
list(LENGTH pc_file count)
if(NOT count EQUAL 1)
    message(FATAL_ERROR "expected one vtdsim.pc below the prefix, found: '${pc_file}'")
endif()
get_filename_component(pc_dir "${pc_file}" DIRECTORY)
get_filename_component(lib_dir "${pc_dir}" DIRECTORY)
set(ENV{LD_LIBRARY_PATH} "${lib_dir}") # matters only when the library is shared

# --- find_package
string(REGEX REPLACE "\\.[0-9]+$" "" wanted "${VERSION}")
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/project -B ${WORK}/build -DCMAKE_PREFIX_PATH=${WORK}/prefix
    -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DWANTED_VERSION=${wanted}
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF -DWITH_TLM=${WITH_TLM})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer_c)
expect("vtdsim ${VERSION} from C: right")
run(${WORK}/build/consumer_cpp)
expect("vtdsim ${VERSION} from C++: right")
if(WITH_TLM)
    run(${WORK}/build/consumer_tlm)
    expect("vtdsim ${VERSION} from SystemC: right")
endif()

# --- a version that does not exist is refused
execute_process(COMMAND ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/project -B ${WORK}/build-newer
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
    -DWANTED_VERSION=99.0 RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
if(result EQUAL 0)
    message(FATAL_ERROR "find_package(vtdsim 99.0) was satisfied by version ${VERSION}")
endif()

# --- pkg-config
set(ENV{PKG_CONFIG_PATH} "${pc_dir}")
run(pkg-config --modversion vtdsim)
expect("${VERSION}")
run(pkg-config --cflags --libs vtdsim)
separate_arguments(flags UNIX_COMMAND "${run_output}")
run(${C_COMPILER} -std=c17 -Wall -Wextra -Werror ${CMAKE_CURRENT_LIST_DIR}/project/consumer.c -o ${WORK}/consumer_pc
    ${flags})
run(${WORK}/consumer_pc)
expect("vtdsim ${VERSION} from C: right")
if(WITH_TLM)
    run(pkg-config --cflags --libs vtdsim-tlm)
    separate_arguments(flags UNIX_COMMAND "${run_output}")
    run(${CXX_COMPILER} -std=c++17 -Wall -Wextra ${CMAKE_CURRENT_LIST_DIR}/project/consumer_tlm.cpp -o
        ${WORK}/consumer_tlm_pc ${flags})
    run(${WORK}/consumer_tlm_pc)
    expect("vtdsim ${VERSION} from SystemC: right")
endif()
