#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/instant.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal {

/// Whether a network interface can have that name: 1 to 15 characters, no blank, `/` or `:` among them.
constexpr bool is_can_interface(std::string_view name) {
  constexpr std::size_t kLongest = 15;
  if (name.empty() || name.size() > kLongest || name == "." || name == "..") return false;
  for (const char its : name)
    if (its <= ' ' || its > '~' || its == '/' || its == ':') return false;
  return true;
}

/// What a frame is called on the bus (ISO 11898-1).
struct CanId {
  static constexpr std::uint32_t kBaseMax = 0x7FF;           ///< 11 bits
  static constexpr std::uint32_t kExtendedMax = 0x1FFFFFFF;  ///< 29 bits

  std::uint32_t number = 0;
  bool is_extended = false;  ///< 29 bits, whatever the number: 0x123 of 11 bits is another frame
  friend bool operator==(const CanId&, const CanId&) = default;
};

/// Which frames a reader wants, and where they come from.
struct CanSource {
  std::string_view interface;  ///< as is_can_interface() has it
  CanId id;
};

/// The last frame that came since the last reading. Lives in its driver; stays in place while pending.
struct CanReading {
  static constexpr std::size_t kBytesMax = 8;  ///< of a frame of classic CAN

  std::array<std::uint8_t, kBytesMax> bytes{};
  std::uint8_t size = 0;   ///< of them, in the frame
  bool has_frame = false;  ///< one came
  Instant received_at{};   ///< when it did
  Instant deadline = kNever;
  Completion completion = Completion::idle;
};

/// CAN buses, listened to: data frames of classic CAN, no remote frames; nothing is sent.
class Can {
 public:
  static constexpr int kNoReader = -1;

  /// Several may read one interface, and one frame. kNoReader where there can be no such interface, or no
  /// more can be claimed. One that is not there yet reads as `absent` until it comes.
  int claim(const CanSource& source) { return do_claim(source); }
  /// Gives a claimed reader back; nothing is under way on it.
  void release(int reader) { do_release_reader(reader); }
  /// One at a time of each reader. Ends at once, whether a frame came or not. `absent`: the interface is
  /// not there, or down; `failed`: it is off the bus (bus-off), or cannot be read.
  void read(int reader, CanReading& reading) {
    reading.completion = Completion::pending;
    do_read(reader, reading);
  }

 protected:
  ~Can() = default;

 private:
  virtual int do_claim(const CanSource& source) = 0;
  virtual void do_release_reader(int reader) = 0;
  virtual void do_read(int reader, CanReading& reading) = 0;
};

}  // namespace signalbox::hal
