#pragma once

#include <array>
#include <span>
#include <string_view>

#include "hal/linux/addresses.hpp"
#include "hal/linux/append_log.hpp"
#include "hal/linux/clock.hpp"
#include "hal/linux/entropy.hpp"
#include "hal/linux/store.hpp"
#include "hal/linux/supervisor.hpp"

namespace signalbox::hal::kernel {

/// The machine below the firmware, whatever devices it has.
class System {
 public:
  /// Becomes the user `drop` (nullptr: stays who it is), then opens the state directory, the journal and the
  /// history in it; what is made from then on belongs to that user. Errors: their `field` is the option that
  /// is wrong.
  Result<void> open(const char* state, const char* drop, bool fenced);
  /// Reads what it is called and where it is reached.
  void look();

  Store& store() { return store_; }
  AppendLog& journal() { return journal_; }
  AppendLog& history() { return history_; }
  Clock& clock() { return clock_; }
  Entropy& entropy() { return entropy_; }
  Supervisor& supervisor() { return supervisor_; }
  std::string_view host_name() const { return host_name_.data(); }
  std::span<const std::string_view> addresses() const {
    return std::span{addresses_}.first(addresses_count_);
  }

 private:
  static constexpr std::size_t kAddressesMax = 12;

  Store store_;
  AppendLog history_;  ///< beside the journal, which therefore ends first
  AppendLog journal_;
  Clock clock_;
  Entropy entropy_;
  Supervisor supervisor_;
  std::array<char, 64> host_name_{};
  std::array<AddressText, kAddressesMax> address_texts_{};
  std::array<std::string_view, kAddressesMax> addresses_{};
  std::size_t addresses_count_ = 0;
};

}  // namespace signalbox::hal::kernel
