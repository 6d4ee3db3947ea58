#include "session/event_reader.hpp"

namespace signalbox::session {

bool has_event(Session& session, const Context& context) {
  const EventLog& log = context.events;
  if (!session.events_of || session.who() == nullptr || !session.is_open()) return false;
  if (session.next_event < log.oldest()) return true;
  for (; session.next_event < log.end(); ++session.next_event) {
    const device::ChannelIndex channel = log.at(session.next_event).channel;
    if (channel == device::kNoChannel ||
        session.who()->may(Right::read, context.roster.channels()[channel].path))
      return true;
  }
  return false;
}

protocol::Published next_event(Session& session, const Context& context) {
  const EventLog& log = context.events;
  const std::uint64_t oldest = log.oldest();
  if (session.next_event >= oldest) return log.at(session.next_event++);
  const protocol::EventGap gap{oldest - session.next_event, log.at(oldest).offset};
  session.next_event = oldest;
  return gap;
}

}  // namespace signalbox::session
