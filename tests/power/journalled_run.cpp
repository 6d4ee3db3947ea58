#include "power/journalled_run.hpp"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <poll.h>
#include <unistd.h>

#include "journal/ending.hpp"
#include "journal/verifier.hpp"

namespace signalbox::power {

JournalledRun::JournalledRun(const char* directory, std::uint64_t file_bytes) {
  opened = log.open(directory, "journal", file_bytes);
  if (opened) opened = journal.open(log, {"e7f3", "0", {1'763'683'200'000}});
}

bool JournalledRun::commit(std::string_view detail, journal::Record::Kind kind) {
  journal.append({.kind = kind, .detail = detail});
  for (int i = 0; i < 1000 && journal.committed() < journal.newest(); ++i) {
    now += from_ms(20);
    log.poll(now);
    journal.step(now);
    if (journal.committed() < journal.newest()) ::poll(nullptr, 0, 1);
  }
  return journal.committed() == journal.newest();
}

HistoryInFiles::HistoryInFiles(const char* directory, std::uint64_t file_bytes)
    : opened{journal.open(directory, "journal", file_bytes)} {
  if (opened) opened = history.open_beside(journal, "history", file_bytes);
  if (!opened) return;
  run.emplace(history, telemetry::HistoryRun::Setup{.places = 512, .every = from_ms(1000)});
  for (const double number : numbers()) next = number + 1.0;
}

bool HistoryInFiles::sample() {
  run->put(telemetry::HistoryRun::number, next);
  for (int i = 0; i < 30; ++i)  // so that a file is full soon
    run->put(telemetry::HistoryRun::text, device::Text{std::string(29, 'x') + std::to_string(i % 10)});
  next += 1.0;
  const std::uint64_t offset = run->values.offset();
  for (int i = 0; i < 2000 && run->log_of->written_until() < offset; ++i) {
    run->pass(from_ms(50));
    ::poll(nullptr, 0, 1);
  }
  return run->log_of->written_until() >= offset;
}

std::vector<double> HistoryInFiles::numbers() const {
  std::vector<double> found;
  const Ring<telemetry::History::Entry>& entries = run->history->of(telemetry::HistoryRun::number);
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i].was_read) found.push_back(device::as_number(entries[i].value));
  return found;
}

SavingRun::SavingRun(const char* directory) : opened{store.open(directory)} {
  if (opened) opened = log.open(directory, "journal", hal::AppendLog::kPieceBytesMax);
  store.save_by(log.take_records_link());
}

bool SavingRun::save(std::string_view name, std::string_view record) {
  hal::SaveOperation operation{.name = name, .record = record, .why = {}};
  store.save(operation);
  for (Instant now{}; operation.completion == hal::Completion::pending; now += from_ms(1)) {
    usleep(50);
    store.poll(now);
  }
  return operation.completion == hal::Completion::done;
}

Files files_in(const std::filesystem::path& directory) {
  Files files;
  for (const char* name : {"journal.1", "journal"}) {
    std::ifstream text{directory / name, std::ios::binary};
    if (text) files[name] = std::string{std::istreambuf_iterator<char>{text}, {}};
  }
  return files;
}

std::uint64_t proven(const Files& files) {
  journal::Verifier verifier;
  for (const char* name : {"journal.1", "journal"}) {
    const auto file = files.find(name);
    if (file == files.end()) continue;
    std::string_view rest = file->second;
    rest.remove_suffix(
        journal::read_ending(rest.substr(rest.size() - std::min(rest.size(), journal::Ending::kBytes))).torn);
    for (std::size_t feed = rest.find('\n'); feed != std::string_view::npos; feed = rest.find('\n')) {
      const Result<void> taken = verifier.take(rest.substr(0, feed));
      EXPECT_TRUE(taken.has_value()) << name << ": " << taken.error().field.view() << ' '
                                     << taken.error().detail.view();
      if (!taken) return 0;
      rest.remove_prefix(feed + 1);
    }
    EXPECT_TRUE(rest.empty()) << name << " ends with what is neither a line nor torn";
  }
  return verifier.last();
}

}  // namespace signalbox::power
