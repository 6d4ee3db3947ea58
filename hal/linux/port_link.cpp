#include "hal/linux/port_link.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

#include "hal/linux/clock.hpp"

namespace signalbox::hal::kernel {

bool PortLink::send(PortRequest& request) {
  request.id = ++last_id_;
  return ::send(socket_.number(), &request, sizeof request, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

bool PortLink::receive(PortReply& reply) {
  if (!socket_) return false;
  const ssize_t size = recv(socket_.number(), &reply, sizeof reply, MSG_DONTWAIT);
  if (size == 0 || (size < 0 && errno == ECONNRESET)) close();
  if (size != static_cast<ssize_t>(sizeof reply)) return false;
  is_deaf_ = false;
  return true;
}

/// The process and the one that watched over it are gone.
void PortLink::close() {
  socket_ = {};
  news_.gone = true;
  is_asked_ = given_up_ = false;
  while (count_ > 0) {
    const Entry first = entries_[0];
    remove(0);
    end(first, Completion::failed, "the process that holds the device is gone");
  }
}

PortReply PortLink::call(PortRequest request) {
  PortReply reply;
  reply.why = "the process that holds the device does not answer";
  if (!socket_ || is_deaf_ || !send(request)) return reply;
  const Instant end = Clock{}.now() + kCallWithin;
  pollfd answer{.fd = socket_.number(), .events = POLLIN, .revents = 0};
  PortReply heard;
  for (Instant now = Clock{}.now(); now < end; now = Clock{}.now()) {
    if (::poll(&answer, 1, static_cast<int>(to_ms(end - now)) + 1) != 1) continue;
    if (!receive(heard)) break;
    if (heard.id == request.id) return heard;
    take(heard);
    if (news_.died) break;
  }
  is_deaf_ = true;
  return reply;
}

bool PortLink::submit(const PortRequest& request, void* record, Finish finish) {
  if (!socket_ || count_ == entries_.size()) return false;
  entries_[count_++] = {request, record, finish};
  send_next();
  return true;
}

void PortLink::send_next() {
  if (is_asked_ || count_ == 0) return;
  is_asked_ = send(entries_[0].request);
  asked_at_ = now_;
  given_up_ = false;
}

bool PortLink::withdraw(const void* record) {
  const std::size_t first = is_asked_ && !given_up_ ? 1 : 0;
  for (std::size_t i = first; i < count_; ++i) {
    if (entries_[i].record != record) continue;
    remove(i);
    return true;
  }
  return false;
}

void PortLink::remove(std::size_t place) {
  std::move(entries_.begin() + static_cast<std::ptrdiff_t>(place) + 1,
            entries_.begin() + static_cast<std::ptrdiff_t>(count_),
            entries_.begin() + static_cast<std::ptrdiff_t>(place));
  --count_;
}

void PortLink::end(const Entry& entry, Completion completion, const char* why) {
  PortReply reply;
  reply.completion = completion;
  reply.why = why;
  entry.finish(entry.record, reply);
}

void PortLink::tell_alive() {
  PortRequest alive;
  if (socket_) (void)::send(socket_.number(), &alive, sizeof alive, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void PortLink::take(const PortReply& reply) {
  if (reply.id == PortReply::kMadeSafe) {
    news_.silent_ms = reply.silent_ms;
    return;
  }
  if (reply.id == PortReply::kDied) {
    news_.died = true;
    const bool was_waited_for = is_asked_ && !given_up_;
    is_asked_ = given_up_ = false;
    if (!was_waited_for) return;
    const Entry first = entries_[0];
    remove(0);
    end(first, Completion::failed, "the process that holds the device died");
    return;
  }
  if (!is_asked_ || reply.id != (given_up_ ? given_up_id_ : entries_[0].request.id)) return;
  is_asked_ = false;
  if (std::exchange(given_up_, false)) return;
  const Entry first = entries_[0];
  remove(0);
  first.finish(first.record, reply);
}

void PortLink::end_overdue() {
  if (is_asked_ && !given_up_ && entries_[0].request.deadline < now_ - kGrace) {
    given_up_ = true;
    given_up_id_ = entries_[0].request.id;
    const Entry first = entries_[0];
    remove(0);
    end(first, Completion::failed, "it does not end");  // and may still happen
  }
  for (std::size_t i = is_asked_ && !given_up_ ? 1 : 0; i < count_;) {
    if (entries_[i].request.deadline > now_) {
      ++i;
      continue;
    }
    const Entry late = entries_[i];
    remove(i);
    end(late, Completion::timed_out, "it could not begin in time");
  }
}

PortLink::News PortLink::poll(Instant now) {
  now_ = now;
  if (count_ > 0 || is_asked_ || now >= look_at_) {
    look_at_ = now + kLookPeriod;
    PortReply reply;
    while (receive(reply)) take(reply);
  }
  end_overdue();
  send_next();
  return std::exchange(news_, {});
}

Instant PortLink::next() const {
  if (count_ == 0) return kNever;
  Instant next = now_ + std::clamp((now_ - asked_at_) / 4, kPollFirst, kPollLast);
  for (std::size_t i = is_asked_ && !given_up_ ? 1 : 0; i < count_; ++i)
    next = std::min(next, entries_[i].request.deadline);
  return std::max(next, now_);
}

}  // namespace signalbox::hal::kernel
