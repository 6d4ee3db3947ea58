#pragma once

#include <array>
#include <cstddef>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "hal/attribute.hpp"
#include "hal/linux/port_link.hpp"

namespace signalbox::hal::kernel {

/// The numbers of the kernel's drivers, read by hal/linux/attribute_worker. One process is for 1-wire, where
/// a thermometer takes 750 ms, and one for all else, which does not wait behind it. A source that is missing,
/// or tells no number, is logged once, and once more when it is right again.
class Attribute final : public hal::Attribute {
 public:
  static constexpr std::size_t kSourcesMax = 64;

  /// Starts the processes. `root` stands before `/sys`; for tests.
  Result<void> open(bool fenced, std::string_view root = "");
  void poll(Instant now);
  Instant next() const;

 private:
  struct Source {
    AttributeSource::Subsystem subsystem{};
    FixedText<31> device;
    FixedText<31> channel;
    bool is_claimed = false;
    AttributeReading* reading = nullptr;  ///< under way
    FixedText<95> trouble;                ///< as it was logged last
  };

  int do_claim(const AttributeSource& source) override;
  void do_release_source(int source) override;
  void do_read(int source, AttributeReading& reading) override;
  PortLink& link_of(AttributeSource::Subsystem subsystem);
  static void finish(void* record, const PortReply& reply);

  std::array<Source, kSourcesMax> sources_{};
  PortLink quick_;
  PortLink one_wire_;
  Instant now_{};
};

}  // namespace signalbox::hal::kernel
