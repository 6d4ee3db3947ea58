# 32-bit ARM with hardware floating point (ARMv7-A): BeagleBone, Raspberry Pi 2 and later; not Pi 1 and Zero.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm)
set(triplet arm-linux-gnueabihf)
set(debian armhf)
include(${CMAKE_CURRENT_LIST_DIR}/arm.cmake)
