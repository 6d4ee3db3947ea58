#include "hal/linux/digital.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr Duration kBeatEvery = from_ms(LineWorker::kSilence_ms / 10);
constexpr Duration kHoldEvery = from_ms(5000);

PortRequest request_for(PortRequest::Kind kind, int line) {
  PortRequest request;
  request.kind = kind;
  request.line = line;
  return request;
}

void finish_operation(void* record, const PortReply& reply) {
  auto& operation = *static_cast<DigitalOperation*>(record);
  operation.completion = reply.completion;
  if (reply.completion != Completion::done) return;
  operation.level = reply.level;
  operation.edges = reply.edges;
}

PortRequest claim_request(int line, const FixedText<31>& name, const LineSetup& setup) {
  PortRequest request = request_for(PortRequest::Kind::claim, line);
  request.name = name;
  request.setup = setup;
  return request;
}

}  // namespace

Result<void> Digital::open(bool fenced) {
  Result<SocketPair> sockets = SocketPair::open();
  if (!sockets) return sockets.error();
  if (LineWorker{sockets->theirs.number(), fenced}.start() < 0) return last_error("the lines' process");
  link_ = PortLink{std::move(sockets->ours)};
  return {};
}

int Digital::place_for(std::string_view name) const {
  const auto known =
      std::find_if(lines_.begin(), lines_.end(), [name](const Line& its) { return its.name.view() == name; });
  if (known != lines_.end()) return known->is_claimed ? kNoLine : static_cast<int>(known - lines_.begin());
  const auto fresh =
      std::find_if(lines_.begin(), lines_.end(), [](const Line& its) { return its.name.empty(); });
  const auto free = fresh != lines_.end() ? fresh
                                          : std::find_if(lines_.begin(), lines_.end(),
                                                         [](const Line& its) { return !its.is_claimed; });
  return free == lines_.end() ? kNoLine : static_cast<int>(free - lines_.begin());
}

int Digital::do_claim_input(std::string_view line, const InputSetup& setup) {
  return claim(line, {.input = setup});
}

int Digital::do_claim_output(std::string_view line, bool initial, bool safe) {
  return claim(line, {.is_output = true, .level = initial, .safe = safe});
}

int Digital::claim(std::string_view line, const LineSetup& setup) {
  const int place = place_for(line);
  Line claimed{.name = {}, .setup = setup, .is_claimed = true};
  if (place == kNoLine || !claimed.name.assign(line)) return kNoLine;
  const PortReply reply = link_.call(claim_request(place, claimed.name, setup));
  // Where it is had later than at first, an output begins as a safe one.
  claimed.setup.level = setup.safe;
  claimed.is_held = reply.completion == Completion::done;
  if (!claimed.is_held)
    log(Severity::warning, "line %s: %s; it is asked for again every %lld s", claimed.name.c_str(),
        reply.why.c_str(), static_cast<long long>(to_ms(kHoldEvery) / 1000));
  else if (!reply.why.empty())
    log(Severity::warning, "line %s: %s; what lasts shorter than a reading's period is not seen",
        claimed.name.c_str(), reply.why.c_str());
  lines_[static_cast<std::size_t>(place)] = claimed;
  return place;
}

void Digital::do_release_line(int line) {
  if (line < 0) return;
  Line& its = lines_[static_cast<std::size_t>(line)];
  its.is_claimed = false;
  // At once, as the next claim of its place will be: what waits is overtaken.
  link_.withdraw(&its);
  (void)link_.call(request_for(PortRequest::Kind::release, line));
}

void Digital::submit(PortRequest::Kind kind, int line, DigitalOperation& operation) {
  PortRequest request = request_for(kind, line);
  request.level = operation.level;
  request.deadline = operation.deadline;
  if (!lines_[static_cast<std::size_t>(line)].is_held || !link_.submit(request, &operation, finish_operation))
    operation.completion = Completion::failed;
}

void Digital::do_write(int line, DigitalOperation& operation) {
  submit(PortRequest::Kind::write, line, operation);
}

void Digital::do_read(int line, DigitalOperation& operation) {
  submit(PortRequest::Kind::read, line, operation);
}

void Digital::do_withdraw(DigitalOperation& operation) {
  if (operation.completion == Completion::pending && link_.withdraw(&operation))
    operation.completion = Completion::timed_out;
}

void Digital::finish_hold(void* record, const PortReply& reply) {
  Line& its = *static_cast<Line*>(record);
  its.is_held = reply.completion == Completion::done;
  if (its.is_held)
    log(Severity::info, "line %s is there%s%s", its.name.c_str(), reply.why.empty() ? "" : "; ",
        reply.why.c_str());
}

void Digital::hold_missing() {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    Line& its = lines_[i];
    if (its.is_claimed && !its.is_held)
      link_.submit(claim_request(static_cast<int>(i), its.name, its.setup), &its, finish_hold);
  }
}

void Digital::poll(Instant now) {
  if (!link_.is_open()) return;
  if (now >= beat_at_) {
    link_.tell_alive();
    beat_at_ = now + kBeatEvery;
  }
  const PortLink::News news = link_.poll(now);
  if (news.gone) {
    log(Severity::error, "the process that holds the lines is gone for good: restart this one");
    for (Line& its : lines_) its.is_held = false;
  }
  if (news.died) {
    log(Severity::error, "the process that holds the lines died; another one takes over");
    for (Line& its : lines_) its.is_held = false;
    hold_at_ = now;
  }
  if (now >= hold_at_) {
    hold_missing();
    hold_at_ = now + kHoldEvery;
  }
  if (news.silent_ms > 0)
    log(Severity::error, "the loop stood still for %u ms: outputs were made safe meanwhile", news.silent_ms);
}

Instant Digital::next() const { return link_.is_open() ? std::min(link_.next(), beat_at_) : kNever; }

}  // namespace signalbox::hal::kernel
