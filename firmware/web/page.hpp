#pragma once

#include <span>

#include "link/page.hpp"

namespace signalbox::web {

/// The dashboard's files, as firmware/web/page.cmake found them; none where it was not built.
std::span<const link::Asset> page();

}  // namespace signalbox::web
