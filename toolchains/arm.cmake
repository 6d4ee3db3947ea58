# What the boards' builds have in common; included by the two that say which `triplet` and `debian` (its name there) it is.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${triplet}-gcc)
set(CMAKE_CXX_COMPILER ${triplet}-g++)
# libc.a brings malloc too; the first definition is that of firmware/memory/heap_trap.cpp.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -Wl,-z,muldefs")
set(CMAKE_FIND_ROOT_PATH /usr/${triplet} ${CMAKE_CURRENT_LIST_DIR}/../build/foreign/${debian}/usr)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
