# The real link with an echo behind it, driven by clients that do everything right and everything wrong.
add_executable(link_echo link_echo.cpp echo_door.cpp)
target_link_libraries(link_echo PRIVATE signalbox_firmware)

if(CMAKE_CROSSCOMPILING)
  return() # the same code serves the tests of the simulator there
endif()
foreach(suite conformance http tls limits)
  add_test(NAME link.${suite} COMMAND /usr/bin/python3 -B -W ignore -m unittest -v ${suite}_test
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(link.${suite} PROPERTIES TIMEOUT 300
    ENVIRONMENT "LINK_ECHO=$<TARGET_FILE:link_echo>;SIGNALBOX_SANITIZED=${SIGNALBOX_SANITIZE}")
endforeach()
