#include "sim/storm/holdings.hpp"

#include <cstdlib>

#include "session/parking.hpp"
#include "sim/storm/bench.hpp"
#include "sim/storm/witness.hpp"

namespace signalbox::sim::storm {

using control::Holder;

Handle Holdings::handle_of(const std::string& name) {
  Handle handle;
  char* end = nullptr;
  handle.index = static_cast<decltype(handle.index)>(std::strtoul(name.c_str(), &end, 10));
  handle.generation = static_cast<decltype(handle.generation)>(std::strtoul(end + 1, nullptr, 10));
  return handle;
}

Holdings::State& Holdings::state_of(Handle session) {
  const auto [found, is_new] = states_.try_emplace(own(session));
  if (is_new) found->second.holder = own(session);
  return found->second;
}

std::string Holdings::outcome_of(const Asked& asked, Handle session, Instant now) {
  if (asked.kind == Asked::Kind::resume) return of_return(asked, session, now);
  if (asked.type == "renew" || asked.type == "stop" || asked.action == "steal") touched_at_ = now;
  if (asked.type == "stop") {
    stop_asked_at_ = now;
    return "stopped";
  }
  if (asked.type == "reset") return "reset";
  const State& state = state_of(session);
  if (!state.is_known) return {};
  if (asked.type == "baton") return of_baton(asked.action, state.holder);
  const control::Lease& lease = controller_.authority().lease(bench::kHeater);
  const bool has = lease.held_by.holder != control::kNobody && lease.held_by.holder == state.holder;
  if (!has || now >= lease.ends) return "notFound";
  const Holder baton = controller_.authority().baton(0).held_by.holder;
  return baton == control::kNobody || baton == state.holder ? "renewed" : "held";
}

std::string Holdings::of_baton(const std::string& action, Holder holder) const {
  const control::Baton& baton = controller_.authority().baton(0);
  const Holder has = baton.held_by.holder;
  const bool mine = has != control::kNobody && has == holder;
  if (action == "steal") return "stolen";
  if (action == "grant") return mine ? "granted" : "held";
  if (has == control::kNobody || mine) return "taken";
  if (action == "take") return "held";
  const Holder next = baton.asked_by.holder;
  return next == control::kNobody || next == holder ? "requested" : "held";
}

/// Who may return cannot act meanwhile: until the answer is there, nothing is known of either.
std::string Holdings::of_return(const Asked& asked, Handle session, Instant now) {
  State& mine = state_of(session);
  State& old = state_of(handle_of(asked.session));
  std::string outcome;
  old.is_claimed = true;
  mine.may_settle = mine.is_known && old.is_known;
  // Two returns at once that have a session in common: which came first cannot be told from their answers.
  if (!mine.may_settle) mine.is_contested = old.is_contested = true;
  if (mine.may_settle) {
    const Duration away = old.gone_at == kNever ? Duration{0} : now - old.gone_at;
    if (old.holder == control::kNobody || away > session::kResumeWindow + 2 * Witness::kLateMax)
      outcome = "notFound";
    else if (away < session::kResumeWindow &&
             (away == Duration{0} || (old.has_place && parked_at_.size() - old.parked_before <= parked_max_)))
      outcome = "resumed";
  }
  mine.is_known = old.is_known = false;
  return outcome;
}

void Holdings::returned(const Asked& asked, Handle session) {
  State& mine = state_of(session);
  State& old = state_of(handle_of(asked.session));
  if (!mine.may_settle || mine.is_contested || old.is_contested) return;
  mine.is_known = old.is_known = true;
  if (asked.outcome == "resumed") {
    mine.holder = old.holder;
    old.holder = control::kNobody;
  } else if (asked.outcome == "notFound") {
    old.holder = control::kNobody;
  }
}

void Holdings::parked(Handle session, bool subscribed, Instant now) {
  State& state = state_of(session);
  state.gone_at = now;
  state.parked_before = parked_at_.size();
  const bool has_room = parked_at_.size() < parked_max_ || now - parked_at_[parked_at_.size() - parked_max_] >
                                                               session::kResumeWindow + Witness::kLateMax;
  state.has_place =
      has_room || subscribed || (state.is_known && controller_.authority().has_any(state.holder));
  parked_at_.push_back(now);
}

}  // namespace signalbox::sim::storm
