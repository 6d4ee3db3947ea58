# 64-bit ARM (ARMv8-A): Raspberry Pi 3 and later, on a 64-bit system.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
set(triplet aarch64-linux-gnu)
set(debian arm64)
include(${CMAKE_CURRENT_LIST_DIR}/arm.cmake)
