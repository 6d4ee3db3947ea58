#pragma once

#include <algorithm>

#include "budget/budget.hpp"

namespace signalbox::boards {

/// For `sessions` clients at once, while `spare` more connections shake hands or are told that it is full;
/// `history` samples are kept of each of 64 channels. The rest follows.
constexpr Budget sized_budget(std::uint32_t sessions, std::uint32_t spare, std::uint32_t history) {
  const std::uint32_t busy = std::min(sessions, 256U);  // clients that want something in the same moment
  const std::size_t connections = sessions + spare;
  return {
      .sessions_max = sessions,
      .spare_connections = spare,
      .subscriptions_per_session_max = 4,
      .commands_per_session_max = 8,
      .answers_per_session_max = 16,
      .frames_per_session_max = 4,

      .frames_max = busy,
      .frame_bytes = 32 * 1024,  // 64 channels at their longest are 28 KB
      .inboxes_max = busy / 4,
      .message_bytes_max = 16 * 1024,
      .commands_max = busy,
      .subscription_groups_max = sessions,  // every session may want something else
      .events_max = 256,
      .presence_max = 64,
      .announcements_max = 32,
      .log_lines_max = 128,
      .remembered_answers_max = 16 * busy,  // of 64 clients eight commands a second, for two minutes

      .journal_records_max = 500,

      .channels_max = 64,
      .history_per_channel_max = history,
      .parts_max = 32,

      // Measured: an idle TLS 1.3 connection holds 41 KB, one at its handshake's peak 55 KB.
      .tls_region_bytes = connections * 42 * 1024 + std::size_t{4} * spare * 16 * 1024,
      // Measured: an idle connection holds 4 KB and its receive buffer, one at its handshake's peak 15 KB.
      .lws_region_bytes = connections * 15 * 1024,
      // The tree of the largest message: 8,192 empty texts in an array, 64 bytes each.
      .json_arena_bytes = 768 * 1024,
  };
}

}  // namespace signalbox::boards
