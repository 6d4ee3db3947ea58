#include "machine/reload.hpp"

#include "base/check.hpp"
#include "base/log.hpp"
#include "device/device_file.hpp"

namespace signalbox::machine {

using device::ChannelIndex;

Result<void> Reload::begin(std::string_view text, device::Catalogue catalogue, const control::Actor& by,
                           Instant now) {
  SIGNALBOX_CHECK(!change_);
  next_.clear();
  if (const auto mistake = device::read_device_file(text, catalogue, next_))
    return Error{Reason::malformed, mistake->text()};
  const Result<device::RosterChange> change = device::RosterChange::prepare(rooms_.roster, next_);
  if (!change) return change.error();
  change_ = *change;
  by_ = by;
  give_up_at_ = now + kWithin;
  rooms_.controller.withhold(change_->unsettled(), by, now);
  return {};
}

std::optional<Result<void>> Reload::step(Instant now) {
  if (!change_) return std::nullopt;
  if (const std::optional<Error> error = not_at_rest(now)) {
    if (now < give_up_at_) return std::nullopt;
    give_up();
    return *error;
  }
  const Result<void> applied = apply(now);
  give_up();
  return applied;
}

/// First outputs, then parts: what drives an output is stepped until that is safe.
std::optional<Error> Reload::not_at_rest(Instant now) {
  const ChannelIndex output = rooms_.controller.first_unsettled(now);
  if (output != device::kNoChannel)
    return Error{Reason::failed,
                 format_text<223>("%s could not be made safe in time; the present device file stays",
                                  rooms_.roster.channels()[output].path.c_str())};
  std::optional<Error> error;
  for (std::size_t i = 0; i < rooms_.roster.parts().size(); ++i) {
    device::Part& part = rooms_.roster.parts()[i];
    if (!change_->leaving().test(i) || part.sensor == nullptr) continue;
    part.leaving = true;
    if (!error && !part.sensor->is_quiet())
      error = Error{Reason::failed,
                    format_text<223>("part %s did not come to rest in time; the present device file stays",
                                     part.name.c_str())};
  }
  return error;
}

void Reload::give_up() {
  if (!change_) return;
  change_.reset();
  rooms_.controller.give_back();
  for (device::Part& part : rooms_.roster.parts()) part.leaving = false;
}

Result<void> Reload::apply(Instant now) {
  const Result<void> exchanged = exchange_parts();
  if (exchanged) {
    tell_rooms(now);
  } else {
    // The old parts were made anew, at safe values, so what is known of theirs is of no worth either.
    for (std::size_t i = 0; i < rooms_.roster.channels().size(); ++i) {
      const device::Channel& channel = rooms_.roster.channels()[i];
      if (channel.gone || !change_->leaving().test(channel.part)) continue;
      const auto index = static_cast<ChannelIndex>(i);
      rooms_.sampler.forget(index, now);
      rooms_.alarms.wait_for_reading(index, now);
      if (channel.is_output()) rooms_.controller.begin_anew(index, now);
    }
  }
  return exchanged;
}

/// All or nothing: where one new part cannot be started, the old ones are started again.
Result<void> Reload::exchange_parts() {
  device::Roster& roster = rooms_.roster;
  const std::span<device::Part> places = roster.part_slots();
  for (std::size_t i = 0; i < places.size(); ++i)
    if (change_->leaving().test(i)) device::Roster::stop(places[i]);
  change_->exchange();
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!change_->arriving().test(i)) continue;
    const Result<void> started = roster.start(places[i], rooms_.platform.ports(), true);
    if (started) continue;
    for (std::size_t begun = 0; begun < i; ++begun)
      if (change_->arriving().test(begun)) device::Roster::stop(places[begun]);
    change_->exchange();
    start_again(change_->leaving());
    return started;
  }
  return {};
}

void Reload::start_again(const device::PartSet& parts) {
  for (std::size_t i = 0; i < rooms_.roster.parts().size(); ++i) {
    if (!parts.test(i)) continue;
    const Result<void> started = rooms_.roster.start(rooms_.roster.parts()[i], rooms_.platform.ports(), true);
    // It ran a moment ago on the same lines; if that is over, its channels go stale and its commands fail.
    if (!started) log(Severity::error, "not started again: %s", started.error().detail.c_str());
  }
}

void Reload::tell_rooms(Instant now) {
  for (std::size_t i = 0; i < device::kBatonsMax; ++i)
    if (change_->batons().test(i))
      rooms_.controller.authority().forget(static_cast<device::BatonIndex>(i), next_.baton_slots()[i], now);
  for (std::size_t i = 0; i < rooms_.roster.channels().size(); ++i) {
    const auto channel = static_cast<ChannelIndex>(i);
    const bool was_there = i < next_.channels().size();
    if (change_->unread().test(i)) {
      if (was_there) rooms_.sampler.forget(channel, now);
    } else if (change_->redeclared().test(i)) {
      rooms_.sampler.redeclare(channel);
    }
    if (change_->redeclared().test(i) && was_there)
      rooms_.alarms.redeclare(channel, next_.channels()[i].alarms(), now);
    if (change_->unread().test(i)) rooms_.alarms.wait_for_reading(channel, now);
  }
  tell_control(now);
}

void Reload::tell_control(Instant now) {
  const std::span<const device::Channel> before = next_.channels();
  for (std::size_t i = 0; i < rooms_.roster.channels().size(); ++i) {
    const device::Channel& after = rooms_.roster.channels()[i];
    const auto channel = static_cast<ChannelIndex>(i);
    const bool was_output = change_->unsettled().test(i);
    const bool begins = after.is_output() && change_->arriving().test(after.part);
    if (begins || (was_output && !after.is_output())) {
      rooms_.controller.begin_anew(channel, now);
    } else if (was_output) {
      // What the hardware holds is what was safe before.
      const device::Channel& old = change_->redeclared().test(i) ? before[i] : after;
      const device::Value held = old.uncalibrate(old.output->safe);
      const bool is_safe = held == after.uncalibrate(after.output->safe);
      rooms_.controller.redeclare(channel, is_safe ? after.output->safe : after.calibrate(held), by_, now);
    }
  }
}

}  // namespace signalbox::machine
