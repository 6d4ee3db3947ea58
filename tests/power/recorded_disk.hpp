#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace signalbox::power {

/// One thing that was done to the files of a directory, by this process or one of its children.
struct FileOperation {
  enum class Kind : std::uint8_t { create, write, truncate, sync, sync_directory, rename, unlink, promise };
  Kind kind = Kind::promise;
  ino_t file = 0;            ///< create, write, truncate, sync
  std::string name{};        ///< create, rename, unlink
  std::string new_name{};    ///< rename
  std::uint64_t number = 0;  ///< write: offset; truncate: size; promise: what was promised
  std::string bytes{};       ///< write
};

/// Notes what happens between `record` and `recorded`: the calls of the C library are led here by the linker.
void record();
/// Also notes a promise, such as that a record is safe: what comes after must keep it.
void promise(std::uint64_t number);
/// Ends it.
std::vector<FileOperation> recorded();

/// What writes to files run into.
enum class Writes : std::uint8_t {
  whole,
  partial,  ///< half of it is put, the next waits a little and is interrupted, and so on
  no_space  ///< half of it is put, for the rest there is no space; the next one succeeds
};
/// From now on, in this process and its children.
void hamper(Writes how);

/// What a disk holds after a power cut: what was brought to it for sure, and perhaps something of the rest.
class Disk {
 public:
  /// What becomes of bytes that were written, and not brought to the disk.
  enum class Fate : std::uint8_t { lost, kept, torn, zeros };

  void apply(const FileOperation& operation);
  /// How many changes of names may be lost or kept.
  std::size_t open_names() const { return pending_.size(); }
  /// The files by their names, the first `names` of the open changes kept.
  std::map<std::string, std::string> after_cut(std::size_t names, Fate fate) const;

 private:
  struct File {
    std::string safe;
    std::vector<FileOperation> pending;
  };
  using Names = std::map<std::string, std::size_t>;

  static void change(Names& names, const FileOperation& operation, std::size_t file);
  static std::string content(const File& file, Fate fate);

  std::vector<File> files_;
  std::map<ino_t, std::size_t> file_of_;  ///< numbers of files are used again
  Names names_;
  /// Changes of names, and which file each is about.
  std::vector<std::pair<FileOperation, std::size_t>> pending_;
};

}  // namespace signalbox::power
