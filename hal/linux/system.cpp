#include "hal/linux/system.hpp"

#include <algorithm>
#include <unistd.h>

#include "hal/linux/privileges.hpp"

namespace signalbox::hal::kernel {
namespace {

/// The journal's file and the one before it: some 10,000 records each.
constexpr std::uint64_t kJournalFileBytes = 4 * 1024 * 1024;
/// The same of the history: hours of samples, days where few are taken.
constexpr std::uint64_t kHistoryFileBytes = 2 * 1024 * 1024;

Error of(std::string_view field, Error error) {
  error.field = field;
  return error;
}

}  // namespace

Result<void> System::open(const char* state, const char* drop, bool fenced) {
  if (drop != nullptr)
    if (const Result<void> dropped = become(drop); !dropped) return of("--drop", dropped.error());
  if (const Result<void> opened = store_.open(state); !opened) return of("--state", opened.error());
  const Result<void> kept = journal_.open(state, "journal", kJournalFileBytes, fenced);
  if (!kept) return of("journal", kept.error());
  const Result<void> beside = history_.open_beside(journal_, "history", kHistoryFileBytes);
  if (!beside) return of("history", beside.error());
  store_.save_by(journal_.take_records_link());
  return {};
}

void System::look() {
  if (gethostname(host_name_.data(), host_name_.size() - 1) != 0) host_name_[0] = '\0';
  const auto found = read_addresses(address_texts_);
  std::copy(found.begin(), found.end(), addresses_.begin());
  addresses_count_ = found.size();
}

}  // namespace signalbox::hal::kernel
