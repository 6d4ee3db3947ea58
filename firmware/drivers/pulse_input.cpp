#include "drivers/pulse_input.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace signalbox::drivers {
namespace {

constexpr Duration kPatience = from_ms(100);

double each_second(std::uint64_t pulses, Duration within) {
  return static_cast<double>(pulses) / std::chrono::duration<double>(std::max(within, Duration{1})).count();
}

}  // namespace

PulseInput::~PulseInput() {
  if (place_ != hal::Digital::kNoLine) digital_->release(place_);
}

Result<void> PulseInput::open() {
  if (digital_ != nullptr) place_ = digital_->claim_input(line_, setup_);
  if (place_ != hal::Digital::kNoLine) return {};
  return Error{Reason::not_found, format_text<95>("no free input line \"%s\" on this board", line_.c_str())};
}

void PulseInput::ask(Instant now) {
  asked_at_ = now;
  read_.deadline = now + kPatience;
  digital_->read(place_, read_);
}

bool PulseInput::take() {
  if (!hal::is_final(read_.completion)) return false;
  fault_ = {};
  if (std::exchange(read_.completion, hal::Completion::idle) == hal::Completion::done)
    count(read_.edges);
  else
    fault_ = "line not readable";
  return true;
}

void PulseInput::count(const hal::EdgeTally& edges) {
  if (edges.since != before_.since) {
    if (before_.since != Instant{}) {
      log(Severity::warning, "line %s: its pulses were not counted for a while", line_.c_str());
      fault_ = "pulses missed";
    }
    before_ = {};
    per_second_ = 0.0;
  }
  const std::uint64_t fresh = edges.count - before_.count;
  pulses_ += fresh;
  rate(edges, fresh);
  before_ = edges;
}

void PulseInput::rate(const hal::EdgeTally& edges, std::uint64_t fresh) {
  if (fresh > 0 && per_second_ > 0.0)
    per_second_ = each_second(fresh, edges.last_at - before_.last_at);
  else if (fresh > 0)  // it stood still: how long says nothing of how fast it is now
    per_second_ = edges.last_apart > Duration{0} ? each_second(1, edges.last_apart) : 0.0;
  const Duration quiet = asked_at_ - edges.last_at;
  if (quiet >= standstill_)
    per_second_ = 0.0;
  else if (fresh == 0 && quiet > Duration{0})
    per_second_ = std::min(per_second_, each_second(1, quiet));
}

}  // namespace signalbox::drivers
