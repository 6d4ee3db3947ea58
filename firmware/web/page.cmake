# The dashboard, built by toolchains/dashboard, as constant bytes in the program. Where it was not built, there is none, and `/` has text.
set(dist ${CMAKE_CURRENT_LIST_DIR}/dashboard/dist)
file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${dist} ${dist}/*.gz)
list(TRANSFORM files PREPEND ${dist}/ OUTPUT_VARIABLE watched)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${watched})

set(type_html "text/html; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_svg "image/svg+xml")
set(bytes "")
set(assets "")
set(count 0)
foreach(file IN LISTS files)
  string(REGEX MATCH "\\.([a-z]+)\\.gz$" _ ${file})
  set(type ${type_${CMAKE_MATCH_1}})
  if(NOT type)
    message(FATAL_ERROR "${dist}/${file}: no content type is known for that ending; add one in firmware/web/page.cmake")
  endif()
  string(REGEX REPLACE "\\.gz$" "" path /${file})
  set(immutable true)
  if(path STREQUAL /index.html)
    set(path /)
    set(immutable false)
  endif()
  file(READ ${dist}/${file} hexadecimal HEX)
  file(SHA256 ${dist}/${file} hash)
  string(SUBSTRING ${hash} 0 32 etag)
  string(REGEX REPLACE "(..)" "\\\\x\\1" text ${hexadecimal})
  string(APPEND bytes "constexpr char kFile${count}[] = \"${text}\"; // ${path}\n")
  string(APPEND assets "    {\"${path}\", \"${type}\", \"\\\"${etag}\\\"\", {kFile${count}, sizeof kFile${count} - 1}, ${immutable}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/page.cpp @ONLY CONTENT [[
#include "web/page.hpp"

#include <array>

namespace signalbox::web {
namespace {

@bytes@
constexpr std::array<link::Asset, @count@> kAssets{{
@assets@}};

}  // namespace

std::span<const link::Asset> page() { return kAssets; }

}  // namespace signalbox::web
]])
add_library(signalbox_page STATIC ${PROJECT_BINARY_DIR}/page.cpp)
target_link_libraries(signalbox_page PUBLIC signalbox_firmware)
