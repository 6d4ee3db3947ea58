#include "session/answer_memory.hpp"

#include <algorithm>

#include "base/digest.hpp"

namespace signalbox::session {
namespace {

bool is_asked_by(const RememberedAnswer& kept, const AnswerMemory::Question& question) {
  return kept.who.view() == question.who && kept.client_id.view() == question.client_id &&
         kept.msg_id.view() == question.msg_id && kept.msg_id_is_number == question.msg_id_is_number;
}

}  // namespace

/// Answers are kept equally long, so the oldest is always the first to go.
void AnswerMemory::drop_old(Instant now) {
  while (size_ > 0) {
    const RememberedAnswer& oldest = slots_[first_];
    if (!oldest.answered || now - oldest.asked_at < kAnswerKept) return;
    first_ = (first_ + 1) % slots_.size();
    --size_;
    gauge_.gave_back();
  }
}

AnswerMemory::Lookup AnswerMemory::look_up(const Question& question, Instant now) {
  drop_old(now);
  const std::uint64_t key = Digest{}.add(question.who).add(question.client_id).add(question.msg_id).value();
  std::size_t theirs = 0;
  std::uint32_t oldest = 0;  // of theirs
  for (std::size_t i = 0; i < size_; ++i) {
    const auto place = static_cast<std::uint32_t>((first_ + i) % slots_.size());
    const RememberedAnswer& kept = slots_[place];
    if (kept.who.view() == question.who && theirs++ == 0) oldest = place;
    if (kept.key != key || !is_asked_by(kept, question)) continue;
    if (kept.digest != question.digest) return {Found::different, place};
    return {kept.answered ? Found::answered : Found::waiting, place};
  }
  const std::size_t free = slots_.size() - size_;
  if (free == 0 || (free <= share_ && theirs >= share_)) {
    ++gauge_.refused;
    if (theirs >= share_) return {Found::share, oldest};
    return {Found::full, static_cast<std::uint32_t>(first_)};
  }
  const auto place = static_cast<std::uint32_t>((first_ + size_) % slots_.size());
  ++size_;
  gauge_.took();
  RememberedAnswer& taken = slots_[place];
  taken = RememberedAnswer{};
  taken.key = key;
  taken.digest = question.digest;
  taken.who = question.who;
  taken.client_id = question.client_id;
  taken.msg_id = question.msg_id;
  taken.msg_id_is_number = question.msg_id_is_number;
  taken.asked_at = now;
  return {Found::fresh, place};
}

void AnswerMemory::forget_last() {
  SIGNALBOX_CHECK(size_ > 0);
  --size_;
  gauge_.gave_back();
}

Duration AnswerMemory::retry_after(std::uint32_t place, Instant now) const {
  return std::max(slots_[place].asked_at + kAnswerKept - now, from_ms(100));
}

}  // namespace signalbox::session
