#include "sim/storm/book.hpp"

#include <algorithm>
#include <cstdarg>

namespace signalbox::sim::storm {
namespace {

using Kind = Asked::Kind;

/// How long past its deadline a command may stay in flight.
constexpr Duration kPortGrace = from_ms(1000);

/// Something the device may still be busy with.
bool may_run(const Asked& asked) {
  return asked.kind == Kind::command || (asked.kind == Kind::repeat && asked.remembered.empty());
}

}  // namespace

void Book::fail(const char* format, ...) const {
  std::array<char, 300> text{};
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  witness_.trace.fail("%s: %s", name_.c_str(), text.data());
}

std::size_t Book::ask(Asked asked) {
  asked_.push_back(std::move(asked));
  return asked_.size() - 1;
}

void Book::complain(const Asked& asked, const std::string& wrong) const {
  if (!wrong.empty()) fail("%s: %s", asked.id.c_str(), wrong.c_str());
}

std::size_t Book::unanswered_commands() const {
  return static_cast<std::size_t>(std::count_if(unsettled(), asked_.cend(), [](const Asked& asked) {
    return may_run(asked) && asked.delivered && !asked.answered;
  }));
}

std::size_t Book::still_running(Instant now) const {
  return static_cast<std::size_t>(std::count_if(unsettled(), asked_.cend(), [&](const Asked& asked) {
    return may_run(asked) && asked.outcome == "accepted" && now <= asked.command.deadline + kPortGrace;
  }));
}

std::vector<Asked>::const_iterator Book::unsettled() const {
  return asked_.begin() + static_cast<std::ptrdiff_t>(settled_);
}

/// Of the first messages in the book nothing is open any more; skips them from now on.
void Book::settle(Instant now) {
  for (; settled_ < asked_.size(); ++settled_) {
    const Asked& asked = asked_[settled_];
    const bool runs = may_run(asked) && now <= asked.command.deadline + kPortGrace;
    const bool syncs = asked.kind == Kind::subscribe && asked.outcome.empty() && !asked.synced;
    const bool is_named = !asked.id.empty() || (is_going_on(asked) && !asked.is_unclear);
    if (!asked.delivered || (is_named && (!asked.answered || runs || syncs))) return;
  }
}

void Book::delivered(std::size_t place, Instant now) {
  settle(now);
  Asked& asked = asked_[place];
  asked.was_authenticated = authenticated_;
  asked.delivered_at = now;
  asked.waits_for_frames = std::any_of(unsettled(), asked_.cend(), [](const Asked& other) {
    const bool is_long = other.kind == Kind::describe || other.kind == Kind::subscribe;
    return is_long && other.delivered && !(other.answered && (other.kind == Kind::describe || other.synced));
  });
  asked.offset_then = witness_.values.offset();
  if (may_run(asked)) take_deadline(asked, now);
  if (asked.kind == Kind::subscribe || asked.kind == Kind::unsubscribe) change_subscriptions(asked);
  if (asked.kind == Kind::history && asked.expected.empty())
    inquiries_[asked.inquiry].begin(witness_.clock.label(Instant{}).unix_ms);
  const bool depends_on_holder = asked.kind == Kind::safety || asked.kind == Kind::resume;
  if (depends_on_holder && asked.expected.empty() && authenticated_ && !witness_.stopping)
    asked.must = witness_.holdings.outcome_of(asked, session_, now);
  if (asked.type == "reset" && authenticated_) {
    if (!asked.must.empty() && witness_.is_stop_held()) asked.must = "stopped";
    witness_.reset(asked);
  }
  if (asked.type == "renew" && authenticated_) witness_.renewed(asked);
  asked.delivered = !witness_.stopping;  // a stopping device hears nobody
  if (asked.id.empty()) ++nameless_;
  if (asked.kind == Kind::authenticate && asked.expected.empty()) authenticated_ = true;
}

/// By it the write can be told from others at the output.
void Book::take_deadline(Asked& asked, Instant now) {
  AskedCommand& command = asked.command;
  command.rivals = unanswered_commands() + still_running(now);
  command.deadline = now + from_ms(command.deadline_ms.value_or(bench::kCommandDeadline_ms));
  if (command.not_after_ms)
    command.deadline =
        std::min(command.deadline, now + from_ms(*command.not_after_ms - witness_.clock.label(now).unix_ms));
  // One that a second window has sent before may have its answer already.
  const bool is_first = !witness_.has_come(asked.id);
  for (AskedCommand::Move& move : command.moves)
    move.version_then = is_first ? witness_.values.of(bench::channel_of(move.output)).version : 0;
  const bool is_late = command.deadline <= now;
  if (asked.kind == Kind::command && asked.expected.empty() && is_late && is_first)
    asked.expected = "expired";
  if (asked.expected.empty() && authenticated_ && !is_late) witness_.expect(asked);
}

void Book::ended(Instant now) {
  if (session_ && authenticated_)
    witness_.holdings.parked(session_, !tongue_.is_http() && !subscriptions_.empty() && !is_changing(""),
                             now);
}

std::size_t Book::inquire(const Inquiry::Question& question) {
  inquiries_.emplace_back(witness_.chronicle, question);
  return inquiries_.size() - 1;
}

std::optional<std::size_t> Book::unread_inquiry() const {
  for (std::size_t i = inquiries_.size(); i > 0; --i) {
    if (inquiries_[i - 1].cursor().empty()) continue;
    const bool is_asked = std::any_of(asked_.begin(), asked_.end(), [i](const Asked& asked) {
      return asked.kind == Kind::history && asked.inquiry == i - 1 && !asked.answered;
    });
    if (!is_asked) return i - 1;
  }
  return std::nullopt;
}

void Book::keep(Keepsake& kept) const {
  if (session_token_.empty() && !tongue_.is_http()) return;
  kept = {witness_.epoch, session_name_, session_token_, {}, false, {}, {}};
  kept.is_unclear = !events_.is_tracked();
  for (const auto& [id, subscription] : subscriptions_) {
    if (tongue_.is_http()) break;                                 // it asks for another one
    if (asked_[subscription.asked_by].payload.empty()) continue;  // how it was asked for is not known
    kept.subscriptions.push_back(asked_[subscription.asked_by]);
    kept.subscriptions.back().last_seen = {witness_.epoch, subscription.seen};
  }
  for (const Asked& asked : asked_) {
    const bool changes = asked.kind == Kind::subscribe || asked.kind == Kind::unsubscribe;
    if ((changes || asked.kind == Kind::resume) && !asked.answered) kept.is_unclear = true;
    if (changes && asked.is_unclear) kept.is_unclear = true;
    // Cut off on its way back: what it has been told by then counts.
    if (asked.kind == Kind::subscribe && asked.delivered && asked.last_seen && !asked.answered &&
        asked.expected.empty())
      kept.subscriptions.push_back(asked);
    if (may_run(asked) && asked.command.is_named && !asked.answered && asked.expected.empty())
      kept.unanswered.push_back(asked);
  }
  if (const std::optional<std::size_t> unread = unread_inquiry()) {
    for (const Asked& asked : asked_)
      if (asked.kind == Kind::history && asked.inquiry == *unread &&
          asked.payload.find("cursor") == std::string::npos)
        kept.page = asked.payload + R"(,"cursor":")" + inquiries_[*unread].cursor() + '"';
  }
}

const Asked* Book::repeatable(Dice& dice) const {
  // Refusals before the queue are not kept, and may be told by the same reasons.
  constexpr std::array<std::string_view, 7> kKept{"accepted", "applied", "verified", "superseded",
                                                  "mismatch", "failed",  "conflict"};
  if (asked_.empty()) return nullptr;
  const Asked& asked = asked_[dice.below(asked_.size())];
  const bool kept = std::find(kKept.begin(), kKept.end(), asked.outcome) != kKept.end();
  return asked.kind == Kind::command && asked.command.is_named && asked.answered && kept ? &asked : nullptr;
}

Asked* Book::find(std::string_view id) {
  Asked* found = nullptr;  // of several with one id, as repeats have, the oldest that waits
  for (Asked& asked : asked_) {
    if (!asked.delivered || asked.id != id) continue;
    if (found != nullptr && !found->answered) break;
    found = &asked;
  }
  return found;
}

void Book::heard(std::string_view text, Instant now) {
  const std::optional<Tongue::Heard> heard = tongue_.hear(text);
  if (!heard) return fail("heard what is no message: %.*s", length(text), text.data());
  const std::string_view type = heard->type;
  if (goodbye_) return fail("heard %.*s after goodbye", length(type), type.data());
  if (welcomed_ == (type == "welcome")) return fail("welcome must come first and once");
  welcomed_ = true;
  if (type == "welcome") {
    session_name_ = heard->payload["session"].plain();
    session_token_ = heard->payload["sessionToken"].plain();
  }
  if (tongue_.is_http()) return hear_by_http(type, heard->payload, now);
  if (heard->reply_to.exists()) {
    const bool is_text = heard->reply_to.is_text();
    hear_reply(type, is_text ? heard->reply_to.plain() : heard->reply_to.raw(), heard->payload, now);
  } else {
    hear_nameless(type, heard->payload, now);
  }
}

/// There is one request, and so no name in its answer; nor is a subscriber told that it is in step.
void Book::hear_by_http(std::string_view type, JsonView payload, Instant now) {
  if (!is_one_of(type, {"error", "ack", "snapshot", "history"})) return hear_nameless(type, payload, now);
  const Asked& asked = asked_.front();
  hear_reply(type, asked.id, payload, now);
  if (type == "snapshot" && asked.kind == Kind::subscribe) hear_reply("synced", asked.id, payload, now);
}

void Book::hear_line(JsonView payload) {
  const double offset = payload["offset"].number();
  if (offset <= line_) fail("a line of the log at %.0f, behind one at %.0f", offset, line_);
  line_ = offset;
  if (payload["epoch"].plain() != witness_.epoch) fail("heard of another epoch");
}

void Book::heard_close(std::uint16_t code) {
  if (tongue_.is_http() && code == 1000 && !asked_.front().answered)
    fail("%s: closed, but never answered", asked_.front().id.c_str());
  if (code < 1000 || code > 1013) fail("closed with code %u", code);
  goodbye_ = true;
}

void Book::hear_nameless(std::string_view type, JsonView payload, Instant now) {
  if (type == "telemetry") return hear_telemetry(payload);
  if (type == "event" || type == "eventGap") return hear_event(type, payload);
  if (type == "logLine") return hear_line(payload);
  if (type == "goodbye") {
    goodbye_ = true;
    if (prompt_ && payload["reason"].plain() == "restart" && unanswered_commands() > unroomed_)
      fail("goodbye, but %zu commands are not answered", unanswered_commands());
  } else if (type == "error" && payload["reason"].plain() == "overloaded") {
    ++unroomed_;
  } else if (type == "missed" || type == "snapshot" || type == "synced" ||
             (type == "error" && payload["reason"].plain() == "superseded")) {
    if (!hear_going_on(type, payload, now))
      fail("%.*s of a subscription that nobody asked for", length(type), type.data());
  } else if (type == "error" || type == "pong") {
    if (nameless_ == 0) return fail("an answer to nothing that was asked");
    --nameless_;
  } else if (type != "welcome") {
    fail("heard %.*s without replyTo", length(type), type.data());
  }
}

void Book::hear_reply(std::string_view type, std::string_view id, JsonView payload, Instant now) {
  Asked* asked = find(id);
  if (asked == nullptr) return fail("an answer to %.*s, which was not asked", length(id), id.data());
  if (type == "synced") return hear_synced(*asked, payload, now);
  if (asked->answered)
    return fail("%s answered again, by %.*s", asked->id.c_str(), length(type), type.data());
  if (type == "progress") return hear_progress(*asked, payload);
  if (type == "missed") return hear_missed(*asked, payload);
  hear_final(*asked, type, payload, now);
}

void Book::hear_progress(Asked& asked, JsonView payload) {
  const std::string_view rung = payload["rung"].plain();
  if (!may_run(asked)) return fail("%s: progress on what is no command", asked.id.c_str());
  const int height = rung == "accepted" ? 0 : rung == "applied" ? 1 : rung == "verified" ? 2 : -1;
  if (height <= asked.rung) fail("%s: rungs must climb", asked.id.c_str());
  if (height >= static_cast<int>(asked.command.until))
    fail("%s: progress beyond its last rung", asked.id.c_str());
  asked.rung = height;
}

void Book::hear_final(Asked& asked, std::string_view type, JsonView payload, Instant now) {
  asked.answered = true;
  asked.outcome = payload[type == "error" ? "reason" : "outcome"].plain();
  if (type == "error") {
    check_failure(asked, payload);
  } else {
    check_success(asked, type, payload, now);
  }
  if (asked.kind == Kind::repeat && !asked.remembered.empty() && asked.outcome != asked.remembered)
    fail("%s: %s, but it was %s the first time", asked.id.c_str(), asked.outcome.c_str(),
         asked.remembered.c_str());
  const bool is_put_off = asked.kind == Kind::resume && asked.outcome == "busy";
  if (!asked.must.empty() && asked.outcome != asked.must && !is_put_off)
    fail("%s: %s instead of %s", asked.id.c_str(), asked.outcome.c_str(), asked.must.c_str());
  if (asked.kind == Kind::subscribe || asked.kind == Kind::unsubscribe)
    settle_subscription(asked, type != "error");
  if (asked.kind == Kind::resume && asked.expected.empty()) witness_.holdings.returned(asked, session_);
  if (may_run(asked) && asked.expected.empty()) witness_.judge(asked);
  check_punctual(asked, now);
  if (asked.outcome == "resumed") go_on(place_of(asked), payload["subscriptions"].number());
}

void Book::check_answered() const {
  if (goodbye_) return;
  if (going_on_ > 0) return fail("%zu subscriptions that go on did not come to synced", going_on_);
  std::size_t silent = nameless_;
  for (const Asked& asked : asked_) {
    if (!asked.delivered || asked.id.empty()) continue;
    if (!asked.answered && asked.in_pieces && asked.rung < 0) {
      ++silent;
    } else if (!asked.answered) {
      return fail("%s was never answered", asked.id.c_str());
    } else if (asked.kind == Kind::describe && asked.outcome == "overloaded") {
      return fail("%s was refused for want of memory, but the session goes on", asked.id.c_str());
    } else if (asked.kind == Kind::subscribe && asked.outcome.empty() && !asked.synced) {
      return fail("%s: a snapshot, but never synced", asked.id.c_str());
    }
  }
  if (silent != unroomed_)
    return fail("%zu messages without an answer of their own, but %zu refusals without replyTo", silent,
                unroomed_);
}

void Book::check_commands() const {
  for (const Asked& asked : asked_)
    if (may_run(asked) && asked.answered && asked.expected.empty()) witness_.judge(asked);
}

void Book::check_punctual(const Asked& asked, Instant now) const {
  if (!prompt_ || asked.kind != Kind::ping || asked.waits_for_frames) return;
  const Duration late = now - asked.delivered_at - latency_;
  if (late != Duration{0})
    fail("%s: the pong was %lld us under way beside the wire", asked.id.c_str(),
         static_cast<long long>(late.count()));
}

}  // namespace signalbox::sim::storm
