#pragma once

#include <string_view>

namespace signalbox::trust {

/// Whether the secret that was shown is the one known, which is not empty. All of it is looked at, wherever
/// they differ, so that the time tells nothing but whether the lengths are equal.
bool same_secret(std::string_view known, std::string_view shown);

}  // namespace signalbox::trust
