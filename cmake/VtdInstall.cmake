# SPDX-License-Identifier: MIT
#
# Installation of the libraries: headers, CMake package (find_package(vtdsim) gives vtdsim::vtdsim, with COMPONENTS tlm also
# vtdsim::tlm) and pkg-config files.
# All paths are relative to the installed files, so an installed tree may be moved. The programs are installed by sim/cli.
include(CMakePackageConfigHelpers)

set(vtd_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/vtdsim")

install(TARGETS vtdsim EXPORT vtdsim-targets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/model/include/vtd" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
install(EXPORT vtdsim-targets NAMESPACE vtdsim:: DESTINATION "${vtd_package_dir}")

if(VTD_TLM)
    install(TARGETS vtdsim_tlm EXPORT vtdsim-tlm-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    install(FILES "${PROJECT_SOURCE_DIR}/sim/tlm/include/vtd/tlm.hpp" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/vtd")
    install(EXPORT vtdsim-tlm-targets NAMESPACE vtdsim:: DESTINATION "${vtd_package_dir}")
endif()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/vtdsim-config.cmake.in"
    "${PROJECT_BINARY_DIR}/vtdsim-config.cmake" INSTALL_DESTINATION "${vtd_package_dir}")
# Before 1.0 a minor version may break the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/vtdsim-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/vtdsim-config.cmake" "${PROJECT_BINARY_DIR}/vtdsim-config-version.cmake"
    DESTINATION "${vtd_package_dir}")

# pkg-config: ${pcfiledir} is where the file lies; the way from there to the prefix depends on the library directory.
file(RELATIVE_PATH vtd_prefix_from_pc "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
string(REGEX REPLACE "/$" "" vtd_prefix_from_pc "${vtd_prefix_from_pc}")
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
    set(vtd_pc_prefix "${CMAKE_INSTALL_PREFIX}")
    set(vtd_pc_libdir "${CMAKE_INSTALL_FULL_LIBDIR}")
    set(vtd_pc_includedir "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
else()
    set(vtd_pc_prefix "\${pcfiledir}/${vtd_prefix_from_pc}")
    set(vtd_pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
    set(vtd_pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
configure_file("${PROJECT_SOURCE_DIR}/cmake/vtdsim.pc.in" "${PROJECT_BINARY_DIR}/vtdsim.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/vtdsim.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
if(VTD_TLM)
    configure_file("${PROJECT_SOURCE_DIR}/cmake/vtdsim-tlm.pc.in" "${PROJECT_BINARY_DIR}/vtdsim-tlm.pc" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/vtdsim-tlm.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endif()
