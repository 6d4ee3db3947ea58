#include "hal/linux/system_calls.hpp"

#include <array>
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/gpio.h>
#include <linux/i2c-dev.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <linux/spi/spidev.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hal/linux/error_words.hpp"
#include "hal/linux/gpio_line.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr std::uint16_t kLoop = static_cast<std::uint16_t>(Process::loop);
constexpr std::uint16_t kWatcher = static_cast<std::uint16_t>(Process::watcher);
constexpr std::uint16_t kWriter = static_cast<std::uint16_t>(Process::writer);
constexpr std::uint16_t kPortWatcher = static_cast<std::uint16_t>(Process::port_watcher);
constexpr std::uint16_t kPort = static_cast<std::uint16_t>(Process::port);
constexpr std::uint16_t kAttributeWatcher = static_cast<std::uint16_t>(Process::attribute_watcher);
constexpr std::uint16_t kAttribute = static_cast<std::uint16_t>(Process::attribute);
constexpr std::uint16_t kPwmWatcher = static_cast<std::uint16_t>(Process::pwm_watcher);
constexpr std::uint16_t kPwm = static_cast<std::uint16_t>(Process::pwm);
constexpr std::uint16_t kSerialWatcher = static_cast<std::uint16_t>(Process::serial_watcher);
constexpr std::uint16_t kSerial = static_cast<std::uint16_t>(Process::serial);
constexpr std::uint16_t kCanWatcher = static_cast<std::uint16_t>(Process::can_watcher);
constexpr std::uint16_t kCan = static_cast<std::uint16_t>(Process::can);
/// Those that hold devices, or read them.
constexpr std::uint16_t kDevices = kPort | kAttribute | kPwm | kSerial | kCan;
constexpr std::uint16_t kDeviceWatchers =
    kPortWatcher | kAttributeWatcher | kPwmWatcher | kSerialWatcher | kCanWatcher;
constexpr std::uint16_t kAll = kLoop | kWatcher | kWriter | kDevices;

/// A call that is allowed to some, perhaps with one value of one argument only. Arguments of 32 bits.
struct Allowed {
  std::uint32_t number;
  std::uint16_t to;
  int argument = -1;  ///< from 0; -1: whatever they are
  std::uint32_t value = 0;
};
/// As a value: the number of the process itself.
constexpr std::uint32_t kSelf = 0xFFFFFFFF;

// A call has a line because something of ours, or of the C library below it, makes it after start.
constexpr std::array kAllowed{
    // the loop waits
    Allowed{__NR_epoll_ctl, kLoop},
    Allowed{__NR_epoll_pwait, kLoop},
    Allowed{__NR_ppoll, kAll},
    Allowed{__NR_restart_syscall, kAll},  // a wait that a signal interrupted
    // connections come, speak and go; the loop opens none, so it has no socket(), and nobody has connect()
    Allowed{__NR_accept4, kLoop},
    Allowed{__NR_recvfrom, kLoop | kWriter | kDevices},
    Allowed{__NR_sendto, kAll, 5, 0},  // no address: where its socket is connected to
    Allowed{__NR_shutdown, kLoop},
    Allowed{__NR_getpeername, kLoop},
    Allowed{__NR_getsockname, kLoop},
    Allowed{__NR_setsockopt, kLoop | kCan},
    Allowed{__NR_getsockopt, kLoop, 2, SO_SNDBUF},  // how much a socket takes
    // a bus is opened anew when its interface comes back; it leads to no network
    Allowed{__NR_socket, kCan, 0, AF_CAN},
    Allowed{__NR_bind, kCan},
    Allowed{__NR_recvmsg, kCan},
    // descriptors
    Allowed{__NR_read, kLoop | kAttribute | kPwm | kSerial},
    Allowed{__NR_read, kPort, 2, GpioLine::kEdgesKept * sizeof(gpio_v2_line_event)},
    Allowed{__NR_write, kLoop | kWriter | kPwm},
    Allowed{__NR_close, kLoop | kWriter | kDevices},
    Allowed{__NR_dup, kLoop},  // the listener's reserve
    Allowed{__NR_fcntl, kLoop, 1, F_GETFD},
    Allowed{__NR_fcntl, kLoop, 1, F_SETFD},
    Allowed{__NR_fcntl, kLoop, 1, F_GETFL},
    Allowed{__NR_fcntl, kLoop, 1, F_SETFL},
    Allowed{__NR_prlimit64, kLoop},         // the limit of descriptors, given back at the end
    Allowed{__NR_ioctl, kLoop, 1, TCGETS},  // is it a terminal that the banner goes to
    Allowed{__NR_ioctl, kLoop, 1, TCGETS2},
    // what devices are asked
    Allowed{__NR_ioctl, kPort, 1, I2C_RDWR},
    Allowed{__NR_ioctl, kPort, 1, I2C_TIMEOUT},
    Allowed{__NR_ioctl, kPort, 1, I2C_FUNCS},
    Allowed{__NR_ioctl, kPort, 1, I2C_SLAVE},
    Allowed{__NR_ioctl, kPort, 1, I2C_SMBUS},
    Allowed{__NR_ioctl, kPort, 1, SPI_IOC_WR_MODE},
    Allowed{__NR_ioctl, kPort, 1, SPI_IOC_MESSAGE(1)},
    Allowed{__NR_ioctl, kPort, 1, GPIO_GET_CHIPINFO_IOCTL},
    Allowed{__NR_ioctl, kPort, 1, GPIO_V2_GET_LINEINFO_IOCTL},
    Allowed{__NR_ioctl, kPort, 1, GPIO_V2_GET_LINE_IOCTL},
    Allowed{__NR_ioctl, kPort, 1, GPIO_V2_LINE_SET_VALUES_IOCTL},
    Allowed{__NR_ioctl, kPort, 1, GPIO_V2_LINE_GET_VALUES_IOCTL},
    Allowed{__NR_ioctl, kSerial, 1, TCGETS2},
    Allowed{__NR_ioctl, kSerial, 1, TCSETS2},
    Allowed{__NR_ioctl, kSerial, 1, TCFLSH},
    Allowed{__NR_ioctl, kSerial, 1, TIOCEXCL},
    Allowed{__NR_ioctl, kSerial, 1, TIOCNXCL},
    Allowed{__NR_ioctl, kCan, 1, SIOCGIFINDEX},
    Allowed{__NR_ioctl, kCan, 1, SIOCGIFFLAGS},
    Allowed{__NR_setitimer, kDevices},  // its own end, where a device does not answer
#ifdef __NR_readlink
    Allowed{__NR_readlink, kAttribute | kPwm | kSerial},  // what a chip hangs on
#else
    Allowed{__NR_readlinkat, kAttribute | kPwm | kSerial},
#endif
    // the state directory and what is read again on SIGHUP
    Allowed{__NR_openat, kLoop | kWriter | kDevices},
    Allowed{__NR_lseek, kLoop | kWriter},
    Allowed{__NR_fstat, kLoop | kWriter},
    Allowed{__NR_fsync, kLoop | kWriter},  // of the loop: records that were taken away, on SIGHUP
    Allowed{__NR_fdatasync, kWriter},
    Allowed{__NR_fchmod, kLoop | kWriter},
    Allowed{__NR_renameat, kLoop | kWriter},
    Allowed{__NR_unlinkat, kLoop | kWriter},
    Allowed{__NR_pwrite64, kWriter},
    Allowed{__NR_ftruncate, kWriter},
    // the C library: time where it cannot be read without a call, randomness, what is given back at the end
    Allowed{__NR_clock_gettime, kAll},
    Allowed{__NR_gettimeofday, kLoop},
    Allowed{__NR_getrandom, kLoop},
    Allowed{__NR_brk, kLoop},
    Allowed{__NR_munmap, kLoop},
    Allowed{__NR_madvise, kAll, 2, MADV_DONTNEED},  // pages of the program that nobody needs now
    // who am I; abort() and nothing else may signal, and only itself
    Allowed{__NR_getpid, kAll},
    Allowed{__NR_gettid, kAll},
    Allowed{__NR_geteuid, kLoop},  // is the key, read again, ours alone
    Allowed{__NR_rt_sigprocmask, kAll},
    Allowed{__NR_rt_sigreturn, kAll},
    Allowed{__NR_tgkill, kLoop, 0, kSelf},
    // the end, and waiting for that of the journal's processes
    Allowed{__NR_wait4, kLoop | kWatcher},
    Allowed{__NR_kill, kDeviceWatchers, 1, SIGKILL},  // a worker that was stopped
    Allowed{__NR_exit, kAll},
    Allowed{__NR_exit_group, kAll},
    // the watcher makes a writer, which belongs to it and narrows itself
    Allowed{__NR_clone, kWatcher},
    Allowed{__NR_set_robust_list, kWatcher},
    Allowed{__NR_getppid, kWatcher},
    Allowed{__NR_prctl, kWatcher},
    Allowed{__NR_seccomp, kWatcher},
    Allowed{__NR_rt_sigaction, kWatcher},
#ifdef __NR_rseq
    Allowed{__NR_rseq, kWatcher},
#endif
// What newer architectures have under one of the names above only.
#ifdef __NR_newfstatat
    Allowed{__NR_newfstatat, kLoop | kWriter},
#endif
#ifdef __NR_epoll_wait
    Allowed{__NR_epoll_wait, kLoop},
#endif
#ifdef __NR_poll
    Allowed{__NR_poll, kAll},
#endif
#ifdef __NR_time
    Allowed{__NR_time, kLoop},
#endif
// 32-bit ARM: wide offsets, times and arguments have calls of their own.
#ifdef __arm__
    Allowed{__NR_clock_gettime64, kAll},
    Allowed{__NR_geteuid32, kLoop},
    Allowed{__NR_fcntl64, kLoop, 1, F_GETFD},
    Allowed{__NR_fcntl64, kLoop, 1, F_SETFD},
    Allowed{__NR_fcntl64, kLoop, 1, F_GETFL},
    Allowed{__NR_fcntl64, kLoop, 1, F_SETFL},
    Allowed{__NR__llseek, kLoop | kWriter},
    Allowed{__NR_fstat64, kLoop | kWriter},
    Allowed{__NR_fstatat64, kLoop | kWriter},
    Allowed{__NR_ftruncate64, kWriter},
    Allowed{__NR_ppoll_time64, kAll},
    Allowed{__NR_recv, kLoop | kWriter | kDevices},
    Allowed{__NR_send, kAll},
    Allowed{__NR_sigreturn, kAll},
    Allowed{__NR_ugetrlimit, kLoop},
    Allowed{__ARM_NR_cacheflush, kLoop},
#endif
    Allowed{__NR_statx, kLoop | kWriter},
};

/// Filters add up: what a process may do, the one that makes it must be allowed as well.
bool is_allowed(const Allowed& call, Process process) {
  switch (process) {
    case Process::watcher: return (call.to & (kWatcher | kWriter)) != 0;
    case Process::port_watcher: return (call.to & (kPortWatcher | kWatcher | kPort)) != 0;
    case Process::attribute_watcher: return (call.to & (kAttributeWatcher | kWatcher | kAttribute)) != 0;
    case Process::pwm_watcher: return (call.to & (kPwmWatcher | kWatcher | kPwm)) != 0;
    case Process::serial_watcher: return (call.to & (kSerialWatcher | kWatcher | kSerial)) != 0;
    case Process::can_watcher: return (call.to & (kCanWatcher | kWatcher | kCan)) != 0;
    default: return (call.to & static_cast<std::uint16_t>(process)) != 0;
  }
}

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__arm__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_ARM;
#else
#error "the filter of system calls has no table for this architecture"
#endif
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the low half of an argument is its first");

/// A program for the kernel's filter machine (classic BPF), which sees a `seccomp_data`.
class Program {
 public:
  explicit Program(Process process) {
    load(offsetof(seccomp_data, arch));
    unless_equal(kArchitecture, 1);
    add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    load(offsetof(seccomp_data, nr));
    for (const Allowed& call : kAllowed)
      if (is_allowed(call, process)) allow(call);
    add(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
  }

  sock_fprog text() { return {.len = size_, .filter = steps_.data()}; }

 private:
  void add(unsigned code, std::uint32_t value, std::uint8_t if_equal = 0, std::uint8_t if_not = 0) {
    steps_[size_++] = {static_cast<std::uint16_t>(code), if_equal, if_not, value};
  }
  void load(std::size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
  /// Goes on if what was loaded is `value`, else passes over so many steps.
  void only_equal(std::uint32_t value, std::uint8_t steps) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, steps);
  }
  void unless_equal(std::uint32_t value, std::uint8_t steps) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, steps, 0);
  }
  void allow(const Allowed& call) {
    if (call.argument < 0) {
      only_equal(call.number, 1);
      add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
      return;
    }
    only_equal(call.number, 4);
    load(offsetof(seccomp_data, args) + sizeof(std::uint64_t) * static_cast<std::size_t>(call.argument));
    only_equal(call.value == kSelf ? static_cast<std::uint32_t>(getpid()) : call.value, 1);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    load(offsetof(seccomp_data, nr));
  }

  std::array<sock_filter, 6 + 5 * kAllowed.size()> steps_{};
  std::uint16_t size_ = 0;
};

/// Says which call it was. Then makes one more, while SIGSYS is blocked: which is the end.
void tell_and_end(int /*signal*/, siginfo_t* what, void* /*context*/) {
  const auto line = format_text<95>("signalbox: ended: system call %d is not one that this process makes\n",
                                    what->si_syscall);
  [[maybe_unused]] const ssize_t told = write(STDERR_FILENO, line.c_str(), line.size());
  syscall(__NR_getsid, 0);
  _exit(1);
}

}  // namespace

std::size_t system_calls_of(Process process) {
  std::size_t count = 0;
  std::uint32_t last = kSelf;
  for (const Allowed& call : kAllowed) {
    if (is_allowed(call, process) && call.number != last) ++count;
    last = call.number;
  }
  return count;
}

Result<bool> restrict_system_calls(Process process) {
  struct sigaction action {};
  action.sa_sigaction = tell_and_end;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGSYS, &action, nullptr) != 0)
    return Error{Reason::failed, format_text<95>("no handler for SIGSYS: %s", error_words(errno))};
  Program program{process};
  const sock_fprog text = program.text();
  if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &text) == 0) return true;
  if (errno == ENOSYS || errno == EINVAL) return false;
  return Error{Reason::failed, format_text<95>("the filter of system calls: %s", error_words(errno))};
}

}  // namespace signalbox::hal::kernel
