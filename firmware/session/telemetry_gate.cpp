#include "session/telemetry_gate.hpp"

#include <algorithm>
#include <array>

namespace signalbox::session {

/// The channels these paths cover, as far as one may read them.
Result<device::ChannelSet> TelemetryGate::readable(const Exchange& exchange,
                                                   const protocol::Patterns& paths) const {
  device::ChannelSet channels;
  for (const std::string_view pattern : paths.all()) channels |= context_.roster.matching(pattern);
  channels = still_readable(exchange.session, channels);
  if (channels.any()) return channels;
  return Error{Reason::not_found, "no channel you may read matches these paths; describe lists them",
               "payload.paths"};
}

/// Those of them that are there and that one may read.
device::ChannelSet TelemetryGate::still_readable(const Session& session,
                                                 const device::ChannelSet& channels) const {
  device::ChannelSet readable = channels;
  const std::span<const device::Channel> all = context_.roster.channels();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].gone || !session.who()->may(Right::read, all[i].path)) readable.reset(i);
  return readable;
}

void TelemetryGate::serve(const Exchange& exchange, const protocol::Subscribe& subscribe) {
  const Result<device::ChannelSet> channels = readable(exchange, subscribe.paths);
  if (!channels) return exchange.fail(channels.error());
  if (subscribe.once) return exchange.answer(protocol::Snapshot{subscribe.id, *channels});
  std::optional<Return> comes_back;
  if (subscribe.resume) {
    const bool foreign = subscribe.resume->epoch.view() != context_.epoch.view();
    comes_back = Return{foreign ? 0 : subscribe.resume->offset, foreign};
    if (comes_back->after > context_.values.offset())
      return exchange.fail({Reason::out_of_range,
                            "this epoch has not come to that offset; expected one that was told in it",
                            "payload.resume.offset"});
  }
  const SubscriptionTerms terms{subscribe.id, *channels, subscribe.policy, subscribe.events,
                                subscribe.presence};
  const Result<void> subscribed =
      publisher_.subscribe(exchange.session, exchange.place, terms, comes_back.has_value(), exchange.now);
  if (!subscribed) return exchange.fail(subscribed.error());
  begin(exchange.session, exchange.place, terms, comes_back);
}

/// Its snapshot is on its way, and before it what was missed.
void TelemetryGate::begin(Session& session, std::uint32_t place, const SubscriptionTerms& terms,
                          const std::optional<Return>& comes_back) {
  listen(session, terms, comes_back);
  if (!comes_back) return session.outbox.finish(place, protocol::Snapshot{terms.id, terms.channels});
  // What earlier runs left is history's to tell; nobody missed it in this epoch.
  const std::uint64_t after = std::max(comes_back->after, context_.history.restored_until());
  const telemetry::Recovery recovery{.channels = terms.channels,
                                     .after = comes_back->foreign ? 0 : after,
                                     .until = context_.values.offset(),
                                     .foreign = comes_back->foreign};
  session.outbox.finish(place, protocol::Missed{terms.id, recovery});
}

/// Who asked for events gets those from now on, or of the time away; who has them already goes on where it
/// is.
void TelemetryGate::listen(Session& session, const SubscriptionTerms& terms,
                           const std::optional<Return>& comes_back) {
  const std::uint64_t after = comes_back ? comes_back->after : context_.values.offset();
  if (terms.events && (comes_back || !session.wants_events))
    session.next_event = context_.news.events().place_after(after);
  if (terms.presence && (comes_back || !session.wants_presence))
    session.next_presence = context_.news.presence().place_after(after);
  session.news_seen = Session::kNewsUnseen;
  session.wants_events = session.wants_events || terms.events;
  session.wants_presence = session.wants_presence || terms.presence;
}

void TelemetryGate::go_on(const Exchange& exchange, const SubscriptionList& subscriptions,
                          std::optional<std::uint64_t> after) {
  struct Begun {
    std::uint32_t place = 0;
    SubscriptionTerms terms;
  };
  std::array<Begun, SubscriptionList::kMax> begun;
  std::uint32_t count = 0;
  Session& session = exchange.session;
  for (SubscriptionTerms terms : subscriptions.all()) {
    terms.channels = still_readable(session, terms.channels);
    if (terms.channels.none() || publisher_.has(session, terms.id)) continue;
    const std::optional<std::uint32_t> place = session.outbox.reserve({});
    if (!place) break;
    if (publisher_.subscribe(session, *place, terms, after.has_value(), exchange.now))
      begun[count++] = {*place, terms};
    else
      session.outbox.release(*place);
  }
  protocol::Ack resumed{protocol::Ack::Outcome::resumed};
  resumed.subscriptions = count;
  exchange.answer(resumed);
  std::optional<Return> comes_back;
  if (after) comes_back = Return{*after};
  for (std::uint32_t i = 0; i < count; ++i) begin(session, begun[i].place, begun[i].terms, comes_back);
}

void TelemetryGate::serve(const Exchange& exchange, const protocol::Unsubscribe& unsubscribe) {
  if (publisher_.unsubscribe(exchange.session, unsubscribe.id)) {
    exchange.answer(protocol::Ack::Outcome::unsubscribed);
  } else {
    exchange.fail({Reason::not_found, "this session has no subscription of that id", "payload.id"});
  }
}

void TelemetryGate::serve(const Exchange& exchange, const protocol::AskHistory& ask) {
  const Result<device::ChannelSet> channels = readable(exchange, ask.paths);
  if (!channels) return exchange.fail(channels.error());
  protocol::HistoryPage page{*channels, ask.query};
  if (ask.epoch.empty()) {
    page.query.cursor.started_ms = context_.clock.label(Instant{}).unix_ms;
  } else if (ask.epoch.view() != context_.epoch.view()) {
    return exchange.fail({Reason::foreign_epoch, "the device restarted since; begin again without a cursor",
                          "payload.cursor"});
  }
  exchange.answer(page);
}

}  // namespace signalbox::session
