#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <sys/types.h>

#include "base/fixed_text.hpp"
#include "hal/append_log.hpp"
#include "hal/linux/descriptor.hpp"

namespace signalbox::hal::kernel {

/// What the loop asks of the process that writes, in one datagram. Doing it twice does no harm.
struct AppendRequest {
  enum class Kind : std::uint32_t {
    write,   ///< put the bytes at `offset`, end the file behind them, bring it to the disk
    rotate,  ///< the file becomes the previous one; done already where there is none
  };
  std::uint64_t id = 0;  ///< from 1
  std::uint64_t offset = 0;
  Kind kind = Kind::write;
  std::uint32_t size = 0;
  std::array<char, hal::AppendLog::kPieceBytesMax> bytes{};
};

/// What it answers.
struct AppendReply {
  std::uint64_t id = 0;   ///< the request's; 0: the writing process died, another one takes over
  std::uint64_t end = 0;  ///< where the next piece belongs
  std::int32_t error_number = 0;
};

/// Writes an append log for somebody who must not wait for the disk. Lives in processes of its own: one that
/// writes, and one that watches over it and makes another where it dies. Both end with their parent.
class AppendWorker {
 public:
  using FileName = FixedText<31>;

  /// `directory` and `socket` are open in this process; the worker's processes keep them.
  /// `fenced`: they enter a sandbox of their own.
  AppendWorker(int directory, int socket, const FileName& name, bool fenced)
      : directory_{directory},
        socket_{socket},
        name_{name},
        previous_{format_text<33>("%s.1", name.c_str())},
        fenced_{fenced} {}

  /// Forks the watching process and returns its id, or -1 with errno. While there is one thread only.
  pid_t start();

 private:
  [[noreturn]] void watch(pid_t parent);
  [[noreturn]] void work(pid_t parent);
  AppendReply serve(const AppendRequest& request);
  int open_file();
  int write(AppendReply& reply, std::string_view bytes);
  int rotate(std::uint64_t end);

  int directory_;
  int socket_;
  FileName name_;
  FixedText<33> previous_;
  bool fenced_;
  Descriptor file_;
};

}  // namespace signalbox::hal::kernel
