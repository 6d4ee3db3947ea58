#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace signalbox::link {

/// Records that wait a moment, until several are there, and are then written one right behind the other: they
/// are made with the processor's caches full of our program, and written with them full of the kernel, and
/// each change from one to the other takes as long as a good part of either.
///
/// What the kernel does not take stays here, and while some does, nothing more is taken. Nothing else may be
/// written to a socket that has something waiting: it would come before it.
class WriteBehind {
 public:
  static constexpr std::size_t kBytes = 16 * 1024;
  static constexpr std::size_t kRecordsMax = 16;

  /// Where a record of at most so many bytes may be made; empty where there is no room.
  std::span<unsigned char> lend(std::size_t bytes);
  /// Takes what was made there for `flush`.
  void take(int fd, std::span<const unsigned char> record);
  /// Writes what was taken since the last time; false where the kernel did not take all.
  bool flush();
  /// Tries again what was not taken for this socket; true where nothing waits for it any more.
  bool flush(int fd);
  bool waits_for(int fd) const;
  /// Whether something does since the kernel did not take it.
  bool is_stuck(int fd) const { return is_stuck_ && waits_for(fd); }
  /// Calls `each(fd)` for each record of which the kernel did not take all.
  template <typename Each>
  void each_left(Each&& each) const {
    for (std::size_t i = 0; i < count_; ++i)
      if (records_[i].is_left()) each(records_[i].fd);
  }
  /// The socket is about to be closed: what was not taken for it is forgotten.
  void drop(int fd);

 private:
  struct Record {
    int fd = -1;
    std::uint16_t begin = 0;  ///< of what is left
    std::uint16_t end = 0;

    bool is_left() const { return begin < end; }
  };

  void write(Record& record);
  bool follows_another(const Record& record) const;
  void settle();

  std::array<Record, kRecordsMax> records_{};
  std::size_t count_ = 0;
  std::size_t size_ = 0;
  bool is_stuck_ = false;  ///< all of them were tried, and something was not taken
  std::array<unsigned char, kBytes> bytes_{};
};

}  // namespace signalbox::link
