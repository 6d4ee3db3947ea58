# Address and undefined-behaviour sanitizers for everything built, where SIGNALBOX_SANITIZE is on.
add_library(signalbox_sanitizers INTERFACE)
if(SIGNALBOX_SANITIZE)
  set(flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(signalbox_sanitizers INTERFACE ${flags})
  target_link_options(signalbox_sanitizers INTERFACE ${flags})
endif()
add_library(signalbox::sanitizers ALIAS signalbox_sanitizers)
