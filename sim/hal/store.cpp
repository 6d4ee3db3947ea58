#include "sim/hal/store.hpp"

#include <algorithm>

namespace signalbox::sim {
namespace {

int length(std::string_view text) { return static_cast<int>(text.size()); }

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
