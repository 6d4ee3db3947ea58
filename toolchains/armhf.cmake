# 32-bit ARM with hardware floating point (ARMv7-A): BeagleBone, Raspberry Pi 2 and later; not Pi 1 and Zero.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm)
set(triplet arm-linux-gnueabihf)
set(debian armhf)
# Times beyond 2038, and files and directories whose numbers have more than 32 bits; who called, as other processors' programs have it anyway.
set(CMAKE_C_FLAGS_INIT "-D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -funwind-tables")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT} -Wno-psabi")
include(${CMAKE_CURRENT_LIST_DIR}/arm.cmake)
