#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace signalbox::hal::kernel {

/// An open file, closed at the end of its life.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_{number} {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  explicit operator bool() const { return number_ >= 0; }
  int number() const { return number_; }

  /// Reads to the end of the file, as far as `into` reaches; -1 with errno where reading fails.
  long read_all(std::span<char> into) const;
  /// False with errno where not everything could be written.
  bool write_all(std::string_view bytes) const;

 private:
  int number_ = -1;
};

}  // namespace signalbox::hal::kernel
