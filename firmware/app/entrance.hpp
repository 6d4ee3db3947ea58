#pragma once

#include <cstdint>
#include <string_view>

#include "app/options.hpp"
#include "base/result.hpp"
#include "link/admission.hpp"
#include "link/site.hpp"

namespace signalbox::app {

/// How many may come, and how fast. `spare_connections`: places beside those of the sessions. An address gets
/// a share of everything, but enough for what a browser opens at once.
link::AdmissionLimits admission_of(const Options& options, std::uint32_t spare_connections);

/// The names of the certificate that is made at the first start, and those of the command line. The texts
/// stay where they are. Errors name the option.
Result<link::Site> site_of(const Options& options, std::string_view host_name);

}  // namespace signalbox::app
