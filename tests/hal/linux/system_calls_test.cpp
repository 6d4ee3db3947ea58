#include "hal/linux/system_calls.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <linux/spi/spidev.h>
#include <netinet/in.h>
#include <sched.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hal/linux/child.hpp"
#include "memory/poison.hpp"  // tells whether the address sanitizer is there

namespace signalbox::hal::kernel {
namespace {

#ifdef __NR_mmap2
constexpr int kMapMemory = __NR_mmap2;  // 32-bit machines count in pages
#else
constexpr int kMapMemory = __NR_mmap;
#endif

void narrow(Process process) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(90);
  const Result<bool> restricted = restrict_system_calls(process);
  if (!restricted || !*restricted) _exit(91);
}

/// Dies of SIGSYS, and says which call it was, where standard error can be written to.
void expect_refused(Process process, long number, long first = 0, long second = 0, long third = 0,
                    long fifth = 0, long sixth = 0) {
  const std::string words =
      process == Process::loop ? "system call " + std::to_string(number) + " is not" : "";
  EXPECT_EXIT(
      {
        narrow(process);
        syscall(number, first, second, third, 0, fifth, sixth);
        _exit(0);
      },
      testing::KilledBySignal(SIGSYS), words)
      << number;
}

TEST(SystemCalls, WhatABreakInWouldNeedEndsTheProcess) {
  constexpr std::array kWanted{
      __NR_execve,        __NR_execveat,     __NR_clone,        __NR_socket,
      __NR_connect,       __NR_bind,         __NR_listen,       __NR_ptrace,
      kMapMemory,         __NR_mprotect,     __NR_setuid,       __NR_setresuid,
      __NR_capset,        __NR_prctl,        __NR_seccomp,      __NR_mount,
      __NR_unshare,       __NR_setns,        __NR_bpf,          __NR_io_uring_setup,
      __NR_init_module,   __NR_finit_module, __NR_kexec_load,   __NR_perf_event_open,
      __NR_keyctl,        __NR_userfaultfd,  __NR_memfd_create, __NR_process_vm_readv,
      __NR_kill,          __NR_rt_sigaction, __NR_symlinkat,    __NR_linkat,
      __NR_mkdirat,       __NR_fchownat,     __NR_reboot,       __NR_settimeofday,
      __NR_clock_settime, __NR_clone3,
  };
  for (const long number : kWanted) expect_refused(Process::loop, number);
}

TEST(SystemCalls, AnArgumentDecides) {
  expect_refused(Process::loop, __NR_ioctl, 1, TIOCSTI);
  expect_refused(Process::loop, __NR_tgkill, getppid(), getppid(), 0);
  for (const int command : {F_SETOWN, F_SETSIG, F_SETLEASE, F_NOTIFY, F_DUPFD, F_SETPIPE_SZ})
    expect_refused(Process::loop, __NR_fcntl, STDIN_FILENO, command, 0);
  for (const Process process : {Process::loop, Process::writer})
    expect_refused(process, __NR_sendto, STDIN_FILENO, 0, 0, 0, sizeof(sockaddr_in));
}

// The address sanitizer makes calls of its own when a process ends, and its builds are not fenced
// (sandbox.cpp).
#ifndef SIGNALBOX_POISONS
TEST(SystemCalls, ASignalToOneselfIsAllowed) {
  EXPECT_EQ(code_of_child([] {
              narrow(Process::loop);
              return syscall(__NR_tgkill, getpid(), gettid(), 0) == 0 ? 0 : 1;
            }),
            0);
}

TEST(SystemCalls, WhatServingNeedsIsAllowed) {
  EXPECT_EQ(code_of_child([] {
              narrow(Process::loop);
              std::array<char, 16> bytes{};
              const int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
              if (file < 0 || read(file, bytes.data(), bytes.size()) <= 0 || close(file) != 0) return 1;
              return getrandom(bytes.data(), bytes.size(), 0) == 16 ? 0 : 2;
            }),
            0);
}

TEST(SystemCalls, ABrokenInvariantStillEndsByAbort) {
  EXPECT_EXIT(
      {
        narrow(Process::loop);
        abort();
      },
      testing::KilledBySignal(SIGABRT), "");
}
#endif

TEST(SystemCalls, TheWriterCanDoLess) {
  for (const long number : {__NR_socketpair, __NR_accept4, __NR_getrandom, __NR_setsockopt, __NR_execve,
                            __NR_clone, __NR_prctl, __NR_seccomp, __NR_socket, __NR_tgkill})
    expect_refused(Process::writer, number);
  for (const long number : {__NR_execve, __NR_socket, __NR_accept4, __NR_setsockopt, __NR_kill})
    expect_refused(Process::watcher, number);
  EXPECT_LT(3 * system_calls_of(Process::writer), 2 * system_calls_of(Process::loop));
}

TEST(SystemCalls, WhoReadsSensorsCanReadOnly) {
  for (const long number : {__NR_write, __NR_ioctl, __NR_getdents64, __NR_unlinkat, __NR_ftruncate,
                            __NR_execve, __NR_socket, __NR_kill, __NR_clone, __NR_prctl})
    expect_refused(Process::attribute, number);
  for (const long number : {__NR_write, __NR_ioctl, __NR_execve, __NR_socket})
    expect_refused(Process::attribute_watcher, number);
  expect_refused(Process::port, __NR_read);
  expect_refused(Process::port, __NR_ioctl, 0, SPI_IOC_WR_LSB_FIRST);
}

TEST(SystemCalls, WhoHoldsPwmOutputsOrSerialPortsDoesNoMore) {
  for (const Process process : {Process::pwm, Process::serial})
    for (const long number : {__NR_execve, __NR_socket, __NR_kill, __NR_clone, kMapMemory, __NR_unlinkat})
      expect_refused(process, number);
  expect_refused(Process::pwm, __NR_ioctl, 0, TCGETS);
  expect_refused(Process::serial, __NR_write);
  expect_refused(Process::serial, __NR_ioctl, 0, TIOCSTI);  // types on somebody's terminal
  for (const Process watcher : {Process::pwm_watcher, Process::serial_watcher})
    for (const long number : {__NR_execve, __NR_socket, __NR_fsync}) expect_refused(watcher, number);
}

TEST(SystemCalls, WhoListensOnCanSpeaksToNobody) {
  for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET})
    expect_refused(Process::can, __NR_socket, family, SOCK_DGRAM);
  for (const long number : {__NR_connect, __NR_listen, __NR_accept4, __NR_write, __NR_read, __NR_sendmsg,
                            __NR_execve, __NR_kill, __NR_clone, kMapMemory})
    expect_refused(Process::can, number);
  expect_refused(Process::can, __NR_ioctl, 0, SIOCSIFFLAGS);  // brings an interface up
  for (const long number : {__NR_connect, __NR_execve, __NR_fsync})
    expect_refused(Process::can_watcher, number);
  for (const Process process : {Process::loop, Process::port, Process::serial})
    expect_refused(process, __NR_socket, AF_CAN, SOCK_RAW);
}

#ifndef SIGNALBOX_POISONS
TEST(SystemCalls, TheWatcherMakesAWriterThatNarrowsItself) {
  EXPECT_EQ(code_of_child([] {
              narrow(Process::watcher);
              const int made = code_of_child([] {
                prctl(PR_SET_NAME, "writer");
                const Result<bool> narrowed = restrict_system_calls(Process::writer);
                return narrowed && *narrowed ? 7 : 8;
              });
              return made;
            }),
            7);
}
#endif

#ifdef __x86_64__
TEST(SystemCalls, OfAnotherArchitectureAreRefused) {
  EXPECT_EXIT(
      {
        narrow(Process::loop);
        syscall(0x40000000 | __NR_getpid);  // x32 numbers lie beside ours
        _exit(0);
      },
      testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(
      {
        narrow(Process::loop);
        asm volatile("int $0x80" ::"a"(20) : "memory");  // getpid() of i386; 20 is writev() here
        _exit(0);
      },
      [](int status) {
        // A kernel without 32-bit programs has its own end for that.
        return testing::KilledBySignal{SIGSYS}(status) || testing::KilledBySignal{SIGSEGV}(status);
      },
      "");
}
#endif

}  // namespace
}  // namespace signalbox::hal::kernel
