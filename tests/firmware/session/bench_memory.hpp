#pragma once

#include <vector>

#include "budget/budget.hpp"
#include "machine/machine.hpp"

namespace signalbox::session {

/// Few places of everything, so that every limit is near.
inline constexpr Budget kTinyBudget{.sessions_max = 3,
                                    .spare_connections = 0,
                                    .subscriptions_per_session_max = 2,
                                    .commands_per_session_max = 2,
                                    .answers_per_session_max = 10,
                                    .frames_per_session_max = 2,
                                    .frames_max = 4,
                                    .frame_bytes = 4096,
                                    .inboxes_max = 1,
                                    .message_bytes_max = 512,
                                    .commands_max = 3,
                                    .subscription_groups_max = 3,
                                    .events_max = 4,
                                    .presence_max = 6,
                                    .announcements_max = 5,
                                    .log_lines_max = 6,
                                    .remembered_answers_max = 12,
                                    .journal_records_max = 16,
                                    .channels_max = 7,
                                    .history_per_channel_max = 8,
                                    .parts_max = 7};
/// With room for the events of a whole test.
inline constexpr Budget kEventfulBudget = [] {
  Budget budget = kTinyBudget;
  budget.events_max = 32;
  return budget;
}();

/// Memory for a machine of any budget; as little as it says.
class BenchMemory {
 public:
  explicit BenchMemory(const Budget& budget)
      : channels_(budget.channels_max),
        parts_(budget.parts_max),
        next_channels_(budget.channels_max),
        next_parts_(budget.parts_max),
        latest_(budget.channels_max),
        tracks_(budget.channels_max),
        history_(std::size_t{budget.channels_max} * budget.history_per_channel_max),
        alarms_(budget.channels_max),
        commands_(budget.commands_max),
        outputs_(budget.channels_max),
        demands_(budget.channels_max),
        leases_(budget.channels_max),
        batons_(device::kBatonsMax),
        events_(budget.events_max),
        presence_(budget.presence_max),
        announcements_(budget.announcements_max),
        log_lines_(budget.log_lines_max),
        answers_(budget.remembered_answers_max),
        answer_buckets_(budget.remembered_answers_max),
        parked_(budget.sessions_max),
        sessions_(budget.sessions_max),
        deadlines_(budget.sessions_max),
        places_(budget.sessions_max * budget.answers_per_session_max),
        waiting_(budget.sessions_max * budget.frames_per_session_max),
        folds_(budget.sessions_max * budget.channels_max),
        frames_(budget.frames_max),
        frame_bytes_(budget.frames_max * budget.frame_bytes),
        inboxes_(budget.inboxes_max),
        inbox_bytes_(budget.inboxes_max * budget.message_bytes_max),
        groups_(budget.subscription_groups_max),
        seen_(budget.subscription_groups_max * budget.channels_max),
        memberships_(budget.sessions_max * budget.subscriptions_per_session_max),
        failed_logins_(8),
        known_logins_(4),
        request_rates_(2),
        journal_records_(budget.journal_records_max),
        journal_piece_(hal::AppendLog::kPieceBytesMax),
        history_piece_(hal::AppendLog::kPieceBytesMax),
        history_wanted_(budget.channels_max) {}

  machine::Machine::Memory spans() {
    return {channels_,
            parts_,
            latest_,
            {tracks_, history_},
            alarms_,
            {commands_, outputs_, demands_, {leases_, batons_}},
            {events_, presence_, announcements_, log_lines_},
            {sessions_,
             deadlines_,
             places_,
             waiting_,
             folds_,
             frames_,
             frame_bytes_,
             inboxes_,
             inbox_bytes_,
             {answers_, answer_buckets_},
             parked_,
             {groups_, seen_, memberships_},
             {failed_logins_, known_logins_},
             request_rates_},
            {journal_records_, journal_piece_},
            {next_channels_, next_parts_},
            {history_piece_, history_wanted_}};
  }

 private:
  std::vector<device::Channel> channels_;
  std::vector<device::Part> parts_;
  std::vector<device::Channel> next_channels_;
  std::vector<device::Part> next_parts_;
  std::vector<device::Latest> latest_;
  std::vector<telemetry::History::Track> tracks_;
  std::vector<telemetry::History::Entry> history_;
  std::vector<telemetry::Alarms::OfChannel> alarms_;
  std::vector<control::QueuedCommand> commands_;
  std::vector<control::OutputState> outputs_;
  std::vector<control::Demand> demands_;
  std::vector<control::Lease> leases_;
  std::vector<control::Baton> batons_;
  std::vector<protocol::Event> events_;
  std::vector<protocol::Event> presence_;
  std::vector<protocol::Announcement> announcements_;
  std::vector<protocol::LogLine> log_lines_;
  std::vector<RememberedAnswer> answers_;
  std::vector<std::uint32_t> answer_buckets_;
  std::vector<Parked> parked_;
  std::vector<Sessions::Slot> sessions_;
  std::vector<Instant> deadlines_;
  std::vector<AnswerPlace> places_;
  std::vector<FrameId> waiting_;
  std::vector<protocol::Fold> folds_;
  std::vector<FramePool::Frame> frames_;
  std::vector<char> frame_bytes_;
  std::vector<FramePool::Frame> inboxes_;
  std::vector<char> inbox_bytes_;
  std::vector<SlotPool<Group>::Slot> groups_;
  std::vector<telemetry::Subscription::Seen> seen_;
  std::vector<Membership> memberships_;
  std::vector<trust::LoginThrottle::Record> failed_logins_;
  std::vector<std::uint64_t> known_logins_;
  std::vector<RequestRates::Place> request_rates_;
  std::vector<journal::Record> journal_records_;
  std::vector<char> journal_piece_;
  std::vector<char> history_piece_;
  std::vector<std::uint32_t> history_wanted_;
};

}  // namespace signalbox::session
