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

  std::size_t cut_record_bytes = 0;  ///< of TLS records that came in part, or are read in part, in all
  std::size_t tls_region_bytes = 0;  ///< mbedTLS, see `tls_region_bytes_for`
  std::size_t lws_region_bytes = 0;  ///< libwebsockets, see `lws_region_bytes_for`

  constexpr std::uint32_t connections_max() const { return sessions_max + spare_connections; }
};

/// As many TLS records of 16 KB as there are spare connections.
constexpr std::size_t cut_record_bytes_for(std::uint32_t spare) {
  return std::size_t{spare} * (16 * 1024 + 256);
}

/// What mbedTLS takes for `connections`, of which no more than `spare` shake hands at a time. Measured on
/// x86-64: an idle connection holds 1.7 KB, and 2.3 KB more where its client showed a certificate; one that
/// the socket does not take all from another 4.2 KB; at its handshake's peak it holds 29 KB, and 34 KB with a
/// client's certificate; chains of several take more. The rest is for our own certificates, lists of revoked
/// ones, and what lies between blocks.
constexpr std::size_t tls_region_bytes_for(std::uint32_t connections, std::uint32_t spare) {
  return std::size_t{connections} * (4096 + 4352) + std::size_t{spare} * 56 * 1024 +
         cut_record_bytes_for(spare) + std::size_t{512} * 1024;
}

/// The same of libwebsockets. Measured: an idle connection holds 2.5 KB, and up to 5.2 KB more where its
/// socket or its session takes no more; at its handshake's peak 15 KB, and beside that an answer of HTTP of
/// up to 32 KB.
constexpr std::size_t lws_region_bytes_for(std::uint32_t connections, std::uint32_t spare) {
  return std::size_t{connections} * 8 * 1024 + std::size_t{spare} * 48 * 1024 + std::size_t{128} * 1024;
}

}  // namespace signalbox
