#pragma once

#include <span>

#include "device/values.hpp"
#include "protocol/messages/event.hpp"
#include "protocol/messages/log.hpp"
#include "protocol/messages/people.hpp"
#include "session/recent_log.hpp"

namespace signalbox::session {

/// Everything that happens and is told to sessions, each entry with the device's next offset. Events of the
/// device, presence, announcements and lines of the log have a ring each, so that none pushes out another: a
/// crowd that comes and goes hides no event of the device.
class News {
 public:
  struct Memory {
    std::span<protocol::Event> events;
    std::span<protocol::Event> presence;
    std::span<protocol::Announcement> announcements;
    std::span<protocol::LogLine> lines;
  };

  News(const Memory& memory, device::Values& values)
      : events_{memory.events},
        presence_{memory.presence},
        announcements_{memory.announcements},
        lines_{memory.lines},
        values_{values} {}

  // Each gives the entry's offset.
  std::uint64_t add(const protocol::Event& event) { return add(events_, event); }
  /// Who came or went.
  std::uint64_t add_presence(const protocol::Event& event) { return add(presence_, event); }
  std::uint64_t add(const protocol::Announcement& announcement) { return add(announcements_, announcement); }
  /// Of the log.
  std::uint64_t add(const protocol::LogLine& line) { return add(lines_, line); }

  const RecentLog<protocol::Event>& events() const { return events_; }
  const RecentLog<protocol::Event>& presence() const { return presence_; }
  const RecentLog<protocol::Announcement>& announcements() const { return announcements_; }
  const RecentLog<protocol::LogLine>& lines() const { return lines_; }
  /// Grows with every entry.
  std::uint64_t count() const { return count_; }

 private:
  template <typename Entry>
  std::uint64_t add(RecentLog<Entry>& log, Entry entry) {
    entry.offset = values_.advance();
    log.add(entry);
    ++count_;
    return entry.offset;
  }

  RecentLog<protocol::Event> events_;
  RecentLog<protocol::Event> presence_;
  RecentLog<protocol::Announcement> announcements_;
  RecentLog<protocol::LogLine> lines_;
  device::Values& values_;
  std::uint64_t count_ = 0;
};

}  // namespace signalbox::session
