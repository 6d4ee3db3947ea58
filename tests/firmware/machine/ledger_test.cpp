#include "machine/ledger.hpp"

#include <gtest/gtest.h>
#include <sstream>
#include <string>

#include "boards/bench/budget.hpp"
#include "machine/storage.hpp"

namespace signalbox::machine {
namespace {

using BenchStorage = Storage<boards::bench::budget>;
constexpr std::array kLink{LedgerRow{"link", "connections", 3, 300, "x"},
                           LedgerRow{"link", "descriptors", 4, 400, "y"},
                           LedgerRow{"link", "networks", 5, 500, "z"}};

TEST(Ledger, SumsEveryPool) {
  const Ledger ledger{BenchStorage::machine(), kLink, BenchStorage::libraries()};
  const Machine::Memory memory = BenchStorage::machine();
  const auto& sessions = memory.sessions;
  const LibraryMemory libraries = BenchStorage::libraries();
  const std::size_t sum =
      memory.channels.size_bytes() + memory.parts.size_bytes() + memory.reload.channels.size_bytes() +
      memory.reload.parts.size_bytes() + memory.latest.size_bytes() + memory.history.tracks.size_bytes() +
      memory.history.entries.size_bytes() + memory.history_log.piece.size_bytes() +
      memory.history_log.wanted.size_bytes() + memory.alarms.size_bytes() +
      memory.control.queue.size_bytes() + memory.control.outputs.size_bytes() +
      memory.control.demands.size_bytes() + memory.control.authority.leases.size_bytes() +
      memory.control.authority.batons.size_bytes() + memory.news.events.size_bytes() +
      memory.news.presence.size_bytes() + memory.news.announcements.size_bytes() +
      memory.news.lines.size_bytes() + sessions.answers.slots.size_bytes() +
      sessions.answers.buckets.size_bytes() + sessions.parked.size_bytes() + sessions.sessions.size_bytes() +
      sessions.deadlines.size_bytes() + sessions.places.size_bytes() + sessions.waiting.size_bytes() +
      sessions.folds.size_bytes() + sessions.frames.size_bytes() + sessions.frame_bytes.size_bytes() +
      sessions.inboxes.size_bytes() + sessions.inbox_bytes.size_bytes() +
      sessions.publisher.groups.size_bytes() + sessions.publisher.seen.size_bytes() +
      sessions.publisher.memberships.size_bytes() + memory.journal.records.size_bytes() +
      sessions.logins.records.size_bytes() + sessions.logins.known.size_bytes() +
      sessions.request_rates.size_bytes() + memory.journal.piece.size_bytes() + libraries.tls.size_bytes() +
      libraries.lws.size_bytes() + JsonDocument::memory_bytes() + sizeof(trust::Tokens) +
      session::TokenDesk::changes_bytes() + 1200;
  EXPECT_EQ(ledger.total_bytes(), sum);
}

TEST(Ledger, EveryRowHasAReason) {
  const Ledger ledger{BenchStorage::machine(), kLink, BenchStorage::libraries()};
  for (const LedgerRow& row : ledger.rows()) {
    EXPECT_FALSE(row.room.empty());
    EXPECT_FALSE(row.why.empty()) << row.what;
    EXPECT_GT(row.count, 0U) << row.what;
    EXPECT_GT(row.bytes, 0U) << row.what;
  }
}

TEST(Ledger, PrintsATable) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* memory = open_memstream(&text, &size);
  const Ledger ledger{BenchStorage::machine(), kLink, BenchStorage::libraries()};
  ledger.print(memory);
  std::fclose(memory);
  std::istringstream lines{std::string{text, size}};
  std::free(text);
  std::size_t count = 0;
  std::string line;
  for (std::string next; std::getline(lines, next); ++count) line = next;
  EXPECT_EQ(count, ledger.rows().size() + 3);
  EXPECT_EQ(line, "| | **all** | | **" + std::to_string(ledger.total_bytes()) + "** | |");
}

}  // namespace
}  // namespace signalbox::machine
