#include "sim/hal/store.hpp"

#include <algorithm>
#include <utility>

namespace signalbox::sim {
namespace {

/// Two syncs and a rename.
constexpr Duration kStoreLatency = from_ms(5);

}  // namespace

Result<std::size_t> Store::do_read(std::string_view name, std::span<char> into) {
  if (faults_.strikes(FaultKind::fails, "store", now_) != nullptr)
    return Error{Reason::failed,
                 format_text<95>("cannot read %.*s: input/output error", length(name), name.data())};
  const auto found = records_.find(name);
  if (found == records_.end())
    return Error{Reason::not_found, format_text<95>("no record %.*s", length(name), name.data())};
  const std::string& record = found->second;
  if (record.size() > into.size())
    return Error{Reason::too_big, format_text<95>("record %.*s has %zu bytes, at most %zu fit", length(name),
                                                  name.data(), record.size(), into.size())};
  std::copy(record.begin(), record.end(), into.begin());
  return record.size();
}

Result<void> Store::do_write(std::string_view name, std::string_view record) {
  if (faults_.strikes(FaultKind::fails, "store", now_) != nullptr)
    return Error{Reason::failed,
                 format_text<95>("cannot write %.*s: no space left", length(name), name.data())};
  records_.insert_or_assign(std::string{name}, std::string{record});
  return {};
}

void Store::do_save(hal::SaveOperation& operation) {
  SIGNALBOX_CHECK(pending_ == nullptr && operation.record.size() <= kRecordBytesMax);
  pending_ = &operation;
  name_ = operation.name;
  record_ = operation.record;
  timing_ = time_operation(faults_, "store", now_, kStoreLatency, kNever);
}

void Store::do_poll(Instant now) {
  now_ = now;
  if (pending_ == nullptr || timing_.ends > now) return;
  if (timing_.outcome == hal::Completion::done && !lies_)
    records_.insert_or_assign(name_, record_);
  else if (!lies_)
    pending_->why = format_text<127>("cannot write %s: no space left", name_.c_str());
  std::exchange(pending_, nullptr)->completion = timing_.outcome;
}

void Store::cut_power(bool kept) {
  if (pending_ != nullptr && kept) records_.insert_or_assign(name_, record_);
  pending_ = nullptr;
}

Result<void> Store::do_remove(std::string_view name) {
  if (faults_.strikes(FaultKind::fails, "store", now_) != nullptr)
    return Error{Reason::failed,
                 format_text<95>("cannot remove %.*s: input/output error", length(name), name.data())};
  const auto found = records_.find(name);
  if (found == records_.end())
    return Error{Reason::not_found, format_text<95>("no record %.*s", length(name), name.data())};
  records_.erase(found);
  return {};
}

}  // namespace signalbox::sim
