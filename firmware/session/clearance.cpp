#include "session/clearance.hpp"

namespace signalbox::session {
namespace {

Result<void> granted(bool has_right, std::string_view otherwise) {
  if (has_right) return {};
  return Error{Reason::forbidden, otherwise};
}

}  // namespace

Result<void> permit(Clearance clearance, const Principal* who, WallTime now) {
  if (clearance == Clearance::nothing) return {};
  if (clearance == Clearance::never) return Error{Reason::forbidden, "nobody may do that"};
  if (who == nullptr) return Error{Reason::unauthenticated, "send authenticate with a token first"};
  if (now.unix_ms / 1000 >= who->expires_s)
    return Error{Reason::unauthenticated, "the credential has expired"};
  switch (clearance) {
    case Clearance::credential: return {};
    case Clearance::read: return granted(who->may(Right::read), "you may read nothing on this device");
    case Clearance::control: return granted(who->may(Right::control), "you may move nothing on this device");
    case Clearance::administer:
      return granted(who->may(Right::administer), "only an administrator may do that");
    default: return Error{Reason::forbidden, "nobody may do that"};
  }
}

}  // namespace signalbox::session
