#include "app/server_identity.hpp"

#include <array>

#include "base/log.hpp"
#include "trust/client_certificate.hpp"
#include "trust/subject_names.hpp"

namespace signalbox::app {
namespace {

constexpr Duration kLookEvery = std::chrono::seconds{10};
constexpr Duration kRetryAfter = std::chrono::hours{1};
constexpr Duration kWarnEvery = std::chrono::hours{24};

Error with_field(Error error, std::string_view field) {
  error.field = field;
  return error;
}

/// Where it was found: in which file, by which option.
Error of_file(const Error& error, const char* path, std::string_view option) {
  return with_field(Error{error.reason, format_text<223>("%.60s: %s", path, error.detail.c_str())}, option);
}

/// Whether an end is near or past, told in the log.
bool is_near(const char* what, std::int64_t left_s, std::int64_t warn_before_s) {
  if (left_s < 0) {
    log(Severity::error, "%s has expired: bring a fresh one and send SIGHUP", what);
  } else if (left_s < warn_before_s) {
    log(Severity::warning, "%s ends in %d hours: bring a fresh one and send SIGHUP", what,
        static_cast<int>(left_s / 3600));
  }
  return left_s < warn_before_s;
}

/// The store while the device serves, when nobody is to wait for the disk: a certificate that is made anew
/// since the old one nears its end is in memory only, the next start does the same. Only what somebody at the
/// device has taken away is written.
class ServingStore final : public hal::Store {
 public:
  explicit ServingStore(hal::Store& store) : store_{store} {}

 private:
  Result<std::size_t> do_read(std::string_view name, std::span<char> into) override {
    return store_.read(name, into);
  }
  Result<void> do_write(std::string_view name, std::string_view record) override {
    const Result<bool> there = store_.has(name);
    return there && !*there ? store_.write(name, record) : Result<void>{};
  }
  Result<void> do_remove(std::string_view name) override { return store_.remove_soon(name); }
  void do_save(hal::SaveOperation& operation) override { store_.save(operation); }
  void do_poll(Instant now) override { store_.poll(now); }
  Instant do_next() const override { return store_.next(); }

  hal::Store& store_;
};

}  // namespace

Result<void> ServerIdentity::open() {
  Result<void> step = read_identity(identity_, firmware_.store);
  if (step) {
    step =
        ticket_keys_.open(firmware_.store, firmware_.entropy, firmware_.clock.wall(), firmware_.clock.now());
  }
  if (!step || firmware_.options.client_ca == nullptr) return step;
  step = client_authority_.read(firmware_.options.client_ca);
  if (!step) return with_field(step.error(), "--client-ca");
  step = trust::check_authorities(client_authority_.text());  // without one, nobody would be asked for any
  if (!step) return of_file(step.error(), firmware_.options.client_ca, "--client-ca");
  return firmware_.options.client_crl == nullptr ? step : read_revocations();
}

void ServerIdentity::describe(link::WsServer::Options& options) {
  credentials_ = credentials(identity_);
  options.credentials = &credentials_;
  options.tickets = &ticket_seal_;
  options.aes_first = firmware_.aes_instructions;
  if (firmware_.options.client_crl != nullptr) options.client_revocations = file_.text();
}

bool ServerIdentity::listens_everywhere() const {
  return address_ == "*" || address_ == "0.0.0.0" || address_ == "::";
}

trust::Names ServerIdentity::names() const {
  // One that is no address is the listener's to tell.
  const std::size_t own = trust::is_address(address_) ? 1 : 0;
  return {std::span{&firmware_.host_name, firmware_.host_name.empty() ? 0U : 1U},
          listens_everywhere() ? firmware_.addresses : std::span{&address_, own}};
}

std::string_view ServerIdentity::reached_at() const {
  if (!listens_everywhere())
    return address_ == "127.0.0.1" || address_ == "::1" ? std::string_view{} : address_;
  return firmware_.addresses.empty() ? firmware_.host_name : firmware_.addresses.front();
}

link::Credentials ServerIdentity::credentials(const trust::Identity& identity) const {
  return {.certificate = identity.certificate(),
          .key = identity.key(),
          .client_authority = client_authority_.text(),
          .authority = identity.authority()};
}

Result<void> ServerIdentity::read_identity(trust::Identity& into, hal::Store& store) {
  const Options& options = firmware_.options;
  const WallTime now = firmware_.clock.wall();
  if (options.certificate != nullptr) {
    Result<void> step = file_.read(options.certificate);
    if (!step) return with_field(step.error(), "--certificate");
    step = key_file_.read_secret(options.key);
    if (!step) return with_field(step.error(), "--key");
    step = into.adopt(file_.text(), key_file_.text(), firmware_.entropy, now);
    key_file_.wipe();
    if (step) return step;
    return step.error().field.view() == "key" ? of_file(step.error(), options.key, "--key")
                                              : of_file(step.error(), options.certificate, "--certificate");
  }
  return into.open(store, firmware_.entropy, now, names());
}

/// Into `file_`.
Result<void> ServerIdentity::read_revocations() {
  const Result<void> read = file_.read(firmware_.options.client_crl);
  if (!read) return with_field(read.error(), "--client-crl");
  const Result<std::int64_t> ends_s =
      trust::check_revocations(file_.text(), client_authority_.text(), firmware_.clock.wall());
  if (!ends_s) return of_file(ends_s.error(), firmware_.options.client_crl, "--client-crl");
  revocations_end_s_ = *ends_s;
  return {};
}

Result<void> ServerIdentity::use(link::WsServer& server, const trust::Identity& fresh) {
  const trust::Identity before = identity_;
  identity_ = fresh;
  Result<void> replaced = server.replace(credentials(identity_));
  if (!replaced) identity_ = before;
  return replaced;
}

void ServerIdentity::reload(link::WsServer& server) {
  trust::Identity fresh;
  ServingStore store{firmware_.store};
  Result<void> step = read_identity(fresh, store);
  if (step) step = use(server, fresh);
  if (step) {
    log(Severity::info, "certificate reloaded: SHA-256 %s", FixedText<95>{identity_.fingerprint()}.c_str());
  } else {
    log(Severity::error, "certificate not reloaded, the old one stays: %s", step.error().detail.c_str());
  }
  if (firmware_.options.client_crl == nullptr) return;
  step = read_revocations();
  if (step) step = server.revoke(file_.text());
  if (step) {
    log(Severity::info, "revocations reloaded");
  } else {
    log(Severity::error, "revocations not reloaded, the old ones stay: %s", step.error().detail.c_str());
  }
}

void ServerIdentity::step(link::WsServer& server, Instant now) {
  if (now < look_at_) return;
  look_at_ = now + kLookEvery;
  const WallTime wall = firmware_.clock.wall();
  if (ticket_keys_.is_due(wall, now)) {
    const Result<void> rotated = ticket_keys_.rotate(firmware_.store, firmware_.entropy, wall, now);
    if (!rotated) log(Severity::error, "ticket keys not renewed: %s", rotated.error().detail.c_str());
  }
  if (identity_.is_renewal_due(wall) && !renew(server)) look_at_ = now + kRetryAfter;
  warn_of_ends(trust::believable_s(wall), now);
}

bool ServerIdentity::renew(link::WsServer& server) {
  trust::Identity fresh = identity_;
  Result<void> step = fresh.renew(firmware_.store, firmware_.entropy, firmware_.clock.wall(), names());
  if (step) step = use(server, fresh);
  if (step) {
    log(Severity::info, "certificate renewed by the device's own authority");
  } else {
    log(Severity::error, "certificate not renewed, the old one stays: %s", step.error().detail.c_str());
  }
  return step.has_value();
}

/// Nobody but their owner can renew what comes from elsewhere.
void ServerIdentity::warn_of_ends(std::int64_t now_s, Instant now) {
  if (now < warn_at_) return;
  const bool certificate =
      !is_own_authority() &&
      is_near("the certificate of --certificate", identity_.term().ends_s - now_s, 14 * trust::kDaySeconds);
  const bool revocations =
      firmware_.options.client_crl != nullptr &&
      is_near("the list of --client-crl", revocations_end_s_ - now_s, trust::kDaySeconds);
  if (certificate || revocations) warn_at_ = now + kWarnEvery;
}

}  // namespace signalbox::app
