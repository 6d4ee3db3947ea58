#include "link/admission.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace signalbox::link {
namespace {

/// Each counts twice, so that a rate of one a second lets a network do it every two seconds: as often as load
/// balancers look whether TLS answers.
constexpr std::uint32_t kFruitlessCost = 2;

bool is_beyond(std::uint32_t count, std::uint32_t limit) { return limit != 0 && count >= limit; }

}  // namespace

bool Admission::admit(std::uint64_t network, Instant now) {
  Place* place = find(network);
  if (place == nullptr) place = make(network, now);
  if (is_beyond(place->connections, limits_.connections_per_network) ||
      is_beyond(place->newcomers, limits_.newcomers_per_network)) {
    ++counts_.too_many;
    return false;
  }
  // While others may have to wait nobody is let in on trust.
  if ((is_filling() && !place->fruitless.is_full(now)) ||
      place->fruitless.owed(limits_.fruitless_per_network, now) > Duration{} ||
      place->handshakes.take(limits_.handshakes_per_network, now) > Duration{}) {
    ++counts_.too_fast;
    return false;
  }
  ++place->connections;
  ++place->newcomers;
  ++newcomers_;
  return true;
}

void Admission::settled(std::uint64_t network) {
  Place* place = find(network);
  SIGNALBOX_CHECK(place != nullptr && place->newcomers > 0);
  --place->newcomers;
  --newcomers_;
}

void Admission::was_fruitless(std::uint64_t network, Instant now) {
  Place* place = find(network);
  SIGNALBOX_CHECK(place != nullptr);
  place->fruitless.charge(limits_.fruitless_per_network, now, kFruitlessCost);
}

void Admission::left(std::uint64_t network, bool newcomer) {
  if (newcomer) settled(network);
  Place* place = find(network);
  SIGNALBOX_CHECK(place != nullptr && place->connections > place->newcomers);
  --place->connections;
}

Admission::Place* Admission::find(std::uint64_t network) {
  const auto used = places_.first(used_);
  const auto found =
      std::find_if(used.begin(), used.end(), [&](const Place& its) { return its.network == network; });
  return found != used.end() ? &*found : nullptr;
}

/// A free place, or that of the network without connections that is soonest forgiven what it did.
Admission::Place* Admission::make(std::uint64_t network, Instant now) {
  Place* place = nullptr;
  for (Place& its : places_.first(used_)) {
    if (its.connections > 0) continue;
    if (place == nullptr || its.forgiven_at() < place->forgiven_at()) place = &its;
  }
  if ((place == nullptr || place->forgiven_at() > now) && used_ < places_.size()) place = &places_[used_++];
  SIGNALBOX_CHECK(place != nullptr);  // there are more places than connections
  *place = Place{};
  place->network = network;
  return place;
}

}  // namespace signalbox::link
