#pragma once

#include "budget/budget.hpp"

namespace signalbox::boards::bench {

/// The bench is a desktop: roomy enough to try a thousand clients on.
inline constexpr Budget budget{
    .sessions_max = 1000,
    .spare_connections = 64,  // handshakes under way while all sessions are taken
    .subscriptions_per_session_max = 4,
    .commands_per_session_max = 8,
    .answers_per_session_max = 16,
    .frames_per_session_max = 4,

    .frames_max = 256,
    .frame_bytes = 32 * 1024,  // 64 channels at their longest are 28 KB
    .inboxes_max = 64,
    .message_bytes_max = 16 * 1024,
    .commands_max = 256,
    .subscription_groups_max = 1000,  // every session may want something else
    .events_max = 512,
    .presence_max = 64,
    .announcements_max = 32,
    .log_lines_max = 256,
    .remembered_answers_max = 4096,  // 34 commands a second, for two minutes; 25 of one name

    .journal_records_max = 1000,  // a busy day of commands

    .channels_max = 64,
    .history_per_channel_max = 1024,  // 100 s at ten samples a second, 17 min at one
    .parts_max = 32,

    .cut_record_bytes = cut_record_bytes_for(64),
    .tls_region_bytes = tls_region_bytes_for(1064, 64),
    .lws_region_bytes = lws_region_bytes_for(1064, 64),
};

}  // namespace signalbox::boards::bench
