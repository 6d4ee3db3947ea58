#include "sim/storm/recorder.hpp"

#include <algorithm>

#include "sim/storm/bench.hpp"

namespace signalbox::sim::storm {
namespace {

constexpr Duration kLateness = from_ms(900);

}  // namespace

const hal::Platform::Ports& Recorder::do_ports() {
  ports_ = bench_.ports();
  ports_.digital = this;
  ports_.pwm = this;
  return ports_;
}

void Recorder::do_poll(Instant now) {
  now_ = now;
  bench_.poll(now);
  release_late();
  settle(digital_);
  settle(pwm_);
}

Instant Recorder::do_next() const {
  Instant next = bench_.next();
  for (const auto& held : digital_) {
    if (hal::is_final(held.ours.completion)) next = std::min(next, now_);
    if (held.released_at != Instant{}) next = std::min(next, held.released_at);
  }
  return next;
}

double Recorder::level(Output output) const {
  if (output == Output::fan) return bench_.fan().duty();
  twins::Relay& relay = output == Output::heater ? bench_.heater() : bench_.lamp();
  return relay.coil().level(now_) ? 1.0 : 0.0;
}

Instant Recorder::moved_at(Output output) const {
  if (output == Output::fan) return bench_.fan().driven_at();
  return output == Output::heater ? bench_.heater().driven_at() : bench_.lamp().driven_at();
}

std::size_t Recorder::record(Output output, double level_asked, Instant deadline) {
  Write write{.output = output, .level = level_asked, .before = level(output), .submitted = now_};
  write.deadline = deadline;
  const device::Latest& latest = values_->of(bench::channel_of(output));
  write.version = latest.version;
  if (device::is_usable(latest.sample.quality)) write.read = device::as_number(latest.sample.value);
  writes_.push_back(write);
  return writes_.size() - 1;
}

template <typename Operation>
void Recorder::settle(std::list<Held<Operation>>& held) {
  for (auto& each : held) {
    if (!hal::is_final(each.ours.completion)) continue;
    Write& write = writes_[each.write];
    write.completion = each.ours.completion;
    write.completed_at = now_;
    if (write.completion == hal::Completion::done && moved_at(write.output) >= write.submitted)
      write.moved_at = moved_at(write.output);
    each.theirs->completion = each.ours.completion;
  }
  std::erase_if(held, [](const auto& each) { return hal::is_final(each.ours.completion); });
}

int Recorder::do_claim_input(std::string_view line, const hal::InputSetup& setup) {
  return bench_.ports().digital->claim_input(line, setup);
}

int Recorder::do_claim_output(std::string_view line, bool initial, bool safe) {
  const int claimed = bench_.ports().digital->claim_output(line, initial, safe);
  if (line == "lamp") lamp_line_ = claimed;
  return claimed;
}

void Recorder::do_write(int line, hal::DigitalOperation& operation) {
  if (lie_ == Lie::lost_lamp && line == lamp_line_) {
    operation.completion = hal::Completion::done;
    return;
  }
  auto& held = digital_.emplace_back();
  held = {operation,
          &operation,
          record(line == lamp_line_ ? Output::lamp : Output::heater, operation.level ? 1.0 : 0.0,
                 operation.deadline),
          line,
          {}};
  if (lie_ == Lie::deaf_relay) {
    held.ours.completion = hal::Completion::done;
  } else if (lie_ == Lie::late_relay) {
    held.released_at = now_ + kLateness;
    held.ours.deadline = kNever;
  } else {
    bench_.ports().digital->write(line, held.ours);
  }
}

void Recorder::release_late() {
  for (auto& held : digital_) {
    if (held.released_at == Instant{} || held.released_at > now_) continue;
    held.released_at = {};
    bench_.ports().digital->write(held.place, held.ours);
  }
}

void Recorder::do_read(int line, hal::DigitalOperation& operation) {
  bench_.ports().digital->read(line, operation);
}

void Recorder::do_withdraw(hal::DigitalOperation& operation) {
  for (auto& held : digital_)  // one that comes late knows nothing of it
    if (held.theirs == &operation && held.released_at == Instant{})
      bench_.ports().digital->withdraw(held.ours);
  settle(digital_);
}

void Recorder::do_withdraw(hal::PwmOperation& operation) {
  for (auto& held : pwm_)
    if (held.theirs == &operation) bench_.ports().pwm->withdraw(held.ours);
  settle(pwm_);
}

int Recorder::do_claim(std::string_view output, std::uint32_t frequency_hz, double initial_duty,
                       double safe_duty) {
  return bench_.ports().pwm->claim(output, frequency_hz, initial_duty, safe_duty);
}

void Recorder::do_write(int output, hal::PwmOperation& operation) {
  auto& held = pwm_.emplace_back();
  held = {operation, &operation, record(Output::fan, operation.duty, operation.deadline), output, {}};
  bench_.ports().pwm->write(output, held.ours);
}

}  // namespace signalbox::sim::storm
