#pragma once

#include <map>
#include <string>

#include "hal/store.hpp"
#include "sim/faults.hpp"

namespace signalbox::sim {

/// Records in memory. They outlive the firmware's objects as long as this object lives, as a card would.
/// Faults hit it by the name `store`, at the time it was last told.
class Store final : public hal::Store {
 public:
  explicit Store(Faults& faults) : faults_{faults} {}

  void set_now(Instant now) { now_ = now; }

 private:
  Result<std::size_t> do_read(std::string_view name, std::span<char> into) override;
  Result<void> do_write(std::string_view name, std::string_view record) override;
  Result<void> do_remove(std::string_view name) override;

  Faults& faults_;
  Instant now_{};
  std::map<std::string, std::string, std::less<>> records_;
};

}  // namespace signalbox::sim
