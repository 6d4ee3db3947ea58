#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/rate_policy.hpp"
#include "device/channel.hpp"
#include "protocol/messages/subscribe.hpp"

namespace signalbox::session {

/// What one session subscribed to.
struct SubscriptionTerms {
  protocol::SubscriptionId id;
  device::ChannelSet channels;
  RatePolicy policy{RatePolicy::Mode::instant, Duration{0}, Duration{0}};  ///< zeros, as unused memory is
  bool events = false;                                                     ///< what happens is told too
  bool presence = false;                                                   ///< and who comes and goes
};

/// All that one session subscribed to.
class SubscriptionList {
 public:
  /// The most subscriptions that any board lets a session have. Those of sessions that may return are kept in
  /// so many places each.
  static constexpr std::size_t kMax = 4;

  void add(const SubscriptionTerms& terms) { terms_[count_++] = terms; }
  std::span<const SubscriptionTerms> all() const { return std::span{terms_}.first(count_); }

 private:
  std::array<SubscriptionTerms, kMax> terms_{};
  std::uint8_t count_ = 0;
};

}  // namespace signalbox::session
