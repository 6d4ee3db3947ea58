#include "session/answer_memory.hpp"

#include <algorithm>

#include "base/digest.hpp"

namespace signalbox::session {
namespace {

bool is_asked_by(const RememberedAnswer& kept, const AnswerMemory::Question& question) {
  return kept.who.view() == question.who && kept.client_id.view() == question.client_id &&
         kept.msg_id.view() == question.msg_id && kept.msg_id_is_number == question.msg_id_is_number;
}

/// When nobody needs the answer any more; kNever: it is not given yet.
Instant ends(const RememberedAnswer& kept) {
  if (!kept.is_answered()) return kNever;
  return std::max(kept.asked_at + kAnswerKept, kept.answered_at + kResumeWindow);
}

}  // namespace

AnswerMemory::AnswerMemory(std::span<RememberedAnswer> slots)
    : slots_{slots}, share_{std::max<std::size_t>(1, slots.size() / 4)} {
  gauge_.capacity = slots.size();
  for (std::size_t place = slots.size(); place-- > 0;) {
    slots_[place] = RememberedAnswer{.next = free_};  // the memory may have served before
    free_ = static_cast<std::uint32_t>(place);
  }
}

void AnswerMemory::drop_old(Instant now) {
  for (std::uint32_t place = oldest_; place != kNone && now - slots_[place].asked_at >= kAnswerKept;) {
    const std::uint32_t newer = slots_[place].newer;
    if (now >= ends(slots_[place])) forget(place);
    place = newer;
  }
}

AnswerMemory::Lookup AnswerMemory::look_up(const Question& question, Instant now) {
  drop_old(now);
  const std::uint64_t key = Digest{}.add(question.who).add(question.client_id).add(question.msg_id).value();
  for (std::uint32_t place = bucket_of(key); place != kNone; place = slots_[place].next) {
    const RememberedAnswer& kept = slots_[place];
    if (kept.key != key || !is_asked_by(kept, question)) continue;
    if (kept.digest != question.digest) return {Found::different, place};
    return {kept.is_answered() ? Found::answered : Found::waiting, place};
  }
  const Lookup refused = crowded(question.who);
  if (refused.found != Found::fresh) {
    ++gauge_.refused;
    return refused;
  }
  const std::uint32_t place = take(key);
  RememberedAnswer& taken = slots_[place];
  taken.digest = question.digest;
  taken.who = question.who;
  taken.client_id = question.client_id;
  taken.msg_id = question.msg_id;
  taken.msg_id_is_number = question.msg_id_is_number;
  taken.asked_at = now;
  return {Found::fresh, place};
}

/// Whether they may have no place more, and the one of theirs, or of all, that is to go first.
AnswerMemory::Lookup AnswerMemory::crowded(std::string_view who) {
  const std::size_t left = slots_.size() - gauge_.used;
  if (left > share_) return {};
  std::size_t theirs = 0;
  std::uint32_t first = kNone;
  std::uint32_t first_of_theirs = kNone;
  const auto goes_sooner = [this](std::uint32_t place, std::uint32_t other) {
    return other == kNone || ends(slots_[place]) < ends(slots_[other]);
  };
  for (std::uint32_t place = oldest_; place != kNone; place = slots_[place].newer) {
    if (goes_sooner(place, first)) first = place;
    if (slots_[place].who.view() != who) continue;
    ++theirs;
    if (goes_sooner(place, first_of_theirs)) first_of_theirs = place;
  }
  if (theirs >= share_) return {Found::share, first_of_theirs};
  return left == 0 ? Lookup{Found::full, first} : Lookup{};
}

/// A free place, which is the newest now and found by that key.
std::uint32_t AnswerMemory::take(std::uint64_t key) {
  const std::uint32_t place = free_;
  RememberedAnswer& taken = slots_[place];
  free_ = taken.next;
  taken = RememberedAnswer{.key = key, .older = newest_, .bucket = taken.bucket};
  (newest_ == kNone ? oldest_ : slots_[newest_].newer) = place;
  newest_ = place;
  taken.next = std::exchange(bucket_of(key), place);
  gauge_.took();
  return place;
}

void AnswerMemory::forget(std::uint32_t place) {
  RememberedAnswer& gone = slots_[place];
  (gone.older == kNone ? oldest_ : slots_[gone.older].newer) = gone.newer;
  (gone.newer == kNone ? newest_ : slots_[gone.newer].older) = gone.older;
  std::uint32_t* link = &bucket_of(gone.key);
  while (*link != place) link = &slots_[*link].next;
  *link = gone.next;
  gone.next = std::exchange(free_, place);
  gauge_.gave_back();
}

Duration AnswerMemory::retry_after(std::uint32_t place, Instant now) const {
  const RememberedAnswer& kept = slots_[place];
  const Instant end =
      kept.is_answered() ? ends(kept) : std::max(kept.asked_at + kAnswerKept, now + kResumeWindow);
  return std::max(end - now, from_ms(100));
}

}  // namespace signalbox::session
