#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/principal.hpp"
#include "protocol/messages/command.hpp"
#include "protocol/messages/resume.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonWriter;

/// A request's final answer where it succeeded.
struct Ack {
  static constexpr std::string_view type = "ack";
  static constexpr bool is_final = true;
  enum class Outcome : std::uint8_t {
    accepted,
    applied,
    verified,
    authenticated,
    unsubscribed,
    renewed,
    taken,
    requested,
    granted,
    stolen,
    stopped,
    reset,
    resumed,
    announced,
    joined,
    left,
    acknowledged,
    reloaded,
    revoked,
    following,
    unfollowed
  };
  Outcome outcome = Outcome::accepted;
  SessionToken session_token{};            ///< with `authenticated`
  std::string_view token{};                ///< with `revoked`, in place of the sender's; rendered at once
  std::optional<std::uint32_t> reached{};  ///< with `announced`: how many sessions it is for
  std::optional<std::uint32_t> subscriptions{};  ///< with `resumed`: how many of them go on
};
void write_payload(JsonWriter& writer, const Ack& ack);

/// What came before the final answer.
struct Progress {
  static constexpr std::string_view type = "progress";
  static constexpr bool is_final = false;
  Rung rung = Rung::accepted;
};
void write_payload(JsonWriter& writer, const Progress& progress);

/// A request's final answer where it failed: `code` (by RFC 9110 where one fits), `reason`, `temporary`,
/// `retryAfterMs`, `field`, `detail`; of a scene also `refused`, which of its writes stood in the way.
struct Failure {
  static constexpr std::string_view type = "error";
  static constexpr bool is_final = true;
  struct Refused {
    device::ChannelIndex channel = device::kNoChannel;
    Reason reason = Reason::internal;
  };
  Error error;
  std::array<Refused, kWritesMax> refused{};
  std::uint8_t refused_count = 0;
};
void write_payload(JsonWriter& writer, const Failure& failure, const View& view);

/// The first message: who this is and what it promises. Rights are those of `principal`, nullptr before a
/// credential.
struct Welcome {
  static constexpr std::string_view type = "welcome";
  static constexpr bool is_final = false;
  FixedText<23> session;
  bool clock_is_set = true;      ///< false: the device's clock is known to be wrong
  SessionToken session_token{};  ///< empty before a credential
};
void write_payload(JsonWriter& writer, const Welcome& welcome, const Principal* principal, const View& view);

/// The members `device`, `stopped`, `firmwareVersion` and `epoch`, shared by `welcome` and `description`.
void write_device(JsonWriter& writer, const View& view);
/// The member `limits`.
void write_limits(JsonWriter& writer, const Limits& limits);

/// The last message before a close frame.
struct Goodbye {
  static constexpr std::string_view type = "goodbye";
  static constexpr bool is_final = false;
  FixedText<47> reason;
  std::uint32_t retry_after_ms = 0;  ///< 0: no hint
};
void write_payload(JsonWriter& writer, const Goodbye& goodbye);

}  // namespace signalbox::protocol
