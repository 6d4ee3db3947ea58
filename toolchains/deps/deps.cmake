# The third-party libraries, built once from pinned sources with our patches and options.
# Include it after project(); it gives the targets signalbox::mbedtls and signalbox::libwebsockets.
# How it works, and how to build without Debian's archive: README.md beside this file.
set(SIGNALBOX_MBEDTLS_SOURCE_DIR "" CACHE PATH "mbedTLS source directory, instead of Debian's source package")
set(SIGNALBOX_LIBWEBSOCKETS_SOURCE_DIR "" CACHE PATH "libwebsockets source directory, instead of Debian's source package")
set(SIGNALBOX_SANITIZE OFF CACHE STRING "ON for the address sanitizer, or any list that -fsanitize= takes")

set(SIGNALBOX_WITHOUT_PATCH "" CACHE STRING "Name of one of our patches to take out again, to see its test fail")

set(_sb_here ${CMAKE_CURRENT_LIST_DIR})
get_filename_component(_sb_root ${_sb_here}/../.. ABSOLUTE)
set(SIGNALBOX_DEPS_DIR ${_sb_root}/build/deps CACHE PATH "Where the built libraries are kept, for all presets")

# All that the result depends on goes into the name of its directory.
function(_sb_prefix out)
  file(GLOB recipe ${_sb_here}/* ${_sb_here}/*/* ${_sb_here}/*/patches/*)
  list(FILTER recipe EXCLUDE REGEX "README|/deps[.]cmake$|/advisories$")
  set(ingredients "${CMAKE_C_COMPILER} ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION} ${CMAKE_SYSTEM_PROCESSOR} \
${SIGNALBOX_SANITIZE} ${SIGNALBOX_WITHOUT_PATCH} ${SIGNALBOX_MBEDTLS_SOURCE_DIR} ${SIGNALBOX_LIBWEBSOCKETS_SOURCE_DIR}")
  if(SIGNALBOX_SANITIZE)
    string(APPEND ingredients " linked") # since libwebsockets' questions are linked with the sanitizers
  endif()
  foreach(file ${recipe} ${CMAKE_TOOLCHAIN_FILE})
    if(NOT IS_DIRECTORY ${file})
      file(SHA256 ${file} sum)
      string(APPEND ingredients " ${sum}")
    endif()
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${recipe})
  string(SHA256 hash "${ingredients}")
  string(SUBSTRING ${hash} 0 12 hash)
  set(${out} ${SIGNALBOX_DEPS_DIR}/${hash} PARENT_SCOPE)
endfunction()

# Runs a command with its output in a log; shows the end of the log and stops if it fails.
function(_sb_run log what)
  execute_process(COMMAND ${ARGN} OUTPUT_FILE ${log} ERROR_FILE ${log} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    execute_process(COMMAND tail -n 25 ${log} OUTPUT_VARIABLE tail)
    message(FATAL_ERROR "deps: ${what} failed. The end of ${log}:\n${tail}")
  endif()
endfunction()

# _sb_patch LIBRARY WORK PATCH [--reverse]
function(_sb_patch library work patch)
  execute_process(COMMAND patch -d ${work}/${library} -p1 -s -f --no-backup-if-mismatch ${ARGN} -i ${patch}
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    get_filename_component(name ${patch} NAME)
    message(FATAL_ERROR "deps: our patch ${library}/patches/${name} does not apply to these sources:\n${output}"
      "Take the tested version (toolchains/deps/lock), or adapt the patch.")
  endif()
endfunction()

# The sources of a library in <work>/<library>, from the given directory or from Debian, patched.
function(_sb_sources library work)
  string(TOUPPER ${library} upper)
  set(given "${SIGNALBOX_${upper}_SOURCE_DIR}")
  if(given)
    message(STATUS "deps: copying ${library} from ${given}")
    if(NOT EXISTS ${given}/CMakeLists.txt)
      message(FATAL_ERROR "deps: SIGNALBOX_${upper}_SOURCE_DIR=${given} has no CMakeLists.txt: it must be the top of the sources")
    endif()
    file(REMOVE_RECURSE ${work}/${library})
    execute_process(COMMAND cp -a ${given}/. ${work}/${library} COMMAND_ERROR_IS_FATAL ANY)
  else()
    execute_process(COMMAND ${_sb_here}/fetch ${library} ${work}/${library} RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "deps: no sources for ${library}: see the lines above")
    endif()
  endif()
  file(GLOB patches ${_sb_here}/${library}/patches/*.patch)
  if(library STREQUAL libwebsockets)
    file(STRINGS ${work}/${library}/CMakeLists.txt major REGEX "CPACK_PACKAGE_VERSION_MAJOR \"" LIMIT_COUNT 1)
    if(NOT major MATCHES "\"4\"")
      message(STATUS "deps: these sources are not libwebsockets 4: built without our patches")
      return()
    endif()
  endif()
  foreach(patch ${patches})
    _sb_patch(${library} ${work} ${patch})
  endforeach()
  foreach(patch ${patches})
    if(SIGNALBOX_WITHOUT_PATCH AND patch MATCHES "/${SIGNALBOX_WITHOUT_PATCH}$")
      _sb_patch(${library} ${work} ${patch} --reverse)
    endif()
  endforeach()
endfunction()

# _sb_build LIBRARY WORK PREFIX SOURCE_DIR [cmake arguments]
function(_sb_build library work prefix source)
  cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
  set(flags "-O2 -g -ffunction-sections -fdata-sections")
  if(SIGNALBOX_SANITIZE)
    string(REGEX REPLACE "^(ON|TRUE|1)$" "address" sanitizers "${SIGNALBOX_SANITIZE}")
    string(APPEND flags " -fno-omit-frame-pointer -fsanitize=${sanitizers}")
    # Without it no question that libwebsockets asks of mbedTLS can be linked, and every answer is no.
    set(linking "-DCMAKE_EXE_LINKER_FLAGS=-fsanitize=${sanitizers}" -DCMAKE_POLICY_DEFAULT_CMP0056=NEW)
  else()
    string(APPEND flags " -DNDEBUG")
  endif()
  set(arguments -G ${CMAKE_GENERATOR} -DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX=${prefix}
    -DCMAKE_INSTALL_LIBDIR=lib "-DCMAKE_C_FLAGS_NONE=${flags}" ${linking} -DSOURCE_DIR=${work}/${library} -Wno-dev)
  if(CMAKE_TOOLCHAIN_FILE)
    list(APPEND arguments -DCMAKE_TOOLCHAIN_FILE=${CMAKE_TOOLCHAIN_FILE})
  else()
    list(APPEND arguments -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER})
  endif()
  message(STATUS "deps: building ${library} (log: ${prefix}/${library}.log)")
  _sb_run(${prefix}/${library}.log "configuring ${library}"
    ${CMAKE_COMMAND} ${ARGN} -S ${source} -B ${work}/build-${library} ${arguments})
  _sb_run(${prefix}/${library}.log "building ${library}"
    ${CMAKE_COMMAND} --build ${work}/build-${library} --target install -j ${cores})
  file(GLOB version ${work}/${library}/.signalbox-version)
  if(version)
    file(COPY_FILE ${version} ${prefix}/${library}.version)
  endif()
endfunction()

function(_sb_build_all prefix)
  set(work ${prefix}/work)
  set(ENV{GIT_CEILING_DIRECTORIES} ${work}) # or libwebsockets takes our commit for its own
  file(REMOVE_RECURSE ${prefix})
  file(MAKE_DIRECTORY ${work})
  foreach(library mbedtls libwebsockets)
    _sb_sources(${library} ${work})
  endforeach()
  _sb_build(mbedtls ${work} ${prefix} ${_sb_here}/mbedtls)
  _sb_build(libwebsockets ${work} ${prefix} ${work}/libwebsockets -C ${_sb_here}/libwebsockets/options.cmake
    -DLWS_MBEDTLS_LIBRARIES=${prefix}/lib/libmbedtls.a -DLWS_MBEDTLS_INCLUDE_DIRS=${prefix}/include
    -DMBEDTLS_LIBRARY=${prefix}/lib/libmbedtls.a)
  file(STRINGS ${prefix}/include/lws_config.h found REGEX "#define LWS_HAVE_mbedtls_ssl_(set_hs_authmode|set_verify|conf_sni|conf_alpn_protocols)")
  list(LENGTH found count)
  if(NOT count EQUAL 4)
    message(FATAL_ERROR "deps: libwebsockets did not find what it needs of mbedTLS; see ${prefix}/libwebsockets.log")
  endif()
  file(COPY ${_sb_here}/libwebsockets/signalbox_lws.h DESTINATION ${prefix}/include)
  file(REMOVE_RECURSE ${work})
  file(TOUCH ${prefix}/complete)
endfunction()

function(_sb_target name archive)
  add_library(signalbox::${name} STATIC IMPORTED GLOBAL)
  set_target_properties(signalbox::${name} PROPERTIES IMPORTED_LOCATION ${SIGNALBOX_DEPS_PREFIX}/lib/${archive}
    INTERFACE_INCLUDE_DIRECTORIES ${SIGNALBOX_DEPS_PREFIX}/include INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()

_sb_prefix(SIGNALBOX_DEPS_PREFIX)
file(MAKE_DIRECTORY ${SIGNALBOX_DEPS_DIR})
file(LOCK ${SIGNALBOX_DEPS_DIR}/lock)
if(NOT EXISTS ${SIGNALBOX_DEPS_PREFIX}/complete)
  message(STATUS "deps: building the third-party libraries once, in ${SIGNALBOX_DEPS_PREFIX} (about a minute)")
  _sb_build_all(${SIGNALBOX_DEPS_PREFIX})
endif()
file(LOCK ${SIGNALBOX_DEPS_DIR}/lock RELEASE)

_sb_target(mbedtls libmbedtls.a)
_sb_target(libwebsockets libwebsockets.a signalbox::mbedtls)
