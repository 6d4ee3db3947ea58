#include "sim/hal/append_log.hpp"

#include <utility>

namespace signalbox::sim {
namespace {

constexpr Duration kLogLatency = from_ms(3);

}  // namespace

/// The first `bytes` of the piece under way reach the disk.
void AppendLog::put(std::size_t bytes) {
  disk_.resize(end_);
  disk_.append(pending_->bytes.data(), std::min(bytes, pending_->bytes.size()));
}

void AppendLog::cut_power(std::size_t kept) {
  if (pending_ != nullptr) put(kept);
  pending_ = nullptr;
  end_ = disk_.size();
}

Result<std::size_t> AppendLog::do_read_end(std::span<char> into) {
  if (faults_.strikes(FaultKind::fails, name_, now_) != nullptr) return unreadable();
  const std::size_t size = std::min(into.size(), end_);
  disk_.copy(into.data(), size, end_ - size);
  return size;
}

Result<std::size_t> AppendLog::do_read(std::uint64_t place, std::span<char> into) {
  if (faults_.strikes(FaultKind::fails, name_, now_) != nullptr) return unreadable();
  const auto begin = static_cast<std::size_t>(std::min<std::uint64_t>(place, end_));
  const std::size_t size = std::min(into.size(), end_ - begin);
  disk_.copy(into.data(), size, begin);
  return size;
}

Error AppendLog::unreadable() const {
  return {Reason::failed,
          format_text<95>("cannot read %.*s: input/output error", length(name_), name_.data())};
}

void AppendLog::do_drop_end(std::size_t bytes) { end_ -= std::min(end_, bytes); }

void AppendLog::do_append(hal::AppendOperation& operation) {
  SIGNALBOX_CHECK(pending_ == nullptr);
  pending_ = &operation;
  timing_ = time_operation(faults_, name_, now_, kLogLatency, kNever);
}

void AppendLog::do_poll(Instant now) {
  now_ = now;
  if (pending_ == nullptr || timing_.ends > now) return;
  const bool done = timing_.outcome == hal::Completion::done;
  put(done ? pending_->bytes.size() : pending_->bytes.size() / 2);
  if (done) end_ = disk_.size();
  if (!done) pending_->why = "the disk is full";
  std::exchange(pending_, nullptr)->completion = timing_.outcome;
}

}  // namespace signalbox::sim
