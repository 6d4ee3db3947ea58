#pragma once

#include <cstddef>
#include <cstdint>

namespace signalbox {

/// How many of everything a board can hold. Counts only: `machine/storage` turns them into bytes, `--budget`
/// prints the sum of every room.
struct Budget {
  std::uint32_t sessions_max = 0;  ///< WebSocket sessions at once
  std::uint32_t spare_connections =
      0;  ///< beyond them: shaking hands, plain HTTP, or being told that we are full
  std::uint32_t subscriptions_per_session_max = 0;
  std::uint32_t commands_per_session_max = 0;  ///< in flight; one more is answered `busy`
  std::uint32_t answers_per_session_max =
      0;  ///< reserved places: commands in flight and as many other answers
  std::uint32_t frames_per_session_max = 0;  ///< telemetry waiting for one slow socket before it folds

  std::uint32_t frames_max = 0;               ///< shared telemetry frames and long answers under way
  std::uint32_t frame_bytes = 0;              ///< the longest message we send; every description must fit
  std::uint32_t inboxes_max = 0;              ///< messages that arrive in pieces at one moment
  std::uint32_t message_bytes_max = 0;        ///< the longest message we take
  std::uint32_t commands_max = 0;             ///< in flight in all
  std::uint32_t subscription_groups_max = 0;  ///< different subscriptions at once
  std::uint32_t events_max = 0;               ///< kept for those who read them late
  std::uint32_t presence_max = 0;             ///< the same of who came and went
  std::uint32_t announcements_max = 0;        ///< the same of announcements
  std::uint32_t log_lines_max = 0;            ///< the same of the log
  std::uint32_t remembered_answers_max = 0;   ///< commands of two minutes whose repeats get the same answer

  std::uint32_t failed_logins_max = 64;  ///< networks and accounts whose wrong credentials are remembered

  std::uint32_t request_rates_max = 64;  ///< credentials that ask by HTTP, each as fast as it may

  std::uint32_t journal_records_max = 0;  ///< in memory, to be read; the store keeps more

  std::uint32_t channels_max = 0;
  std::uint32_t history_per_channel_max =
      0;  ///< samples kept of each channel: how far `history` and `resume` reach back
  std::uint32_t parts_max = 0;

  std::size_t tls_region_bytes =
      0;  ///< mbedTLS: what one connection takes at its handshake's peak and idle, times them
  std::size_t lws_region_bytes = 0;  ///< libwebsockets
  std::size_t json_arena_bytes = 0;  ///< cJSON: the tree of the largest message

  constexpr std::uint32_t connections_max() const { return sessions_max + spare_connections; }
};

}  // namespace signalbox
