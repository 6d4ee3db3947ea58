#include "sim/storm/event_tally.hpp"

#include <algorithm>

namespace signalbox::sim::storm {

void EventTally::answered(std::size_t request, bool served) {
  for (Mark& mark : marks_)
    if (mark.request == request) mark.is_open = false;
  if (served)
    is_on_ = true;
  else
    std::erase_if(marks_, [request](const Mark& mark) { return mark.request == request; });
}

bool EventTally::is_awaited() const {
  return is_on_ || !is_tracked_ ||
         std::any_of(marks_.begin(), marks_.end(), [](const Mark& mark) { return mark.is_open; });
}

bool EventTally::adds_up(std::size_t count, std::uint64_t before) const {
  if (chronicle_.events_between(last_, before) == count) return true;
  return std::any_of(marks_.begin(), marks_.end(), [&](const Mark& mark) {
    const bool may_begin = mark.offset > last_ || (mark.resumes && mark.is_open);
    if (!may_begin || mark.offset >= before) return false;
    const std::size_t between = chronicle_.events_between(mark.offset, before);
    return between == count || (mark.resumes && count > 0 && between > 0 && between <= count);
  });
}

bool EventTally::rises(std::uint64_t offset) const {
  // Where two returns cross, the later one may lead back once more.
  return !is_tracked_ || offset > last_ ||
         std::any_of(marks_.begin(), marks_.end(), [offset](const Mark& mark) {
           return mark.resumes && mark.is_open && mark.offset < offset;
         });
}

std::string EventTally::event(JsonView payload) {
  const auto offset = static_cast<std::uint64_t>(payload["offset"].number());
  if (!is_awaited()) return "an event that nobody asked for";
  if (!chronicle_.is_event(offset)) return "an event where nothing happened";
  if (!rises(offset)) return "events must rise";
  if (is_tracked_ && !adds_up(0, offset)) return "events were left out, and not told to be lost";
  last_ = offset;
  return {};
}

std::string EventTally::gap(JsonView payload) {
  const auto before = static_cast<std::uint64_t>(payload["before"].number());
  const auto lost = static_cast<std::size_t>(payload["lost"].number());
  if (!is_awaited() || !rises(before - 1) || lost == 0) return "a gap of events that was none";
  if (is_tracked_ && !adds_up(lost, before)) return "events told and lost do not add up";
  last_ = before - 1;
  return {};
}

std::string EventTally::check_told(std::uint64_t newest) const {
  if (!is_on_ || !is_tracked_) return {};
  for (const Mark& mark : marks_)
    if (mark.is_open || mark.offset >= newest) return {};
  return last_ < newest ? "the newest events were never told" : "";
}

}  // namespace signalbox::sim::storm
