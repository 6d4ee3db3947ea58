# Our own code is compiled with these; libraries come in as system headers and are left alone.
add_library(signalbox_warnings INTERFACE)
target_compile_options(signalbox_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror)
add_library(signalbox::warnings ALIAS signalbox_warnings)
