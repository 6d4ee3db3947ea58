#include "session/news_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace signalbox::session {
namespace {

using protocol::Announcement;
using protocol::Event;
using protocol::LogLine;

/// Whether an entry waits for a reader at `next`; passes over what it does not want.
template <typename Entry, typename Wanted>
bool waits(const RecentLog<Entry>& log, std::uint64_t& next, bool listens, Wanted&& wanted) {
  if (!listens) next = log.end();
  while (next < log.end() && next >= log.oldest() && !wanted(log.at(next))) ++next;
  return next < log.end();
}

/// Calls `visit(log, next)` for each log in which something waits for the session.
template <typename Visit>
void each_waiting(Session& session, const Context& context, Visit&& visit) {
  if (session.who() == nullptr || !session.is_open()) return;
  const News& news = context.news;
  if (waits(news.events(), session.next_event, session.wants_events, [&](const Event& event) {
        return event.channel == device::kNoChannel ||
               session.who()->may(Right::read, context.roster.channels()[event.channel].path);
      }))
    visit(news.events(), session.next_event);
  if (waits(news.presence(), session.next_presence, session.wants_presence,
            [](const Event&) { return true; }))
    visit(news.presence(), session.next_presence);
  if (waits(news.announcements(), session.next_announcement, session.dialect->converses(),
            [&](const Announcement& announcement) {
              return session.belongs_to(announcement.to) && announcement.sender != session.holder;
            }))
    visit(news.announcements(), session.next_announcement);
  if (waits(news.lines(), session.next_line, session.wants_log, [](const LogLine&) { return true; }))
    visit(news.lines(), session.next_line);
}

template <typename Entry>
std::uint64_t offset_at(const RecentLog<Entry>& log, std::uint64_t next) {
  return log.at(std::max(next, log.oldest())).offset;
}

/// The entry, or how many were lost before it.
template <typename Entry>
protocol::Published take(const RecentLog<Entry>& log, std::uint64_t& next) {
  const std::uint64_t oldest = log.oldest();
  if (next >= oldest) return log.at(next++);
  return protocol::EventGap{oldest - std::exchange(next, oldest), log.at(oldest).offset};
}

/// A line says itself how many were lost before it.
protocol::Published take(const RecentLog<LogLine>& log, std::uint64_t& next) {
  const std::uint64_t place = std::max(next, log.oldest());
  LogLine line = log.at(place);
  line.lost = place - std::exchange(next, place + 1);
  return line;
}

}  // namespace

bool has_news(Session& session, const Context& context) {
  if (session.news_seen == context.news.count()) return false;
  bool any = false;
  each_waiting(session, context, [&](const auto&, std::uint64_t&) { any = true; });
  if (!any) session.news_seen = context.news.count();
  return any;
}

protocol::Published next_news(Session& session, const Context& context) {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  each_waiting(session, context, [&](const auto& log, const std::uint64_t& next) {
    first = std::min(first, offset_at(log, next));
  });
  protocol::Published news;
  each_waiting(session, context, [&](const auto& log, std::uint64_t& next) {
    if (offset_at(log, next) == first) news = take(log, next);
  });
  return news;
}

}  // namespace signalbox::session
