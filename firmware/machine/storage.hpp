#pragma once

#include <array>
#include <cstddef>

#include "base/json_document.hpp"
#include "budget/budget.hpp"
#include "device/device_file.hpp"
#include "journal/line.hpp"
#include "machine/library_memory.hpp"
#include "machine/machine.hpp"

namespace signalbox::machine {

/// A sample in telemetry at its longest: names, a path, an escaped text, two 24-digit numbers and the counts.
inline constexpr std::size_t kSampleBytesMax = 440;
/// What surrounds the samples of a message in any dialect: a snapshot's ids, each of their bytes escaped.
inline constexpr std::size_t kEnvelopeBytesMax = 960;

/// All memory a board's firmware will ever use. Each array is an object of its own, and all
/// large ones start as zeros, so that they take no space in the binary and no memory before they are used.
template <Budget kBudget>
struct Storage {
  static_assert(kBudget.frame_bytes >= kEnvelopeBytesMax + kSampleBytesMax * kBudget.channels_max,
                "a frame must hold telemetry of all channels");
  static_assert(kBudget.channels_max <= device::kChannelsCeiling);
  static_assert(kBudget.answers_per_session_max >= kBudget.commands_per_session_max + 8,
                "beside the commands in flight a session needs places for other answers");
  static_assert(kBudget.subscriptions_per_session_max <= session::SubscriptionList::kMax);
  static_assert(kBudget.events_max > 0 && kBudget.presence_max > 0 && kBudget.announcements_max > 0 &&
                kBudget.log_lines_max > 0 && kBudget.request_rates_max > 0 &&
                kBudget.remembered_answers_max > 0);
  static_assert(kBudget.history_per_channel_max <= 16384,
                "one step of history, which may be all there is, is examined in one go");
  static_assert(kBudget.journal_records_max == 0 ||
                    kBudget.frame_bytes >= kEnvelopeBytesMax + journal::kLineBytesMax,
                "a frame must hold any record of the journal");
  static_assert(kBudget.message_bytes_max <= JsonDocument::kAlwaysBytes, "any message must be readable");
  static_assert(kBudget.message_bytes_max + device::kDeviceFileBytesMax <= JsonDocument::kEscapedBytesMax,
                "a message may ask for a device file to be read");
  static constexpr std::size_t kMemberships = kBudget.sessions_max * kBudget.subscriptions_per_session_max;

  static inline std::array<device::Channel, kBudget.channels_max> channels{};
  static inline std::array<device::Part, kBudget.parts_max> parts{};
  static inline std::array<device::Channel, kBudget.channels_max> next_channels{};
  static inline std::array<device::Part, kBudget.parts_max> next_parts{};
  static inline std::array<device::Latest, kBudget.channels_max> latest{};
  static inline std::array<telemetry::History::Track, kBudget.channels_max> tracks{};
  static inline std::array<telemetry::History::Entry,
                           std::size_t{kBudget.channels_max} * kBudget.history_per_channel_max>
      history{};
  static inline std::array<telemetry::Alarms::OfChannel, kBudget.channels_max> alarms{};
  static inline std::array<control::QueuedCommand, kBudget.commands_max> commands{};
  static inline std::array<control::OutputState, kBudget.channels_max> outputs{};
  static inline std::array<control::Demand, kBudget.channels_max> demands{};
  static inline std::array<control::Lease, kBudget.channels_max> leases{};
  static inline std::array<control::Baton, device::kBatonsMax> batons{};
  static inline std::array<protocol::Event, kBudget.events_max> events{};
  static inline std::array<protocol::Event, kBudget.presence_max> presence{};
  static inline std::array<protocol::Announcement, kBudget.announcements_max> announcements{};
  static inline std::array<protocol::LogLine, kBudget.log_lines_max> log_lines{};
  static inline std::array<session::RememberedAnswer, kBudget.remembered_answers_max> answers{};
  static inline std::array<std::uint32_t, kBudget.remembered_answers_max> answer_buckets{};
  static inline std::array<session::Parked, kBudget.sessions_max> parked{};
  static inline std::array<session::Sessions::Slot, kBudget.sessions_max> sessions{};
  static inline std::array<Instant, kBudget.sessions_max> deadlines{};
  static inline std::array<session::AnswerPlace, kBudget.sessions_max * kBudget.answers_per_session_max>
      places{};
  static inline std::array<session::FrameId, kBudget.sessions_max * kBudget.frames_per_session_max> waiting{};
  static inline std::array<protocol::Fold, kBudget.sessions_max * kBudget.channels_max> folds{};
  static inline std::array<session::FramePool::Frame, kBudget.frames_max> frames{};
  static inline std::array<char, kBudget.frames_max * kBudget.frame_bytes> frame_bytes{};
  static inline std::array<session::FramePool::Frame, kBudget.inboxes_max> inboxes{};
  static inline std::array<char, kBudget.inboxes_max * kBudget.message_bytes_max> inbox_bytes{};
  static inline std::array<SlotPool<session::Group>::Slot, kBudget.subscription_groups_max> groups{};
  static inline std::array<telemetry::Subscription::Seen,
                           kBudget.subscription_groups_max * kBudget.channels_max>
      seen{};
  static inline std::array<session::Membership, kMemberships> memberships{};
  static inline std::array<trust::LoginThrottle::Record, kBudget.failed_logins_max> failed_logins{};
  static inline std::array<std::uint64_t, kBudget.failed_logins_max> known_logins{};
  static inline std::array<session::RequestRates::Place, kBudget.request_rates_max> request_rates{};
  static inline std::array<journal::Record, kBudget.journal_records_max> journal_records{};
  static inline std::array<char, hal::AppendLog::kPieceBytesMax> journal_piece{};
  static inline std::array<char, hal::AppendLog::kPieceBytesMax> history_piece{};
  static inline std::array<std::uint32_t, kBudget.channels_max> history_wanted{};
  alignas(std::max_align_t) static inline std::array<std::byte, kBudget.tls_region_bytes> tls_region{};
  alignas(std::max_align_t) static inline std::array<std::byte, kBudget.lws_region_bytes> lws_region{};

  static Machine::Memory machine() {
    return {channels,
            parts,
            latest,
            {tracks, history},
            alarms,
            {commands, outputs, demands, {leases, batons}},
            {events, presence, announcements, log_lines},
            {sessions,
             deadlines,
             places,
             waiting,
             folds,
             frames,
             frame_bytes,
             inboxes,
             inbox_bytes,
             {answers, answer_buckets},
             parked,
             {groups, seen, memberships},
             {failed_logins, known_logins},
             request_rates},
            {journal_records, journal_piece},
            {next_channels, next_parts},
            {history_piece, history_wanted}};
  }
  static LibraryMemory libraries() { return {tls_region, lws_region}; }
};

}  // namespace signalbox::machine
