#include "session/answer_memory.hpp"

#include <algorithm>
#include <utility>

#include "base/digest.hpp"

namespace signalbox::session {
namespace {

bool is_asked_by(const RememberedAnswer& kept, const AnswerMemory::Question& question) {
  return kept.who.view() == question.who && kept.client_id.view() == question.client_id &&
         kept.msg_id.view() == question.msg_id && kept.msg_id_is_number == question.msg_id_is_number;
}

/// When nobody needs the answer any more; kNever: it is not given yet.
Instant ends(const RememberedAnswer& kept) {
  if (!kept.answered) return kNever;
  return std::max(kept.asked_at + kAnswerKept, kept.answered_at + kResumeWindow);
}

}  // namespace

AnswerMemory::AnswerMemory(const Memory& memory)
    : slots_{memory.slots}, buckets_{memory.buckets}, share_{std::max<std::size_t>(1, slots_.size() / 4)} {
  gauge_.capacity = slots_.size();
  std::fill(buckets_.begin(), buckets_.end(), 0U);  // the memory may have served before
}

void AnswerMemory::drop_old(Instant now) {
  for (std::uint32_t number = oldest_; number != 0 && now - at(number).asked_at >= kAnswerKept;) {
    const std::uint32_t newer = at(number).newer;
    if (now >= ends(at(number))) forget(number - 1);
    number = newer;
  }
}

AnswerMemory::Lookup AnswerMemory::look_up(const Question& question, Instant now) {
  drop_old(now);
  const std::uint64_t key = Digest{}.add(question.who).add(question.client_id).add(question.msg_id).value();
  for (std::uint32_t number = bucket_of(key); number != 0; number = at(number).next) {
    const RememberedAnswer& kept = at(number);
    if (kept.key != key || !is_asked_by(kept, question)) continue;
    if (kept.digest != question.digest) return {Found::different, number - 1};
    return {kept.answered ? Found::answered : Found::waiting, number - 1};
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
  std::uint32_t first = oldest_;
  std::uint32_t first_of_theirs = 0;
  for (std::uint32_t number = oldest_; number != 0; number = at(number).newer) {
    if (ends(at(number)) < ends(at(first))) first = number;
    if (at(number).who.view() != who) continue;
    if (theirs++ == 0 || ends(at(number)) < ends(at(first_of_theirs))) first_of_theirs = number;
  }
  if (theirs >= share_) return {Found::share, first_of_theirs - 1};
  return left == 0 ? Lookup{Found::full, first - 1} : Lookup{};
}

/// A free place, which is the newest now and found by that key.
std::uint32_t AnswerMemory::take(std::uint64_t key) {
  const std::uint32_t number = free_ != 0 ? free_ : ++fresh_;
  RememberedAnswer& taken = at(number);
  if (number == free_) free_ = taken.next;
  taken = RememberedAnswer{};
  taken.key = key;
  taken.older = newest_;
  (newest_ == 0 ? oldest_ : at(newest_).newer) = number;
  newest_ = number;
  taken.next = std::exchange(bucket_of(key), number);
  gauge_.took();
  return number - 1;
}

void AnswerMemory::forget(std::uint32_t place) {
  RememberedAnswer& gone = slots_[place];
  const std::uint32_t number = place + 1;
  (gone.older == 0 ? oldest_ : at(gone.older).newer) = gone.newer;
  (gone.newer == 0 ? newest_ : at(gone.newer).older) = gone.older;
  std::uint32_t* link = &bucket_of(gone.key);
  while (*link != number) link = &at(*link).next;
  *link = gone.next;
  gone.next = std::exchange(free_, number);
  gauge_.gave_back();
}

Duration AnswerMemory::retry_after(std::uint32_t place, Instant now) const {
  const RememberedAnswer& kept = slots_[place];
  const Instant end = kept.answered ? ends(kept) : std::max(kept.asked_at + kAnswerKept, now + kResumeWindow);
  return std::max(end - now, from_ms(100));
}

}  // namespace signalbox::session
