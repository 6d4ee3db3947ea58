#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/dice.hpp"
#include "sim/storm/asked.hpp"
#include "sim/storm/comeback.hpp"
#include "sim/storm/event_tally.hpp"
#include "sim/storm/inquiry.hpp"
#include "sim/storm/json_view.hpp"
#include "sim/storm/keepsake.hpp"
#include "sim/storm/sample_tally.hpp"
#include "sim/storm/tongue.hpp"
#include "sim/storm/witness.hpp"

namespace signalbox::sim::storm {

/// What one client asked on one connection, and whether what it hears is what the protocol promises.
class Book {
 public:
  /// `prompt`: the client reads everything at once, so that it can tell what comes late.
  Book(Witness& witness, std::string name, Tongue tongue, bool bearer, Duration down_latency, bool prompt)
      : witness_{witness},
        name_{std::move(name)},
        tongue_{tongue},
        authenticated_{bearer},
        latency_{down_latency},
        prompt_{prompt},
        welcomed_{tongue.is_http()},
        samples_{witness.chronicle},
        events_{witness.chronicle} {}

  /// The device has let it in as that session; the connection of that session has ended.
  void opened(Handle session) { session_ = session; }
  void ended(Instant now);
  /// A question about the past; returns its place.
  std::size_t inquire(const Inquiry::Question& question);
  /// The place of one whose next page was not asked for; nothing: there is none.
  std::optional<std::size_t> unread_inquiry() const;
  const Inquiry& inquiry(std::size_t place) const { return inquiries_[place]; }

  /// A message was sent; returns its place.
  std::size_t ask(Asked asked);
  /// It has reached the device whole.
  void delivered(std::size_t place, Instant now);
  /// A message came.
  void heard(std::string_view text, Instant now);
  /// A close frame came.
  void heard_close(std::uint16_t code);

  /// Everything delivered is answered; for a client that could read in peace.
  void check_answered() const;
  /// What it knows is what is, as far as that is old enough to have come.
  void check_current(Instant now) const;
  /// Everything published has come, counted right; for a client that could read in peace.
  void check_tallies(Instant now) const;
  /// Commands against outputs, once the life is over.
  void check_commands() const;

  /// An answered command whose answer the device must still have; nullptr: none.
  const Asked* repeatable(Dice& dice) const;

  /// What is left of it once the connection is lost.
  void keep(Keepsake& kept) const;

 private:
  struct Subscription {
    device::ChannelSet channels;
    RatePolicy policy;
    std::size_t asked_by = 0;  ///< place of the request
    bool synced = false;
    Instant since{};
    std::uint64_t seen = 0;  ///< the last offset that was told of it
  };
  struct Known {
    FixedText<31> value;
    std::string_view quality;  ///< of the device's own words
  };
  /// What telemetry, snapshots and their like have in common.
  struct Told {
    explicit Told(JsonView payload);
    std::string_view id;
    std::string_view epoch;
    double offset = 0.0;
    JsonView samples;
    double folded = 0.0;
    bool more = false;
    JsonView recovered;
  };
  /// A sample as it was told.
  struct Sample {
    explicit Sample(JsonView text);
    std::string_view channel;
    JsonView value;
    std::string_view quality;
    JsonView at;
    JsonView min;
    JsonView max;
    JsonView count;
  };

  void hear_reply(std::string_view type, std::string_view id, JsonView payload, Instant now);
  void hear_by_http(std::string_view type, JsonView payload, Instant now);
  void hear_line(JsonView payload);
  void hear_nameless(std::string_view type, JsonView payload, Instant now);
  static bool is_going_on(const Asked& asked);
  bool is_asked_here(std::string_view subscription) const;
  void go_on(std::size_t place, double count);
  bool hear_going_on(std::string_view type, JsonView payload, Instant now);
  bool hear_unclear(std::string_view type, JsonView payload, Instant now);
  void hear_telemetry(JsonView payload);
  void hear_event(std::string_view type, JsonView payload);
  void hear_missed(Asked& asked, JsonView payload);
  void hear_subscribed(Asked& asked, JsonView payload, Instant now);
  void change_subscriptions(Asked& asked);
  void settle_subscription(const Asked& asked, bool served);
  void take_deadline(Asked& asked, Instant now);
  void complain(const Asked& asked, const std::string& wrong) const;
  std::size_t place_of(const Asked& asked) const { return static_cast<std::size_t>(&asked - asked_.data()); }
  void hear_progress(Asked& asked, JsonView payload);
  void hear_final(Asked& asked, std::string_view type, JsonView payload, Instant now);
  void hear_synced(Asked& asked, JsonView payload, Instant now);
  bool is_excused(const Asked& asked, std::string_view reason) const;
  void check_version(const Asked& asked, std::string_view reason) const;
  void check_failure(const Asked& asked, JsonView payload) const;
  void check_success(Asked& asked, std::string_view type, JsonView payload, Instant now);
  void check_place(const Told& told);
  void check_punctual(const Asked& asked, Instant now) const;
  void check_sample(device::ChannelIndex channel, const Sample& sample) const;
  device::ChannelSet take_samples(const Told& message, bool folds);
  device::ChannelSet subscribed() const;
  /// An answer is owed that changes that subscription, or any where `id` is empty.
  bool is_changing(std::string_view id) const;
  std::vector<Asked>::const_iterator unsettled() const;
  void settle(Instant now);
  Asked* find(std::string_view id);
  std::size_t unanswered_commands() const;
  /// Commands answered `accepted` that may not have come to their end yet.
  std::size_t still_running(Instant now) const;
  [[gnu::format(printf, 2, 3)]] void fail(const char* format, ...) const;

  Witness& witness_;
  std::string name_;
  Tongue tongue_;
  bool authenticated_;  ///< as the device sees it, once all that was delivered is dealt with
  Duration latency_;
  bool prompt_;
  bool welcomed_;
  std::vector<Asked> asked_;
  std::size_t settled_ = 0;  ///< that many of the first are closed
  Handle session_;
  std::string session_name_;
  std::string session_token_;
  std::map<std::string, Subscription, std::less<>> subscriptions_;
  std::map<std::size_t, Comeback> comebacks_;  ///< by the place of their request
  std::deque<Inquiry> inquiries_;
  SampleTally samples_;
  EventTally events_;
  std::set<std::string, std::less<>> eventful_;  ///< subscriptions that asked for them
  std::array<Known, bench::kPaths.size()> known_{};
  bool goodbye_ = false;
  double offset_ = 0.0;
  double line_ = 0.0;         ///< offset of the log's last line
  std::size_t going_on_ = 0;  ///< subscriptions that go on, and have not told all
  std::size_t nameless_ = 0;  ///< answers without replyTo that are still to come
  std::size_t unroomed_ = 0;  ///< messages in pieces that were refused for want of an inbox
};

}  // namespace signalbox::sim::storm
