#pragma once

#include "hal/linux/port_worker.hpp"
#include "hal/linux/sysfs.hpp"

namespace signalbox::hal::kernel {

/// Reads what the kernel's drivers publish, as long as that takes. It reaches nothing but `/sys`, to read.
class AttributeWorker final : public PortWorker {
 public:
  /// `sys`: the directory of `root` that the kernel has its files in.
  AttributeWorker(int socket, bool fenced, std::string_view root, const char* sys)
      : PortWorker{{.watcher = "sysfs-watch", .worker = "sysfs"},
                   socket,
                   fenced,
                   {.watcher = Process::attribute_watcher,
                    .worker = Process::attribute,
                    .directory = sys,
                    .may = Landlock::May::read}},
        sysfs_{root} {}

 private:
  void do_serve(const PortRequest& request, PortReply& reply) override;

  Sysfs sysfs_;
};

}  // namespace signalbox::hal::kernel
