#include "sim/hal/digital.hpp"

namespace signalbox::sim {

bool Digital::attach(std::string_view name, Direction direction, twins::Line& line) {
  if (wires_count_ == wires_.size()) return false;
  wires_[wires_count_++] = {name, direction, &line, false, false};
  return true;
}

int Digital::claim(std::string_view line, Direction direction) {
  for (std::size_t i = 0; i < wires_count_; ++i) {
    Wire& wire = wires_[i];
    if (wire.name.view() != line) continue;
    if (wire.claimed || wire.direction != direction) return kNoLine;
    wire.claimed = true;
    return static_cast<int>(i);
  }
  return kNoLine;
}

int Digital::do_claim_input(std::string_view line, const hal::InputSetup& setup) {
  const int place = claim(line, Direction::input);
  if (place == kNoLine) return kNoLine;
  Wire& wire = wires_[static_cast<std::size_t>(place)];
  look(wire, now());
  wire.line->pull(setup.bias == hal::Bias::pull_up);
  wire.watch.begin(now(), setup, wire.line->level(now()));
  return place;
}

int Digital::do_claim_output(std::string_view line, bool initial, bool /*safe*/) {
  const int place = claim(line, Direction::output);
  if (place == kNoLine) return kNoLine;
  Wire& wire = wires_[static_cast<std::size_t>(place)];
  wire.line->drive(now(), initial);
  wire.last_level = wire.line->level(now());
  return place;
}

void Digital::begin(Instant at) {
  for (std::size_t i = 0; i < wires_count_; ++i) {
    Wire& wire = wires_[i];
    if (wire.direction != Direction::input) continue;
    look(wire, at);
    wire.watch.begin(at, wire.line->level(at));
  }
}

void Digital::watch(Instant at) {
  for (std::size_t i = 0; i < wires_count_; ++i)
    if (wires_[i].claimed && wires_[i].direction == Direction::input)
      look(wires_[i], at);
    else
      wires_[i].watched_at = at;
}

/// A stuck line shows nothing of what hangs on it.
void Digital::look(Wire& wire, Instant at) {
  const bool stuck = faults_.strikes(FaultKind::stuck, wire.name, at) != nullptr;
  wire.line->watch(wire.watched_at, at, [&wire, stuck](Instant when, bool level) {
    if (!stuck) wire.watch.see(when, level);
  });
  if (!stuck) wire.watch.see(at, wire.line->level(at));
  wire.watched_at = at;
}

void Digital::do_release_line(int line) {
  const auto place = static_cast<std::size_t>(line);
  if (line >= 0 && place < wires_count_) wires_[place].claimed = false;
}

void Digital::do_write(int line, hal::DigitalOperation& operation) { submit(line, operation, true); }

void Digital::do_read(int line, hal::DigitalOperation& operation) { submit(line, operation, false); }

void Digital::submit(int line, hal::DigitalOperation& operation, bool writes) {
  const bool known = line >= 0 && static_cast<std::size_t>(line) < wires_count_;
  if (!known || (writes && wires_[static_cast<std::size_t>(line)].direction != Direction::output)) {
    operation.completion = hal::Completion::failed;
    return;
  }
  const Wire& wire = wires_[static_cast<std::size_t>(line)];
  const Timing timing = time_operation(faults_, wire.name, now(), latency_, operation.deadline);
  const Operations::Entry entry{&operation, timing, line, writes};
  if (latency_ == Duration{} && timing.ends <= now())
    finish(entry);
  else if (!operations_.add(entry))
    operation.completion = hal::Completion::failed;
}

void Digital::finish(const Operations::Entry& ended) {
  const auto& [operation, timing, line, writes] = ended;
  operation->completion = timing.outcome;
  if (timing.outcome != hal::Completion::done) return;
  Wire& wire = wires_[static_cast<std::size_t>(line)];
  if (wire.direction == Direction::input) {
    look(wire, timing.ends);
    operation->level = wire.watch.level();
    operation->edges = wire.watch.edges();
    return;
  }
  const bool stuck = faults_.strikes(FaultKind::stuck, wire.name, timing.ends) != nullptr;
  if (writes && !stuck) wire.line->drive(timing.ends, operation->level);
  if (!stuck) wire.last_level = wire.line->level(timing.ends);
  if (!writes) operation->level = wire.last_level;
}

}  // namespace signalbox::sim
