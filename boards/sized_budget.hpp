#pragma once

#include <algorithm>

#include "budget/budget.hpp"

namespace signalbox::boards {

/// For `sessions` clients at once, while `spare` more connections shake hands or are told that it is full;
/// `history` samples are kept of each of 64 channels. The rest follows.
constexpr Budget sized_budget(std::uint32_t sessions, std::uint32_t spare, std::uint32_t history) {
  const std::uint32_t busy = std::min(sessions, 256U);  // clients that want something in the same moment
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

      .cut_record_bytes = cut_record_bytes_for(spare),
      .tls_region_bytes = tls_region_bytes_for(sessions + spare, spare),
      .lws_region_bytes = lws_region_bytes_for(sessions + spare, spare),
  };
}

}  // namespace signalbox::boards
