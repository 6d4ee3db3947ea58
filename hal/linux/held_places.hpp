#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "hal/linux/output_worker.hpp"
#include "hal/linux/port_link.hpp"

namespace signalbox::hal::kernel {

/// The loop's side of an OutputWorker: which lines or outputs it holds, by name. One that cannot be had is
/// asked for again every five seconds, and all of them where the process died.
class HeldPlaces {
 public:
  static constexpr std::size_t kPlacesMax = 32;
  static constexpr int kNoPlace = -1;

  /// What one is called for a person, and several: `line`, `lines`.
  HeldPlaces(const char* one, const char* several) : one_{one}, several_{several} {}

  void open(Descriptor socket) { link_ = PortLink{std::move(socket)}; }
  bool is_open() const { return link_.is_open(); }

  /// Claims it, now as `first` says; where it can be had only later, then as `later` says. Both are claims
  /// without name and place. kNoPlace where it is claimed already, or no more can be.
  int claim(std::string_view name, const PortRequest& first, const PortRequest& later);
  void release(int place);
  /// False where it is not held, or no more can wait.
  bool submit(int place, PortRequest request, void* record, PortLink::Finish finish);
  bool withdraw(const void* record) { return link_.withdraw(record); }
  /// Whether our process has it.
  bool is_held(int place) const { return places_[static_cast<std::size_t>(place)].is_held; }
  /// Whether it is as `later` said, or was made safe, and nothing was asked of it since.
  bool is_safe(int place) const { return places_[static_cast<std::size_t>(place)].is_safe; }
  /// Finishes what was answered; tells the process ten times a second that the loop goes round.
  void poll(Instant now);
  Instant next() const;

 private:
  struct Place {
    PortRequest claim;     ///< as it is asked for again
    const char* one = "";  ///< what it is called
    bool is_claimed = false;
    bool is_held = false;  ///< by our process
    bool is_safe = false;
  };

  int place_for(std::string_view name) const;
  void hold_missing();
  void lose_all();

  const char* one_;
  const char* several_;
  PortLink link_;
  std::array<Place, kPlacesMax> places_{};
  Instant beat_at_{};
  Instant hold_at_{};  ///< when those that are missing are asked for again
};

}  // namespace signalbox::hal::kernel
