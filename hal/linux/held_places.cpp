#include "hal/linux/held_places.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr Duration kBeatEvery = from_ms(OutputWorker::kSilence_ms / 10);
constexpr Duration kHoldEvery = from_ms(5000);

}  // namespace

int HeldPlaces::place_for(std::string_view name) const {
  const auto known = std::find_if(places_.begin(), places_.end(),
                                  [name](const Place& its) { return its.claim.name.view() == name; });
  if (known != places_.end()) return known->is_claimed ? kNoPlace : static_cast<int>(known - places_.begin());
  const auto fresh =
      std::find_if(places_.begin(), places_.end(), [](const Place& its) { return its.claim.name.empty(); });
  const auto free = fresh != places_.end() ? fresh
                                           : std::find_if(places_.begin(), places_.end(),
                                                          [](const Place& its) { return !its.is_claimed; });
  return free == places_.end() ? kNoPlace : static_cast<int>(free - places_.begin());
}

int HeldPlaces::claim(std::string_view name, const PortRequest& first, const PortRequest& later) {
  const int place = place_for(name);
  Place claimed{.claim = later, .one = one_, .is_claimed = true, .is_held = false};
  if (place == kNoPlace || !claimed.claim.name.assign(name)) return kNoPlace;
  claimed.claim.line = place;
  PortRequest request = first;
  request.name = claimed.claim.name;
  request.line = place;
  const PortReply reply = link_.call(request);
  claimed.is_held = reply.completion == Completion::done;
  if (!claimed.is_held)
    log(Severity::warning, "%s %s: %s; it is asked for again every %lld s", one_, request.name.c_str(),
        reply.why.c_str(), static_cast<long long>(to_ms(kHoldEvery) / 1000));
  else if (!reply.why.empty())
    log(Severity::warning, "%s %s: %s; what lasts shorter than a reading's period is not seen", one_,
        request.name.c_str(), reply.why.c_str());
  places_[static_cast<std::size_t>(place)] = claimed;
  return place;
}

void HeldPlaces::release(int place) {
  if (place < 0) return;
  Place& its = places_[static_cast<std::size_t>(place)];
  its.is_claimed = false;
  // At once, as the next claim of its place will be: what waits is overtaken.
  link_.withdraw(&its);
  PortRequest request;
  request.kind = PortRequest::Kind::release;
  request.line = place;
  (void)link_.call(request);
}

bool HeldPlaces::submit(int place, PortRequest request, void* record, PortLink::Finish finish) {
  request.line = place;
  Place& its = places_[static_cast<std::size_t>(place)];
  if (!its.is_held || !link_.submit(request, record, finish)) return false;
  if (request.kind == PortRequest::Kind::write) its.is_safe = false;
  return true;
}

void HeldPlaces::hold_missing() {
  for (Place& its : places_) {
    if (!its.is_claimed || its.is_held) continue;
    link_.submit(its.claim, &its, [](void* record, const PortReply& reply) {
      auto& missing = *static_cast<Place*>(record);
      missing.is_held = missing.is_safe = reply.completion == Completion::done;
      if (missing.is_held)
        log(Severity::info, "%s %s is there%s%s", missing.one, missing.claim.name.c_str(),
            reply.why.empty() ? "" : "; ", reply.why.c_str());
    });
  }
}

void HeldPlaces::lose_all() {
  for (Place& its : places_) its.is_held = false;
}

void HeldPlaces::poll(Instant now) {
  if (!link_.is_open()) return;
  if (now >= beat_at_) {
    link_.tell_alive();
    beat_at_ = next_multiple(now, kBeatEvery);
  }
  const PortLink::News news = link_.poll(now);
  if (news.gone) {
    log(Severity::error, "the process that holds the %s is gone for good: restart this one", several_);
    lose_all();
  }
  if (news.died) {
    log(Severity::error, "the process that holds the %s died; another one takes over", several_);
    lose_all();
    hold_at_ = now;
  }
  if (now >= hold_at_) {
    hold_missing();
    hold_at_ = now + kHoldEvery;
  }
  if (news.silent_ms > 0) {
    for (Place& its : places_) its.is_safe = its.is_held;
    log(Severity::error, "the loop stood still for %u ms: outputs were made safe meanwhile", news.silent_ms);
  }
}

Instant HeldPlaces::next() const { return link_.is_open() ? std::min(link_.next(), beat_at_) : kNever; }

}  // namespace signalbox::hal::kernel
