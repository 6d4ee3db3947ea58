#include "machine/ledger.hpp"

#include "base/json_document.hpp"

namespace signalbox::machine {
namespace {

template <typename T>
LedgerRow row(std::string_view room, std::string_view what, std::span<T> span, std::string_view why) {
  return {room, what, span.size(), span.size_bytes(), why};
}

/// Blocks of text: as many as there are frames.
LedgerRow blocks(std::string_view what, std::span<session::FramePool::Frame> frames, std::span<char> bytes,
                 std::string_view why) {
  return {"session", what, frames.size(), frames.size_bytes() + bytes.size_bytes(), why};
}

/// All rings of samples.
LedgerRow past(const telemetry::History::Memory& memory, std::string_view why) {
  return {"telemetry", "history", memory.entries.size(),
          memory.entries.size_bytes() + memory.tracks.size_bytes(), why};
}

LedgerRow answers(const session::AnswerMemory::Memory& memory, std::string_view why) {
  return {"session", "remembered answers", memory.slots.size(),
          memory.slots.size_bytes() + memory.buckets.size_bytes(), why};
}

LedgerRow logins(const trust::LoginThrottle::Memory& memory, std::string_view why) {
  return {"trust", "logins", memory.records.size() + memory.known.size(),
          memory.records.size_bytes() + memory.known.size_bytes(), why};
}

}  // namespace

Ledger::Ledger(const Machine::Memory& memory, std::span<const LedgerRow, 3> link,
               const LibraryMemory& libraries)
    : rows_{
          row("device", "channels", memory.channels, "what the device file may declare"),
          row("device", "parts", memory.parts, "each with room for the largest driver"),
          row("device", "next channels", memory.reload.channels, "of a new device file, while it is checked"),
          row("device", "next parts", memory.reload.parts, "the same"),
          row("device", "latest values", memory.latest, "one for each channel"),
          past(memory.history, "each channel's latest samples, for history and resume"),
          {"telemetry", "history log", 1,
           memory.history_log.piece.size_bytes() + memory.history_log.wanted.size_bytes(),
           "a piece on its way to the store, and what each channel wants of it"},
          row("telemetry", "alarms", memory.alarms, "each channel's, up to 4: how they stand"),
          row("control", "commands", memory.control.queue,
              "in flight in all; one more is answered overloaded"),
          row("control", "outputs", memory.control.outputs, "what each was told to hold, and since when"),
          row("control", "demands", memory.control.demands, "what safety wants of each output"),
          row("control", "leases", memory.control.authority.leases, "one for each output"),
          row("control", "batons", memory.control.authority.batons, "groups under one hand at a time"),
          row("session", "events", memory.news.events,
              "kept for readers that are late; then an explicit gap"),
          row("session", "presence", memory.news.presence, "who came and went; kept like events"),
          row("session", "announcements", memory.news.announcements, "kept like events"),
          row("session", "log lines", memory.news.lines, "kept like events"),
          answers(memory.sessions.answers,
                  "a repeated command gets its stored answer; where all are taken it is busy, for who has a "
                  "quarter earlier"),
          row("session", "parked sessions", memory.sessions.parked, "what those who may return held"),
          row("session", "sessions", memory.sessions.sessions,
              "clients at once; one more is told when to return"),
          row("session", "deadlines", memory.sessions.deadlines, "when each session has to be looked at"),
          row("session", "answer places", memory.sessions.places,
              "reserved for each session, so that an answer is never lost"),
          row("session", "waiting frames", memory.sessions.waiting,
              "telemetry for a slow socket before it folds"),
          row("session", "folds", memory.sessions.folds,
              "each session × each channel: min, max and count of what was folded"),
          blocks("frames", memory.sessions.frames, memory.sessions.frame_bytes,
                 "messages going out, telemetry shared by all its receivers"),
          blocks("inboxes", memory.sessions.inboxes, memory.sessions.inbox_bytes,
                 "messages that arrive in pieces, at one moment"),
          row("session", "subscription groups", memory.sessions.publisher.groups,
              "different subscriptions at once"),
          row("session", "sent values", memory.sessions.publisher.seen,
              "each group × each channel: what was last sent"),
          row("session", "memberships", memory.sessions.publisher.memberships,
              "each session × its subscriptions"),
          logins(memory.sessions.logins, "who showed wrong credentials, to be slowed; and who right ones"),
          row("session", "request rates", memory.sessions.request_rates,
              "credentials that ask by HTTP, and how fast each does"),
          {"journal", "records", memory.journal.records.size(),
           memory.journal.records.size_bytes() + memory.journal.piece.size_bytes(),
           "the newest, to be read; and a piece on its way to the store"},
          {"session", "changes of tokens", session::TokenDesk::kChangesMax,
           session::TokenDesk::changes_bytes(), "that wait to be saved; one more is answered overloaded"},
          {"trust", "tokens", trust::Grants::kGrantsMax, sizeof(trust::Tokens),
           "given out at a time, what was refused of issuers, and room to write it down; what is over makes "
           "place"},
          link[0],
          link[1],
          link[2],
          row("memory", "mbedTLS region", libraries.tls,
              "bytes; what connections take idle, shaking hands, and of records that are cut"),
          row("memory", "libwebsockets region", libraries.lws,
              "bytes; what connections take idle, shaking hands, and where sockets take no more"),
          {"base", "values of JSON", JsonDocument::kValuesMax, JsonDocument::memory_bytes(),
           "of a message and of what it has read: any message, and a large device file beside it"},
      } {}

std::size_t Ledger::total_bytes() const {
  std::size_t total = 0;
  for (const LedgerRow& row : rows_) total += row.bytes;
  return total;
}

void Ledger::print(std::FILE* to) const {
  std::fprintf(to, "| room | pool | places | bytes | why |\n|---|---|---:|---:|---|\n");
  for (const LedgerRow& row : rows_) {
    std::fprintf(to, "| %.*s | %.*s | %zu | %zu | %.*s |\n", length(row.room), row.room.data(),
                 length(row.what), row.what.data(), row.count, row.bytes, length(row.why), row.why.data());
  }
  std::fprintf(to, "| | **all** | | **%zu** | |\n", total_bytes());
}

}  // namespace signalbox::machine
