#include "link/loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <libwebsockets.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "base/log.hpp"
#include "link/system_error.hpp"

namespace signalbox::link {
namespace {

constexpr int kWaitMsMax = 60'000;
constexpr Duration kPassWithin{200};
/// When a descriptor is offered again for which the kernel had no memory, or no watch left for this user.
constexpr int kRefusedRetry_ms = 20;

std::uint64_t tag(int fd, std::uint32_t generation) {
  return static_cast<std::uint64_t>(generation) << 32 | static_cast<std::uint32_t>(fd);
}

/// Rounded up: a wait that ends too early is repeated at once, and again, until the time has come.
int wait_ms(Instant now, Instant deadline) {
  if (deadline <= now) return 0;
  if (deadline - now > from_ms(kWaitMsMax)) return kWaitMsMax;
  return static_cast<int>(to_ms(deadline - now + from_ms(1) - Duration{1}));
}

bool takes_a_write(int fd) {
  pollfd polled{.fd = fd, .events = POLLOUT, .revents = 0};
  return ::poll(&polled, 1, 0) == 1;
}

}  // namespace

Loop::~Loop() {
  if (epoll_ >= 0) ::close(epoll_);
}

Result<void> Loop::open() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return system_error("epoll_create1");
  now_ = time_.now();
  return {};
}

Loop::Slot* Loop::slot(int fd) {
  return fd >= 0 && static_cast<std::size_t>(fd) < slots_.size() ? &slots_[static_cast<std::size_t>(fd)]
                                                                 : nullptr;
}

Result<void> Loop::watch(int fd, Watcher& watcher) {
  Slot* its = slot(fd);
  if (its == nullptr)
    return Error{.reason = Reason::overloaded,
                 .detail = format_text<95>("descriptor %d is beyond the table of %zu", fd, slots_.size())};
  SIGNALBOX_CHECK(its->owner == Slot::Owner::nobody);
  its->owner = Slot::Owner::watcher;
  its->watcher = &watcher;
  want(fd, EPOLLIN, true);
  return {};
}

void Loop::unwatch(int fd) {
  Slot* its = slot(fd);
  SIGNALBOX_CHECK(its != nullptr && its->owner == Slot::Owner::watcher);
  forget(fd);
}

void Loop::pause(int fd, bool paused) {
  Slot* its = slot(fd);
  SIGNALBOX_CHECK(its != nullptr && its->owner == Slot::Owner::watcher);
  want(fd, EPOLLIN, !paused);
}

void Loop::want(int fd, std::uint32_t events, bool start) {
  Slot& its = slots_[static_cast<std::size_t>(fd)];
  if ((events & EPOLLOUT) != 0) its.write_tried = start && fd == writing_;
  its.wanted = start ? its.wanted | events : its.wanted & ~events;
  if (start) its.hung_up = false;
  mark_changed(fd);
}

void Loop::mark_changed(int fd) {
  const Slot& its = slots_[static_cast<std::size_t>(fd)];
  if (its.queue == kFresh) return;
  remove(fd);
  append(kFresh, fd);
}

void Loop::append(std::uint8_t queue, int fd) {
  Slot& its = slots_[static_cast<std::size_t>(fd)];
  Queue& into = queues_[queue];
  its.queue = queue;
  its.previous = into.last;
  its.next = -1;
  (into.empty() ? into.first : slots_[static_cast<std::size_t>(into.last)].next) = fd;
  into.last = fd;
}

void Loop::remove(int fd) {
  Slot& its = slots_[static_cast<std::size_t>(fd)];
  if (its.queue == kNoQueue) return;
  Queue& from = queues_[its.queue];
  (its.previous < 0 ? from.first : slots_[static_cast<std::size_t>(its.previous)].next) = its.next;
  (its.next < 0 ? from.last : slots_[static_cast<std::size_t>(its.next)].previous) = its.previous;
  its.queue = kNoQueue;
}

void Loop::forget(int fd) {
  Slot& its = slots_[static_cast<std::size_t>(fd)];
  if (its.known) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  ahead_.drop(its.ahead);
  if (behind_.waits_for(fd)) flush();
  behind_.drop(fd);
  remove(fd);
  its = Slot{.generation = its.generation + 1};
}

/// An answer is in the first queue, however many are owed telemetry: these wait in the second for their turn,
/// in order, while it is seen after each few whether somebody says something. As many of the first as a pass
/// can bring up, so that answers do not pile up, which hold frames.
bool Loop::settle() {
  refused_now_ = false;
  if (queues_[kFresh].empty() && queues_[kRest].empty()) {
    is_refused_ = false;
    return false;
  }
  settling_ = true;
  settle_some(kFresh, kEventsPerPass);
  settle_some(kRest, kSettledPerPass);
  settling_ = false;
  flush();
  while (!queues_[kFresh].empty() && !refused_now_) {
    const int fd = queues_[kFresh].first;
    remove(fd);
    append(kRest, fd);
  }
  is_refused_ = refused_now_;
  return true;
}

void Loop::settle_some(std::uint8_t queue, int most) {
  const int last = queues_[queue].last;  // what comes up meanwhile waits
  for (int i = 0; i < most && !queues_[queue].empty(); ++i) {
    const int fd = queues_[queue].first;
    remove(fd);
    if (slots_[static_cast<std::size_t>(fd)].owner != Slot::Owner::nobody) {
      now_ = time_.now();
      settle(fd);
    }
    if (fd == last) return;
  }
}

void Loop::settle(int fd) {
  Slot& its = slots_[static_cast<std::size_t>(fd)];
  const std::uint32_t generation = its.generation;
  if (is_unread(its)) serve_lws(fd, EPOLLIN);
  if (its.generation != generation) return;
  if (its.asks != 0) call_writer(fd);
  if (its.generation != generation) return;
  // A socket nearly always takes a write. Looking first, where it is not known, spares the kernel's list two
  // changes for each message.
  if ((its.wanted & EPOLLOUT) != 0 && (its.registered & EPOLLOUT) == 0 && !its.write_tried &&
      (has_room(fd) || takes_a_write(fd))) {
    if (!has_room(fd)) found_writable(fd, its);
    its.write_tried = true;
    serve_lws(fd, EPOLLOUT);
    if (its.generation != generation) return;
  }
  if (!is_unread(its)) remove(fd);  // what serving it brought up is done below
  const std::uint32_t readable = its.held ? its.wanted & ~std::uint32_t{EPOLLIN} : its.wanted;
  const std::uint32_t writable = behind_.is_stuck(fd) ? std::uint32_t{EPOLLOUT} : 0;
  const std::uint32_t wanted = its.hung_up ? 0 : readable | writable;
  if (its.registered == wanted && its.known == !its.hung_up) return;
  epoll_event event{};
  event.events = wanted;
  event.data.u64 = tag(fd, its.generation);
  const int operation = its.hung_up ? EPOLL_CTL_DEL : its.known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  if (::epoll_ctl(epoll_, operation, fd, &event) != 0) {
    SIGNALBOX_CHECK(errno == ENOMEM || errno == ENOSPC);
    if (!is_refused_) log(Severity::warning, "a connection waits to be watched: %s", std::strerror(errno));
    refused_now_ = true;
    mark_changed(fd);
    return;
  }
  its.known = !its.hung_up;
  its.registered = wanted;
}

void Loop::call_writer(int fd) {
  Slot& its = slots_[static_cast<std::size_t>(fd)];
  writing_ = has_room(fd) ? fd : -1;
  writer_->write(std::exchange(its.asks, 0));
  writing_ = -1;
}

/// How long libwebsockets lets it wait then.
int Loop::force_service() {
  // 0 where libwebsockets holds back bytes that no descriptor will tell of: decrypted already, or read and
  // unused.
  const int ms = lws_service_adjust_timeout(context_, kWaitMsMax, 0);
  if (ms > 0) return ms;
  return _lws_plat_service_forced_tsi(context_, 0) != 0 ? 0 : 1;
}

void Loop::wait(Instant now, Instant deadline) {
  now_ = now;
  const int forced_ms = context_ != nullptr ? force_service() : kWaitMsMax;
  if (settle()) now_ = time_.now();
  int timeout_ms = std::min(forced_ms, wait_ms(now_, deadline));
  if (!queues_[kRest].empty())
    timeout_ms = 0;
  else if (!queues_[kFresh].empty())
    timeout_ms = std::min(timeout_ms, is_refused_ ? kRefusedRetry_ms : 0);
  std::array<epoll_event, kEventsPerPass> events;
  if (pass_began_ != kNever) passes_.add(now_ - pass_began_);
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
  SIGNALBOX_CHECK(count >= 0 || errno == EINTR);
  pass_began_ = now_ = time_.now();
  turn_taken_ = false;
  spent_ = 0;
  const std::span ready{events.data(), static_cast<std::size_t>(std::max(count, 0))};
  const int served = dispatch(ready, false);
  settle();
  if (served == static_cast<int>(ready.size())) return;
  if (served > 0 && ++deferred_passes_ <= kDeferredPassesMax) return;
  deferred_passes_ = 0;
  spent_ = 0;
  now_ = time_.now();
  dispatch(ready, true);
}

void Loop::hold(int fd, bool held) {
  Slot* its = slot(fd);
  if (its == nullptr || its->owner != Slot::Owner::lws || its->held == held) return;
  its->held = held;
  mark_changed(fd);
}

void Loop::defer(int fd, bool deferred) {
  if (Slot* its = slot(fd); its != nullptr) its->deferred = deferred;
}

bool Loop::take_turn() {
  if (turn_taken_ && time_.now() - pass_began_ >= kPassWithin) return false;
  turn_taken_ = true;
  return true;
}

int Loop::dispatch(std::span<const epoll_event> ready, bool deferred) {
  int served = 0;
  for (const epoll_event& event : ready) {
    const int fd = static_cast<int>(event.data.u64 & 0xFFFFFFFFU);
    if (slots_[static_cast<std::size_t>(fd)].deferred != deferred) continue;
    if (spent_ >= kUnitsPerPass) break;
    spend(1);
    if (served > 0) now_ = time_.now();
    dispatch(fd, static_cast<std::uint32_t>(event.data.u64 >> 32), event.events);
    ++served;
  }
  return served;
}

void Loop::dispatch(int fd, std::uint32_t generation, std::uint32_t events) {
  Slot& its = slots_[static_cast<std::size_t>(fd)];
  if (its.generation != generation) return;  // closed since, perhaps opened again
  if (its.owner == Slot::Owner::watcher) {
    its.watcher->ready(fd);
    return;
  }
  if ((events & EPOLLOUT) != 0) {
    found_writable(fd, its);
    if (behind_.is_stuck(fd)) {
      if (!behind_.flush(fd) || (its.wanted & EPOLLOUT) == 0) events &= ~std::uint32_t{EPOLLOUT};
      mark_changed(fd);
    }
  }
  serve_lws(fd, events);
  if (its.generation == generation && (events & (EPOLLHUP | EPOLLERR)) != 0 && (its.wanted & EPOLLIN) == 0) {
    its.hung_up = true;
    mark_changed(fd);
  }
}

void Loop::hasten(int fd) {
  if (const Slot* its = slot(fd); its != nullptr && its->queue == kRest) mark_changed(fd);
}

void Loop::ask_to_write(int fd, std::uint32_t connection) {
  Slot* its = slot(fd);
  if (its == nullptr || its->owner != Slot::Owner::lws) return;  // it is being closed
  its->asks = connection;
  mark_changed(fd);
}

void Loop::serve_lws(int fd, std::uint32_t events) {
  if (context_ == nullptr) return;
  const Slot& its = slots_[static_cast<std::size_t>(fd)];
  const std::uint32_t generation = its.generation;
  serve_once(fd, events);
  // What was read ahead is not told of by the kernel any more.
  for (std::size_t left = ReadAhead::kBytes + 1; its.generation == generation && is_unread(its);) {
    const std::size_t waits = ahead_.size(its.ahead);
    if (waits >= left) return mark_changed(fd);  // it was not read now: again in the next pass
    left = waits;
    serve_once(fd, EPOLLIN);
  }
}

void Loop::serve_once(int fd, std::uint32_t events) {
  const Slot& its = slots_[static_cast<std::size_t>(fd)];
  const auto to_poll = [](std::uint32_t bits) {
    return static_cast<short>(((bits & EPOLLIN) != 0 ? LWS_POLLIN : 0) |
                              ((bits & EPOLLOUT) != 0 ? LWS_POLLOUT : 0) |
                              ((bits & (EPOLLHUP | EPOLLERR)) != 0 ? LWS_POLLHUP : 0));
  };
  lws_pollfd polled{.fd = fd, .events = to_poll(its.wanted), .revents = to_poll(events)};
  writing_ = (events & EPOLLOUT) != 0 ? fd : -1;
  lws_service_fd_tsi(context_, &polled, 0);
  writing_ = -1;
}

int Loop::init_pt(lws_context* context, void* loop, int tsi) {
  *static_cast<Loop**>(lws_evlib_tsi_to_evlib_pt(context, tsi)) = static_cast<Loop*>(loop);
  return 0;
}

void Loop::io(lws* wsi, unsigned int flags) {
  Loop* loop = *static_cast<Loop**>(lws_evlib_wsi_to_evlib_pt(wsi));
  const int fd = lws_get_socket_fd(wsi);
  Slot* its = loop != nullptr ? loop->slot(fd) : nullptr;
  if (its == nullptr) return;
  constexpr unsigned int kBoth = LWS_EV_READ | LWS_EV_WRITE;
  if ((flags & LWS_EV_STOP) != 0 && (flags & kBoth) == kBoth) {
    if (its->owner != Slot::Owner::lws) return;
    loop->forget(fd);
    loop->spend(kDepartureUnits);
    return;
  }
  if (its->owner == Slot::Owner::nobody) its->owner = Slot::Owner::lws;
  const std::uint32_t events = ((flags & LWS_EV_READ) != 0 ? std::uint32_t{EPOLLIN} : 0) |
                               ((flags & LWS_EV_WRITE) != 0 ? std::uint32_t{EPOLLOUT} : 0);
  loop->want(fd, events, (flags & LWS_EV_START) != 0);
}

const lws_plugin_evlib* Loop::event_library() {
  static const lws_event_loop_ops operations = [] {
    lws_event_loop_ops ops{};  // later versions have more members; those stay empty
    ops.name = "signalbox";
    ops.init_pt = init_pt;
    ops.io = io;
    ops.flags = LELOF_ISPOLL;
    // Not 0, or libwebsockets' timers never run.
    ops.evlib_size_pt = sizeof(Loop*);  // NOLINT(bugprone-sizeof-expression)
    return ops;
  }();
  static const lws_plugin_evlib_t library = {
      .hdr = {"signalbox", "lws_evlib_plugin", "n/a", LWS_PLUGIN_API_MAGIC}, .ops = &operations};
  return &library;
}

}  // namespace signalbox::link
