#include "echo_door.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "base/check.hpp"

namespace signalbox::e2e {

using session::Outgoing;
using session::Phase;
using session::Reading;

namespace {

std::size_t number_in(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

EchoDoor::EchoDoor(std::size_t sessions_max, std::size_t message_bytes_max, std::size_t waiting_bytes_max)
    : sessions(sessions_max), message_bytes_max_{message_bytes_max} {
  for (Session& its : sessions) {
    its.incoming.reserve(message_bytes_max);
    its.outgoing.reserve(waiting_bytes_max);
  }
}

EchoDoor::Session& EchoDoor::at(Handle handle) {
  SIGNALBOX_CHECK(sessions.at(handle.index).taken);
  return sessions[handle.index];
}

Result<Handle> EchoDoor::do_admit(const session::Arrival& arrival, Instant /*now*/) {
  if (arrival.caller.bearer == "wrong")
    return Error{.reason = Reason::unauthenticated, .detail = "this token opens nothing"};
  const auto free =
      std::find_if(sessions.begin(), sessions.end(), [](const Session& its) { return !its.taken; });
  if (arrival.caller.bearer == "full" || free == sessions.end())
    return Error{.reason = Reason::overloaded, .detail = "all sessions are taken", .retry_after_ms = 1500};
  counts.step(Phase::tls, Phase::upgrade);
  ++admitted;
  free->taken = true;
  free->connection = arrival.connection;
  free->incoming.clear();
  free->outgoing.clear();
  free->sent = 0;
  free->ping = false;
  free->once = !arrival.operation.empty();
  free->close_code = 0;
  free->resume_at = kNever;
  return Handle{static_cast<std::uint32_t>(free - sessions.begin()), 1};
}

Result<void> EchoDoor::do_stop(const session::Caller& caller, Instant /*now*/) {
  const std::string_view bearer = caller.bearer;
  if (bearer.empty()) return Error{Reason::unauthenticated, "no token was shown"};
  if (bearer == "guest") return Error{Reason::forbidden, "guests stop nothing"};
  return {};
}

/// The body comes back; `wrong` is a wrong code.
Result<void> EchoDoor::do_claim(session::ConnectionId connection, const session::Caller& /*caller*/,
                                std::string_view body, Instant /*now*/) {
  if (body == "wrong") return Error{Reason::forbidden, "not that one"};
  wire_->claimed(connection, body);
  return {};
}

/// For an hour, whatever the token.
Result<std::int64_t> EchoDoor::do_log_in(const session::Caller& caller, Instant /*now*/) {
  if (caller.bearer.empty() || caller.bearer == "wrong")
    return Error{Reason::unauthenticated, "this token opens nothing"};
  return 3600;
}

/// As long as the token says.
Result<std::string_view> EchoDoor::do_thing(const session::Caller& caller, std::string_view socket_url,
                                            Instant /*now*/) {
  const std::string_view bearer = caller.bearer;
  if (bearer.empty()) return Error{Reason::unauthenticated, "no token was shown"};
  thing_ = socket_url;
  thing_.resize(std::strtoul(std::string{bearer}.c_str(), nullptr, 10), '.');
  return std::string_view{thing_};
}

Reading EchoDoor::do_received(Handle handle, std::string_view part, bool first, bool last, Instant now) {
  Session& its = at(handle);
  if (first) {
    its.incoming.clear();
    its.incoming_bytes = 0;
  }
  its.incoming_bytes += part.size();
  its.incoming.append(part.substr(0, message_bytes_max_ - its.incoming.size()));
  if (its.incoming_bytes > message_bytes_max_ && its.close_code == 0) {
    its.close_code = 1009;
    its.close_reason = "too big";
    wire_->want_write(its.connection);
  }
  if (!last || its.close_code != 0) return Reading::go_on;
  ++messages;
  if (its.once) return answer(its, now);
  if (its.incoming.starts_with("!")) return obey(its, its.incoming, now);
  put(its, its.incoming, 0);
  return Reading::go_on;
}

/// What a request of HTTP is answered: its body, as a message would be, or what was asked.
Reading EchoDoor::answer(Session& its, Instant now) {
  const std::size_t body = its.incoming.find("\n\n") + 2;
  if (its.incoming.substr(body).starts_with("!"))
    obey(its, its.incoming.substr(body), now);
  else
    put(its, its.incoming, 0);
  if (its.resume_at == kNever && !its.incoming.ends_with("!hold")) its.close_code = 1000;
  return Reading::go_on;
}

/// Queues a message, `text` and then `fill` letters; drops the connection of whoever does not read.
void EchoDoor::put(Session& its, std::string_view text, std::size_t fill) {
  std::array<char, 24> head{};
  char* end = std::to_chars(head.data(), head.data() + head.size() - 1, text.size() + fill).ptr;
  *end++ = ':';
  const auto head_size = static_cast<std::size_t>(end - head.data());
  if (its.outgoing.size() + head_size + text.size() + fill > its.outgoing.capacity()) {
    wire_->drop(its.connection);
    return;
  }
  its.outgoing.append(head.data(), head_size).append(text).append(fill, 'x');
  wire_->want_write(its.connection);
}

Reading EchoDoor::obey(Session& its, std::string_view message, Instant now) {
  const std::string_view word = message.substr(0, message.find(' '));
  const std::size_t number = word.size() < message.size() ? number_in(message.substr(word.size() + 1)) : 0;
  if (word == "!close") {
    its.close_code = static_cast<std::uint16_t>(number);
    its.close_reason = "as you wish";
  } else if (word == "!drop") {
    wire_->drop(its.connection);
    return Reading::go_on;
  } else if (word == "!ping") {
    its.ping = true;
  } else if (word == "!large") {
    put(its, {}, number);
  } else if (word == "!pause" || word == "!after") {
    its.resume_at = now + from_ms(static_cast<std::int64_t>(number));
    ++pausing_;
    return Reading::pause;
  }
  wire_->want_write(its.connection);
  return Reading::go_on;
}

void EchoDoor::do_refuse(Handle handle, std::uint16_t code, std::string_view why, Instant /*now*/) {
  Session& its = at(handle);
  if (its.close_code != 0) return;
  its.close_code = code;
  its.close_reason = why;
  wire_->want_write(its.connection);
}

Outgoing EchoDoor::do_next(Handle handle, std::span<char> into, Instant /*now*/) {
  Session& its = at(handle);
  Outgoing out;
  if (its.ping) {
    its.ping = false;
    out.kind = Outgoing::Kind::ping;
    out.more = true;
  } else if (!its.outgoing.empty()) {  // "<size>:<text>" for each message
    const std::size_t colon = its.outgoing.find(':');
    const std::size_t size = number_in(its.outgoing);
    const std::size_t part = std::min(size - its.sent, into.size());
    its.outgoing.copy(into.data(), part, colon + 1 + its.sent);
    out.kind = Outgoing::Kind::text;
    out.bytes = into.first(part);
    out.first = its.sent == 0;
    its.sent += part;
    out.last = its.sent == size;
    if (out.last) {
      its.outgoing.erase(0, colon + 1 + size);
      its.sent = 0;
    }
    out.more = !its.outgoing.empty() || its.close_code != 0;
  } else if (its.close_code != 0) {
    out.kind = Outgoing::Kind::close;
    out.close_code = its.close_code;
    out.close_reason = its.close_reason;
  }
  return out;
}

void EchoDoor::do_closed(Handle handle, Instant /*now*/) {
  Session& its = at(handle);
  if (its.resume_at != kNever) --pausing_;
  its.taken = false;
  ++closed;
}

Instant EchoDoor::step(Instant now) {
  Instant next = kNever;
  if (pausing_ == 0) return next;
  for (Session& its : sessions) {
    if (!its.taken || its.resume_at == kNever) continue;
    if (its.resume_at <= now) {
      its.resume_at = kNever;
      --pausing_;
      if (its.once) {  // `!after`
        put(its, "at last", 0);
        its.close_code = 1000;
        continue;
      }
      wire_->resume_reading(its.connection);
    } else {
      next = std::min(next, its.resume_at);
    }
  }
  return next;
}

}  // namespace signalbox::e2e
