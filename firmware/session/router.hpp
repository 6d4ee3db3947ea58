#pragma once

#include <string_view>

#include "base/instant.hpp"
#include "control/controller.hpp"
#include "session/context.hpp"
#include "session/publisher.hpp"
#include "session/session.hpp"
#include "trust/tokens.hpp"

namespace signalbox::session {

/// Takes a request to whoever serves it and its answer to the reserved place. The one gate where rights are
/// asked.
class Router {
 public:
  Router(const Context& context, FramePool& frames, Publisher& publisher, control::Controller& controller,
         const trust::Tokens& tokens, LifeCounts& life)
      : context_{context},
        frames_{frames},
        publisher_{publisher},
        controller_{controller},
        tokens_{tokens},
        life_{life} {}

  /// Serves one whole message. The session must have a free answer place.
  void route(Session& session, std::string_view message, Instant now);
  /// Answers a message that could not even be read.
  void refuse(Session& session, const Error& error);

 private:
  /// One request under way.
  struct Exchange {
    Session& session;
    std::uint32_t place;
    const protocol::ReplyHeader& header;
    Instant now;
  };

  void serve(const Exchange& exchange, const protocol::Authenticate& authenticate);
  void serve(const Exchange& exchange, const protocol::Ping& ping);
  void serve(const Exchange& exchange, const protocol::Describe& describe);
  void serve(const Exchange& exchange, const protocol::Subscribe& subscribe);
  void serve(const Exchange& exchange, const protocol::Unsubscribe& unsubscribe);
  void serve(const Exchange& exchange, const protocol::Command& command);

  Result<control::Command> prepare(const Exchange& exchange, const protocol::Command& command) const;
  void echo(const Exchange& exchange, const protocol::Pong& pong);
  static void answer(const Exchange& exchange, const protocol::Told& body);
  static void fail(const Exchange& exchange, const Error& error);

  const Context& context_;
  FramePool& frames_;
  Publisher& publisher_;
  control::Controller& controller_;
  const trust::Tokens& tokens_;
  LifeCounts& life_;
};

}  // namespace signalbox::session
