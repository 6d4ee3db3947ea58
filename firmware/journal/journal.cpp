#include "journal/journal.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <type_traits>

#include "base/log.hpp"
#include "journal/ending.hpp"
#include "journal/line.hpp"

namespace signalbox::journal {
namespace {

using hal::Completion;
using Kind = Record::Kind;

Record gap(WallTime wall, const FixedText<95>& detail) {
  return {.at_ms = wall.unix_ms, .kind = Kind::gap, .detail = detail};
}

/// Tells the log what somebody asked for, by a message, a button or a signal. Actuations are too many for it.
void tell(const Record& record) {
  const bool is_asked = !record.who.empty() || record.kind == Kind::stop || record.kind == Kind::reloaded;
  if (!is_asked || record.kind == Kind::actuation) return;
  FixedText<255> line{"journal:"};
  each_member(record, [&line](std::string_view name, const auto& value) {
    if constexpr (std::is_integral_v<std::remove_cvref_t<decltype(value)>>)
      line = format_text<255>("%s %.*s=%lld", line.c_str(), length(name), name.data(),
                              static_cast<long long>(value));
    else
      line = format_text<255>("%s %.*s=%.*s", line.c_str(), length(name), name.data(), length(value),
                              value.data());
  });
  log(Severity::info, "%s", line.c_str());
}

}  // namespace

Result<void> Journal::open(hal::AppendLog& log, const Run& run) {
  SIGNALBOX_CHECK(log_ == nullptr && piece_.size() >= kLineBytesMax + 1);
  const auto read_end = [&log]() -> Result<Ending> {
    std::array<char, Ending::kBytes> end{};
    const Result<std::size_t> size = log.read_end(end);
    if (!size) return size.error();
    const Ending ending = read_ending({end.data(), *size});
    log.drop_end(ending.torn);
    return ending;
  };
  Result<Ending> found = read_end();
  if (found && found->is_empty && found->torn > 0) {
    // It was the first piece of a file: the last line is in the file before.
    const std::size_t torn = found->torn;
    found = read_end();
    if (found) found->torn += torn;
  }
  if (!found) return found.error();
  const Ending& ending = *found;
  log_ = &log;
  needs_feed_ = ending.is_open_ended;
  go_on_after(ending, run);
  append({.at_ms = run.wall.unix_ms,
          .kind = Kind::started,
          .epoch = run.epoch,
          .detail =
              format_text<95>("signalbox %.*s", length(run.firmware_version), run.firmware_version.data())});
  return {};
}

void Journal::go_on_after(const Ending& ending, const Run& run) {
  SIGNALBOX_CHECK(newest_ == 0);  // numbers go on where the log ends
  newest_ = committed_ = ending.last.sequence;
  stop_latched_ = ending.is_damaged || ending.last.while_stopped;
  if (ending.is_damaged) {
    append(gap(run.wall, "the line before was changed or is none of ours; a new chain begins here"));
    log(Severity::warning,
        "journal: its last line does not prove itself; a new chain begins behind it. Whether the device was "
        "stopped cannot be told: it stays stopped until reset");
    return;
  }
  head_ = ending.last.hash;
  if (ending.is_clean()) return;
  const auto torn =
      ending.torn == 0 ? FixedText<31>{} : format_text<31>("; %zu torn bytes were dropped", ending.torn);
  append(gap(run.wall, format_text<95>("cut off: records of the last %lld ms may be missing%s",
                                       static_cast<long long>(to_ms(kCommitEvery)), torn.c_str())));
}

void Journal::append(const Record& record) {
  ++newest_;
  if (record.kind == Kind::stop) stop_latched_ = true;
  if (record.kind == Kind::reset) stop_latched_ = false;
  is_urgent_ = is_urgent_ || record.kind == Kind::stop || record.kind == Kind::reset;
  Record numbered = record;
  numbered.sequence = newest_;
  numbered.while_stopped = stop_latched_;
  tell(numbered);
  if (records_.capacity() == 0) return;
  if (records_.full()) records_.pop();
  records_.push(numbered);
}

Journal::Counts Journal::counts() const {
  const std::uint64_t gone = oldest() - 1;
  const bool is_behind = log_ != nullptr && gone > committed_;
  return {.lost = lost_ + (is_behind ? gone - committed_ : 0), .failures = failures_};
}

const Record* Journal::find(std::uint64_t sequence) const {
  if (sequence < oldest() || sequence > newest_) return nullptr;
  return &records_[static_cast<std::size_t>(sequence - oldest())];
}

Instant Journal::step(Instant now) {
  if (log_ == nullptr) return kNever;
  log_->poll(now);
  take_completion(now);
  if (is_due(now)) commit(now);
  if (operation_.completion == Completion::pending) {
    return std::min(log_->next(), is_silent_ ? kNever : submitted_at_ + kSilentMax);
  }
  return committed_ < newest_ ? std::max(round_at_, now) : kNever;
}

void Journal::take_completion(Instant now) {
  if (operation_.completion == Completion::idle) return;
  if (operation_.completion == Completion::pending) {
    if (is_silent_ || now - submitted_at_ < kSilentMax) return;
    is_silent_ = true;
    failed("the store is silent");
    return;
  }
  if (operation_.completion == Completion::done) {
    committed_ = piece_to_;
    head_ = piece_head_;
    lost_ += piece_lost_;
    needs_feed_ = false;
    if (is_troubled_)
      log(Severity::info, "journal: written again; lost so far: %" PRIu64 " records", counts().lost);
    is_troubled_ = false;
  } else {
    if (!is_silent_) failed(operation_.why.c_str());
    round_to_ = committed_;
    round_at_ = std::max(round_at_, now + kCommitEvery);
    gave_up_ = closed_at_ != kNever;
  }
  is_silent_ = false;
  operation_.completion = Completion::idle;
}

/// Counts; a person is told once, until it works again.
void Journal::failed(const char* why) {
  ++failures_;
  if (!is_troubled_)
    log(Severity::error, "journal: not written: %s; it goes on in memory and is tried again", why);
  is_troubled_ = true;
}

bool Journal::is_due(Instant now) const {
  if (operation_.completion == Completion::pending || committed_ == newest_ || gave_up_) return false;
  return committed_ < round_to_ || is_urgent_ || closed_at_ != kNever || now >= round_at_;
}

void Journal::commit(Instant now) {
  if (committed_ >= round_to_) {
    round_to_ = newest_;
    round_at_ = now + kCommitEvery;
    is_urgent_ = false;
  }
  operation_.bytes = piece_.first(fill_piece());
  submitted_at_ = now;
  log_->append(operation_);
}

/// Writes as many lines as fit, chained to what is in the log. Chained only now, not when they are added, so
/// that records that the ring had to give up leave a gap in the chain and not a break.
std::size_t Journal::fill_piece() {
  std::size_t size = 0;
  if (needs_feed_) piece_[size++] = '\n';
  piece_to_ = committed_;
  piece_head_ = head_;
  piece_lost_ = 0;
  while (piece_to_ < newest_) {
    Record missing{.sequence = oldest() - 1,
                   .kind = Kind::gap,
                   .lost = oldest() - 1 - piece_to_,
                   .while_stopped = stop_latched_};
    const Record* next = find(piece_to_ + 1);
    if (next == nullptr) {
      const Record* after = find(oldest());
      missing.at_ms = after != nullptr ? after->at_ms : 0;
      missing.detail = "the store failed for too long";
      next = &missing;
    }
    const std::string_view line = write_line(*next, piece_head_, piece_.subspan(size), piece_head_);
    if (line.empty()) break;
    size += line.size();
    piece_to_ = next->sequence;
    piece_lost_ += next->lost;
  }
  return size;
}

void Journal::close(Instant now, WallTime wall) {
  append({.at_ms = wall.unix_ms, .kind = Kind::ended});
  closed_at_ = now;
}

bool Journal::is_settled(Instant now) const {
  if (log_ == nullptr) return true;
  if (closed_at_ == kNever) return false;
  return committed_ == newest_ || gave_up_ || now - closed_at_ >= kCloseWithin;
}

}  // namespace signalbox::journal
