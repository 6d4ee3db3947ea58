#pragma once

#include "base/instant.hpp"
#include "protocol/message.hpp"
#include "session/session.hpp"

namespace signalbox::session {

/// One request under way: who asks, and where its answer goes.
struct Exchange {
  Session& session;
  std::uint32_t place;
  const protocol::ReplyHeader& header;
  Instant now;

  void answer(const protocol::Told& body) const { session.outbox.finish(place, body); }
  void answer(protocol::Ack::Outcome outcome) const { answer(protocol::Ack{outcome}); }
  void fail(const Error& error) const { answer(protocol::Failure{error}); }
};

}  // namespace signalbox::session
