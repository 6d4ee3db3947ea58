#include "app/liveness.hpp"

namespace signalbox::app {
namespace {

constexpr int kTimesWithinPatience = 3;

}  // namespace

Instant Liveness::turned(Instant now) {
  const Duration patience = supervisor_.patience();
  if (patience <= Duration{}) return kNever;
  if (now >= due_) {
    supervisor_.alive();
    due_ = now + patience / kTimesWithinPatience;
  }
  return due_;
}

}  // namespace signalbox::app
