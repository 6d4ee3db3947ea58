#include "session/gate.hpp"

namespace signalbox::session {
namespace {

Result<void> granted(bool has_right, std::string_view otherwise) {
  if (has_right) return {};
  return Error{Reason::forbidden, otherwise};
}

}  // namespace

Result<void> permit(Demand demand, const Principal* who, WallTime now) {
  if (demand == Demand::nothing) return {};
  if (demand == Demand::never) return Error{Reason::forbidden, "nobody may do that"};
  if (who == nullptr) return Error{Reason::unauthenticated, "send authenticate with a token first"};
  if (now.unix_ms / 1000 >= who->expires_s)
    return Error{Reason::unauthenticated, "the credential has expired"};
  switch (demand) {
    case Demand::credential: return {};
    case Demand::read: return granted(who->may(Right::read), "you may read nothing on this device");
    case Demand::control: return granted(who->may(Right::control), "you may move nothing on this device");
    case Demand::administer: return granted(who->may(Right::administer), "only an administrator may do that");
    default: return Error{Reason::forbidden, "nobody may do that"};
  }
}

}  // namespace signalbox::session
