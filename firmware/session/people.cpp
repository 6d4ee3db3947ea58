#include "session/people.hpp"

#include <algorithm>
#include <bit>

namespace signalbox::session {

using protocol::Ack;
using protocol::Attendee;
using protocol::Audience;

namespace {

/// What all others have to hear.
constexpr Rate kAnnouncements{.per_s = 5, .burst = 10};

}  // namespace

void People::arrived(Session& session, Instant now) {
  session.next_announcement = context_.news.announcements().end();
  tell(session, "sessionOpened", now);
}

void People::returned(Session& session, std::uint32_t groups, std::optional<std::uint64_t> after,
                      Instant now) {
  release(session.groups & groups);  // it had joined these again already
  session.groups |= groups;
  if (after) {
    std::uint64_t next = context_.news.announcements().place_after(*after);
    // A group's bit may have been another's before.
    for (std::size_t i = 0; i < kGroupsMax; ++i)
      if ((session.groups >> i & 1U) != 0) next = std::max(next, groups_[i].since);
    session.next_announcement = next;
    session.news_seen = Session::kNewsUnseen;
  }
  tell(session, "sessionResumed", now);
}

void People::left(const Session& session, Instant now) { tell(session, "sessionClosed", now); }

void People::release(std::uint32_t groups) {
  for (std::size_t i = 0; i < kGroupsMax; ++i)
    if ((groups >> i & 1U) != 0) --groups_[i].members;
}

/// Its bit; 0: there is none.
std::uint32_t People::find_group(std::string_view name) const {
  for (std::size_t i = 0; i < kGroupsMax; ++i)
    if (groups_[i].members > 0 && groups_[i].name.view() == name) return 1U << i;
  return 0;
}

/// The bit of a free place that has that name now; 0: none is free.
std::uint32_t People::make_group(std::string_view name) {
  for (std::size_t i = 0; i < kGroupsMax; ++i) {
    if (groups_[i].members > 0) continue;
    groups_[i].name = name;
    groups_[i].since = context_.news.announcements().end();
    return 1U << i;
  }
  return 0;
}

void People::serve(const Exchange& exchange, const protocol::Join& asked) {
  Session& session = exchange.session;
  std::uint32_t group = find_group(asked.group);
  if ((session.groups & group) != 0) return exchange.answer(Ack::Outcome::joined);
  if (std::popcount(session.groups) >= static_cast<int>(context_.limits.groups))
    return exchange.fail({Reason::busy, "in as many groups as a session may be; leave one first", {}, 1000});
  if (group == 0) group = make_group(asked.group);
  if (group == 0)
    return exchange.fail({Reason::overloaded, "as many groups as this device can have", {}, 1000});
  session.groups |= group;
  ++groups_[static_cast<std::size_t>(std::countr_zero(group))].members;
  exchange.answer(Ack::Outcome::joined);
  tell(session, "groupJoined", exchange.now, asked.group);
}

void People::serve(const Exchange& exchange, const protocol::Leave& asked) {
  Session& session = exchange.session;
  const std::uint32_t group = find_group(asked.group) & session.groups;
  if (group == 0)
    return exchange.fail({Reason::not_found, "this session is in no group of that name", "payload.group"});
  session.groups &= ~group;
  release(group);
  exchange.answer(Ack::Outcome::left);
  tell(session, "groupLeft", exchange.now, asked.group);
}

/// How many sessions it is for.
std::uint32_t People::audience(const Session& from, const Audience& to) const {
  std::uint32_t count = 0;
  sessions_.each([&](Handle, const Session& session) {
    const bool there = session.who() != nullptr && session.is_open() && &session != &from;
    if (there && session.belongs_to(to)) ++count;
  });
  return count;
}

void People::serve(const Exchange& exchange, const protocol::Announce& asked) {
  const Duration early = exchange.session.announcements.take(kAnnouncements, exchange.now);
  if (early > Duration{})
    return exchange.fail({Reason::busy,
                          format_text<95>("more than %u announcements a second", kAnnouncements.per_s),
                          {},
                          static_cast<std::uint32_t>(to_ms(early) + 1)});
  protocol::Announcement announcement{.at = exchange.now, .to = asked.to};
  announcement.by = exchange.session.who()->name;
  announcement.session = exchange.session.id;
  announcement.sender = exchange.session.holder;
  announcement.text = asked.text;
  announcement.data = asked.data;
  if (asked.to.kind == Audience::Kind::group) announcement.to.groups = find_group(asked.to.name);
  const std::uint32_t reached = audience(exchange.session, announcement.to);
  if (reached == 0 && asked.to.kind != Audience::Kind::all)
    return exchange.fail(
        {Reason::not_found, "nobody else of that name is there; presence lists who is", "payload.to"});
  context_.news.add(announcement);
  Ack announced{Ack::Outcome::announced};
  announced.reached = reached;
  exchange.answer(announced);
}

void People::serve(const Exchange& exchange, const protocol::AskPresence& asked) {
  exchange.answer(protocol::PresencePage{this, asked.after});
}

std::optional<Attendee> People::do_from(std::uint32_t place) const {
  Session* session = sessions_.first_from(place);
  while (session != nullptr && (session->who() == nullptr || !session->is_open()))
    session = sessions_.first_from(session->handle.index + 1);
  if (session == nullptr) return std::nullopt;
  Attendee attendee{.place = session->handle.index, .since = session->since, .groups = session->groups};
  attendee.session = session->id;
  attendee.name = session->who()->name;
  attendee.role = session->who()->scope.role();
  attendee.peer = session->peer;
  attendee.subscriptions = publisher_.count_of(*session);
  attendee.folded = session->outbox.folded_in_all();
  if (session->holder == control::kNobody) return attendee;
  for (device::ChannelIndex i = 0; i < context_.roster.channels().size(); ++i)
    attendee.leases[i] = authority_.lease(i).held_by.holder == session->holder;
  for (device::BatonIndex i = 0; i < context_.roster.batons().size(); ++i)
    if (authority_.baton(i).held_by.holder == session->holder) attendee.batons |= 1U << i;
  return attendee;
}

void People::tell(const Session& session, std::string_view name, Instant now, std::string_view group) {
  protocol::Event event{.at = now, .name = name};
  event.by = session.who()->name;
  event.session = session.id;
  event.group = group;
  context_.news.add_presence(event);
}

}  // namespace signalbox::session
