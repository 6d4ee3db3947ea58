#include "telemetry/history_log.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace signalbox::telemetry {

using device::ChannelIndex;
using hal::Completion;

void HistoryLog::open(hal::AppendLog& log, std::uint32_t run, Duration every, Instant now) {
  SIGNALBOX_CHECK(log_ == nullptr && memory_.wanted.size() >= from_.roster.channels_max());
  log_ = &log;
  every_ = every;
  due_at_ = now;
  head_ = {.run = run};
  written_until_ = from_.values.offset();
}

void HistoryLog::close(Instant now) {
  if (log_ == nullptr) return;
  closed_at_ = due_at_ = now;
  phase_ = Phase::resting;  // a piece that is being filled begins anew, as the last one
}

bool HistoryLog::is_settled(Instant now) const {
  if (log_ == nullptr) return true;
  if (closed_at_ == kNever) return false;
  return due_at_ == kNever || gave_up_ || now - closed_at_ >= kCloseWithin;
}

Instant HistoryLog::step(Instant now, const WallClock& clock) {
  if (log_ == nullptr) return kNever;
  log_->poll(now);
  take_completion(now);
  if (operation_.completion == Completion::pending) return log_->next();
  if (phase_ == Phase::resting) {
    if (now < due_at_ || gave_up_) return gave_up_ ? kNever : due_at_;
    begin(now, clock);
    return phase_ == Phase::resting ? due_at_ : now;
  }
  if (phase_ == Phase::measuring) {
    if (at_ < channels_) measure(at_++);
    if (at_ < channels_) return now;
    phase_ = Phase::filling;
    share_ = fair_share();
    at_ = 0;
    return now;
  }
  if (at_ < channels_) fill(at_++);
  if (at_ < channels_) return now;
  send();
  return log_->next();
}

/// Whether there is anything to write: an idle device does not touch its card.
bool HistoryLog::has_anything() const {
  if (head_.number == 0 || closed_at_ != kNever) return true;
  for (ChannelIndex i = 0; i < from_.roster.channels().size(); ++i)
    if (from_.values.of(i).offset > written_until_) return true;
  return false;
}

void HistoryLog::begin(Instant now, const WallClock& clock) {
  if (!has_anything()) {
    due_at_ = now + every_;
    return;
  }
  PieceHead head = head_;
  ++head.number;
  head.clock_ms = clock.label(Instant{}).unix_ms;
  head.upto_ms = to_ms(now.time_since_epoch());
  head.ended = is_last_ = closed_at_ != kNever;
  piece_.begin(head);
  until_ = from_.values.offset();
  channels_ = static_cast<ChannelIndex>(from_.roster.channels().size());
  thinned_ = 0;
  at_ = 0;
  phase_ = Phase::measuring;
}

/// What the channel has that is not in the log, as far as the piece reaches.
Selection HistoryLog::unwritten(ChannelIndex channel) const {
  return {.first = from_.history.first_after(channel, written_until_),
          .end = from_.history.first_after(channel, until_)};
}

void HistoryLog::measure(ChannelIndex channel) {
  const Selection all = unwritten(channel);
  const bool lacks = from_.history.lost_until(channel) > written_until_;
  memory_.wanted[channel] = all.first == all.end && !lacks
                                ? 0U
                                : static_cast<std::uint32_t>(block_bytes(
                                      from_.history.of(channel), all, from_.roster.channels()[channel].kind));
}

/// The most that each may have so that all have as much as they want, or that.
std::size_t HistoryLog::fair_share() const {
  const std::size_t room = piece_.room();
  std::size_t share = room;
  std::size_t settled_below = 0;  // who wants no more than that has it
  for (;;) {
    std::size_t left = room;
    std::size_t others = 0;
    for (ChannelIndex i = 0; i < channels_; ++i) {
      if (memory_.wanted[i] <= settled_below)
        left -= memory_.wanted[i];
      else
        ++others;
    }
    if (others == 0) return share;
    share = left / others;
    if (share <= settled_below) return share;
    settled_below = share;
  }
}

void HistoryLog::fill(ChannelIndex channel) {
  if (memory_.wanted[channel] == 0) return;
  const device::Channel& declared = from_.roster.channels()[channel];
  const Ring<History::Entry>& entries = from_.history.of(channel);
  const std::size_t most = std::min(share_, piece_.room());
  Selection kept = unwritten(channel);
  const std::size_t count = kept.end - kept.first;
  while (kept.stride < count && block_bytes(entries, kept, declared.kind) > most) kept.stride *= 2;
  const bool lacks = from_.history.lost_until(channel) > written_until_ || kept.stride > 1;
  if (piece_.add(declared, entries, kept, lacks)) {
    thinned_ += kept.stride > 1 ? 1U : 0U;
    return;
  }
  kept.first = kept.end;  // not even one fits; that there were some does
  ++thinned_;
  piece_.add(declared, entries, kept, true);
}

void HistoryLog::send() {
  operation_.bytes = piece_.finish();
  log_->append(operation_);
  phase_ = Phase::resting;
}

void HistoryLog::take_completion(Instant now) {
  if (operation_.completion == Completion::idle || operation_.completion == Completion::pending) return;
  if (operation_.completion == Completion::done) {
    ++head_.number;
    written_until_ = until_;
    ++counts_.pieces;
    counts_.bytes += operation_.bytes.size();
    counts_.thinned += thinned_;
    if (is_troubled_) log(Severity::info, "history: written again");
    is_troubled_ = false;
  } else {
    ++counts_.failures;
    if (!is_troubled_)
      log(Severity::error, "history: not written: %s; it goes on in memory and is tried again",
          operation_.why.c_str());
    is_troubled_ = true;
    gave_up_ = is_last_;
  }
  operation_.completion = Completion::idle;
  if (closed_at_ == kNever)
    due_at_ = now + every_;
  else
    due_at_ = is_last_ ? kNever : now;
}

}  // namespace signalbox::telemetry
