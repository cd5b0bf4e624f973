# SPDX-License-Identifier: MIT
#
# The project inside another one, by add_subdirectory: only the model is built, the same target name works as with
# find_package, and the surrounding project's build type and directories stay its own.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
new_work()

file(COPY "${CMAKE_CURRENT_LIST_DIR}/project/consumer.c" DESTINATION "${WORK}/project")
file(WRITE "${WORK}/project/CMakeLists.txt" "
cmake_minimum_required(VERSION 3.25)
project(outer LANGUAGES C)
add_subdirectory(\"${SOURCE}\" vtdsim)
add_executable(consumer consumer.c)
target_link_libraries(consumer PRIVATE vtdsim::vtdsim)
")
run(${CMAKE_COMMAND} -S ${WORK}/project -B ${WORK}/build -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_BUILD_TYPE=Debug)
expect("vtdsim part SIM: left out (switched off)")
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer)
expect("vtdsim ${VERSION} from C: right")
