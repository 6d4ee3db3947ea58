#pragma once

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "session/context.hpp"
#include "session/exchange.hpp"
#include "session/publisher.hpp"

namespace signalbox::session {

/// Everything a client asks of what is measured, and of what was, passes here: it gets what it may read.
class TelemetryGate {
 public:
  TelemetryGate(const Context& context, Publisher& publisher) : context_{context}, publisher_{publisher} {}

  void serve(const Exchange& exchange, const protocol::Subscribe& subscribe);
  void serve(const Exchange& exchange, const protocol::Unsubscribe& unsubscribe);
  void serve(const Exchange& exchange, const protocol::AskHistory& ask);

  /// Answers `resumed`, then goes on with the subscriptions of the earlier session: those whose id is free,
  /// that there is room for, and of which anything may be read. With `after`, the last offset it was told,
  /// what it missed comes first.
  void go_on(const Exchange& exchange, const SubscriptionList& subscriptions,
             std::optional<std::uint64_t> after);

 private:
  /// Where a subscription that comes back knew everything up to.
  struct Return {
    std::uint64_t after = 0;
    bool foreign = false;  ///< of another epoch: nothing is known
  };

  Result<device::ChannelSet> readable(const Exchange& exchange, const protocol::Patterns& paths) const;
  device::ChannelSet still_readable(const Session& session, const device::ChannelSet& channels) const;
  void begin(Session& session, std::uint32_t place, const SubscriptionTerms& terms,
             const std::optional<Return>& comes_back);
  void listen(Session& session, const SubscriptionTerms& terms, const std::optional<Return>& comes_back);

  const Context& context_;
  Publisher& publisher_;
};

}  // namespace signalbox::session
