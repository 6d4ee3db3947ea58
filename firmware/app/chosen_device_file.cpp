#include "app/chosen_device_file.hpp"

#include <optional>

#include "app/refuse.hpp"
#include "device/device_file.hpp"

namespace signalbox::app {

Result<std::string_view> ChosenDeviceFile::read() {
  if (path_ == nullptr) return boards_own_;
  const Result<void> read = file_.read(path_);
  if (!read) return read.error();
  return file_.text();
}

int ChosenDeviceFile::declare(device::Catalogue catalogue, device::Roster& roster) {
  const Result<std::string_view> text = read();
  if (!text) return refuse("--device-file", text.error().detail);
  const std::optional<device::Mistake> mistake = device::read_device_file(*text, catalogue, roster);
  return mistake ? refuse(name(), mistake->text()) : 0;
}

}  // namespace signalbox::app
