#include "hal/linux/digital.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr Duration kBeatEvery = from_ms(LineWorker::kSilence_ms / 10);

PortRequest request_for(PortRequest::Kind kind, int line) {
  PortRequest request;
  request.kind = kind;
  request.line = line;
  return request;
}

void finish_operation(void* record, const PortReply& reply) {
  auto& operation = *static_cast<DigitalOperation*>(record);
  operation.completion = reply.completion;
  operation.level = reply.completion == Completion::done ? reply.level : operation.level;
}

void finish_nothing(void* /*record*/, const PortReply& /*reply*/) {}

/// `record`: the line's name.
void finish_claim(void* record, const PortReply& reply) {
  if (reply.completion != Completion::done)
    log(Severity::error, "line %s is lost: %s", static_cast<const char*>(record), reply.why.c_str());
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

int Digital::do_claim(std::string_view line, Direction direction, bool initial, bool safe) {
  const int place = place_for(line);
  Line claimed{.name = {}, .is_output = direction == Direction::output, .safe = safe, .is_claimed = true};
  if (place == kNoLine || !claimed.name.assign(line)) return kNoLine;
  PortRequest request = request_for(PortRequest::Kind::claim, place);
  request.name = claimed.name;
  request.is_output = claimed.is_output;
  request.level = initial;
  request.safe = safe;
  const PortReply reply = link_.call(request);
  if (reply.completion != Completion::done) {
    log(Severity::warning, "line %s: %s", claimed.name.c_str(), reply.why.c_str());
    return kNoLine;
  }
  lines_[static_cast<std::size_t>(place)] = claimed;
  return place;
}

void Digital::do_release_line(int line) {
  if (line < 0) return;
  lines_[static_cast<std::size_t>(line)].is_claimed = false;
  link_.submit(request_for(PortRequest::Kind::release, line), nullptr, finish_nothing);
}

void Digital::submit(PortRequest::Kind kind, int line, DigitalOperation& operation) {
  PortRequest request = request_for(kind, line);
  request.level = operation.level;
  request.deadline = operation.deadline;
  if (!link_.submit(request, &operation, finish_operation)) operation.completion = Completion::failed;
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

/// The process that held them died: the one that took over holds none. Outputs begin anew as safe ones.
void Digital::claim_again() {
  log(Severity::error, "the process that holds the lines died; another one takes over");
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    Line& its = lines_[i];
    if (!its.is_claimed) continue;
    PortRequest request = request_for(PortRequest::Kind::claim, static_cast<int>(i));
    request.name = its.name;
    request.is_output = its.is_output;
    request.level = request.safe = its.safe;
    if (!link_.submit(request, const_cast<char*>(its.name.c_str()), finish_claim))
      log(Severity::error, "line %s is lost: too much is asked of the lines", its.name.c_str());
  }
}

void Digital::poll(Instant now) {
  if (!link_.is_open()) return;
  if (now >= beat_at_) {
    link_.tell_alive();
    beat_at_ = now + kBeatEvery;
  }
  const PortLink::News news = link_.poll(now);
  if (news.died) claim_again();
  if (news.silent_ms > 0)
    log(Severity::error, "the loop stood still for %u ms: outputs were made safe meanwhile", news.silent_ms);
}

Instant Digital::next() const { return link_.is_open() ? std::min(link_.next(), beat_at_) : kNever; }

}  // namespace signalbox::hal::kernel
