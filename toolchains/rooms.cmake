# The sources of a folder are compiled at once: half the time would go to reading the same headers again. Every file still
# names what it uses: tests/tidy reads each alone.
function(signalbox_compile_by_room target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources EXCLUDE REGEX "^[$]<") # objects of others
  foreach(source IN LISTS sources)
    get_filename_component(room ${source} DIRECTORY)
    file(RELATIVE_PATH room ${PROJECT_SOURCE_DIR} ${room})
    string(REPLACE "/" "_" room ${room})
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${room})
  endforeach()
endfunction()

# A program without what nothing calls, and with what its loop goes through side by side (loop.ld).
function(signalbox_link_program target)
  target_link_options(${target} PRIVATE -Wl,--gc-sections)
  if(NOT SIGNALBOX_SANITIZE)
    set(order ${PROJECT_SOURCE_DIR}/toolchains/loop.ld)
    target_link_options(${target} PRIVATE -Wl,-T,${order})
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${order})
  endif()
endfunction()
