# 32-bit ARM with hardware floating point (ARMv7-A): BeagleBone, Raspberry Pi 2 and later; not Pi 1 and Zero.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)
set(CMAKE_CXX_COMPILER arm-linux-gnueabihf-g++)
# libc.a brings malloc too; the first definition is that of firmware/memory/heap_trap.cpp.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -Wl,-z,muldefs")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm)
set(CMAKE_FIND_ROOT_PATH /usr/arm-linux-gnueabihf ${CMAKE_CURRENT_LIST_DIR}/../build/foreign/armhf/usr)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
