#include "protocol/messages/people.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "base/utf8.hpp"
#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

using Kind = Audience::Kind;

/// What is still to come behind the sessions: `],"next":4294967295}` and the message's own end.
constexpr std::size_t kSessionsEndBytes = 64;

Result<std::string_view> harmless(const JsonReader& payload, std::string_view name, std::string_view text) {
  if (!has_controls(text, "\n\t")) return text;
  return payload.error(Reason::malformed, name,
                       "found a control character; expected text, its lines ended by \\n");
}

Result<GroupName> read_group(const JsonReader& payload) {
  const Result<std::string_view> group = payload.text("group", GroupName::capacity);
  if (!group) return group.error();
  if (has_controls(*group))
    return payload.error(Reason::malformed, "group", "found a control character; expected a name without");
  return GroupName{*group};
}

Result<Audience> read_audience(const JsonReader& payload) {
  constexpr std::string_view kGroup = "group:";
  constexpr std::string_view kSession = "session:";
  const Result<std::string_view> to = payload.text("to", kSession.size() + GroupName::capacity);
  if (!to) return to.error();
  if (*to == "all") return Audience{};
  for (const auto& [prefix, kind] : {std::pair{kGroup, Kind::group}, std::pair{kSession, Kind::session}}) {
    const std::string_view name = to->substr(std::min(prefix.size(), to->size()));
    if (to->starts_with(prefix) && !name.empty() && name.size() <= GroupName::capacity)
      return Audience{kind, name};
  }
  return payload.error(Reason::malformed, "to",
                       found_instead(*to, "all, group:<its name> or session:<its name>"));
}

FixedText<39> audience_text(const Audience& to) {
  switch (to.kind) {
    case Kind::group: return format_text<39>("group:%s", to.name.c_str());
    case Kind::session: return format_text<39>("session:%s", to.name.c_str());
    default: return "all";
  }
}

template <typename Has, typename Name>
void write_names(JsonWriter& writer, std::string_view key, std::size_t count, Has&& has, Name&& name) {
  writer.key(key).begin_array();
  for (std::size_t i = 0; i < count; ++i)
    if (has(i)) writer.text(name(i));
  writer.end_array();
}

void write_attendee(JsonWriter& writer, const Attendee& attendee, const Attendance& attendance,
                    const Principal& principal, const View& view) {
  writer.begin_object();
  writer.key("session").text(attendee.session);
  writer.key("name").text(attendee.name);
  writer.key("role").word(wire_name(attendee.role));
  if (principal.may(Right::administer)) writer.key("peer").text(attendee.peer);
  writer.key("since").integer(view.clock.label(attendee.since).unix_ms);
  write_names(
      writer, "groups", std::numeric_limits<decltype(attendee.groups)>::digits,
      [&](std::size_t i) { return (attendee.groups >> i & 1U) != 0; },
      [&](std::size_t i) { return attendance.group(i); });
  writer.key("subscriptions").integer(attendee.subscriptions);
  writer.key("folded").counter(attendee.folded);
  write_names(
      writer, "batons", view.roster.batons().size(),
      [&](std::size_t i) { return (attendee.batons >> i & 1U) != 0; },
      [&](std::size_t i) { return view.roster.batons()[i].view(); });
  const auto channels = view.roster.channels();
  write_names(
      writer, "leases", channels.size(),
      [&](std::size_t i) { return attendee.leases.test(i) && principal.may(Right::read, channels[i].path); },
      [&](std::size_t i) { return channels[i].path.view(); });
  writer.end_object();
}

}  // namespace

Result<Announce> read_announce(const JsonReader& payload) {
  const Result<Audience> to = read_audience(payload);
  if (!to) return to.error();
  const Result<std::string_view> text = payload.text("text", kAnnouncementBytesMax);
  if (!text) return text.error();
  const Result<std::string_view> shown = harmless(payload, "text", *text);
  if (!shown) return shown.error();
  const auto data = payload.optional_text("data", kAnnouncementBytesMax);
  if (!data) return data.error();
  const Result<std::string_view> carried = harmless(payload, "data", data->value_or(""));
  if (!carried) return carried.error();
  return Announce{*to, *shown, *carried};
}

Result<Join> read_join(const JsonReader& payload) {
  const Result<GroupName> group = read_group(payload);
  if (!group) return group.error();
  return Join{*group};
}

Result<Leave> read_leave(const JsonReader& payload) {
  const Result<GroupName> group = read_group(payload);
  if (!group) return group.error();
  return Leave{*group};
}

Result<AskPresence> read_presence(const JsonReader& payload) {
  constexpr std::int64_t kAfterMax = std::numeric_limits<std::uint32_t>::max();
  const auto after = payload.optional_integer("after", 0, kAfterMax);
  if (!after) return after.error();
  return AskPresence{static_cast<std::uint32_t>(after->value_or(0))};
}

void write_payload(JsonWriter& writer, const Announcement& announcement, const View& view) {
  writer.begin_object();
  writer.key("epoch").text(view.epoch);
  writer.key("offset").counter(announcement.offset);
  writer.key("at").integer(view.clock.label(announcement.at).unix_ms);
  writer.key("by").text(announcement.by);
  writer.key("session").text(announcement.session);
  writer.key("to").text(audience_text(announcement.to));
  writer.key("text").text(announcement.text);
  writer.member_unless_empty("data", announcement.data);
  writer.end_object();
}

void write_payload(JsonWriter& writer, const PresencePage& page, const Principal& principal,
                   const View& view) {
  SIGNALBOX_CHECK(page.attendance != nullptr);
  writer.begin_object().key("sessions").begin_array();
  std::uint32_t place = page.after;
  std::optional<Attendee> attendee = page.attendance->from(place);
  for (bool any = false; attendee && writer.fits(); any = true) {
    const JsonWriter::Mark before = writer.mark();
    write_attendee(writer, *attendee, *page.attendance, principal, view);
    if (writer.room() < kSessionsEndBytes && any) {
      writer.back_to(before);
      break;
    }
    place = attendee->place + 1;
    attendee = page.attendance->from(place);
  }
  writer.end_array();
  if (attendee) writer.key("next").integer(place);
  writer.end_object();
}

}  // namespace signalbox::protocol
