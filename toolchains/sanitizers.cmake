# Address and undefined-behaviour sanitizers for everything built, where SIGNALBOX_SANITIZE is on; libFuzzer's counters
# too, where it names them. The check of virtual tables needs RTTI, which the firmware is built without.
add_library(signalbox_sanitizers INTERFACE)
if(SIGNALBOX_SANITIZE)
  set(flags -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(SIGNALBOX_SANITIZE MATCHES fuzzer)
    list(APPEND flags -fsanitize=fuzzer-no-link)
  endif()
  target_compile_options(signalbox_sanitizers INTERFACE ${flags})
  target_link_options(signalbox_sanitizers INTERFACE ${flags})
endif()
add_library(signalbox::sanitizers ALIAS signalbox_sanitizers)
