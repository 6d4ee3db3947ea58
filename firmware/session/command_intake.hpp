#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "control/command.hpp"
#include "protocol/messages/answer.hpp"
#include "protocol/messages/command.hpp"
#include "session/context.hpp"
#include "session/exchange.hpp"

namespace signalbox::session {

/// Outputs that a client wants moved, as it said so.
struct Asked {
  std::span<const protocol::Write> writes;
  const protocol::Terms& terms;
  bool is_scene = false;
};

/// Where a client's words become control's terms: looks at the rights to each output, at what the device file
/// allows of it, and at how long all of it counts. Moves nothing.
class CommandIntake {
 public:
  explicit CommandIntake(const Context& context) : context_{context} {}

  /// The command, or the first reason why not; of a scene `failure` gets all writes that stand in the way.
  Result<control::Command> take(const Exchange& exchange, const Asked& asked,
                                protocol::Failure& failure) const;
  /// The output of that path, if `who` may move it: `notFound`, also where they may not even read it, or
  /// `forbidden`.
  Result<device::ChannelIndex> output(const Principal& who, std::string_view path) const;

 private:
  std::optional<Error> add_writes(const Principal& who, const Asked& asked, control::Command& command,
                                  protocol::Failure& failure) const;
  Result<control::Write> write_of(const Principal& who, const protocol::Write& write) const;
  std::optional<Error> settle_lease(const Asked& asked, control::Command& command,
                                    protocol::Failure& failure) const;
  Result<Duration> lease_length(const control::Command& command, const control::Write& write) const;
  Result<Instant> deadline(const control::Command& command, const protocol::Terms& terms, Instant now) const;

  const Context& context_;
};

}  // namespace signalbox::session
