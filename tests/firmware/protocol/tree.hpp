#pragma once

#include <cjson/cJSON.h>
#include <memory>
#include <string>
#include <string_view>

namespace signalbox::protocol {

struct ParsedDeleter {
  void operator()(cJSON* tree) const { cJSON_Delete(tree); }
};
using Parsed = std::unique_ptr<cJSON, ParsedDeleter>;

inline Parsed parse(std::string_view text) { return Parsed{cJSON_ParseWithLength(text.data(), text.size())}; }

/// The item at a path of members and places such as `payload.samples.0.value`; nullptr where there is none.
inline const cJSON* at(const cJSON* item, std::string_view path) {
  while (item != nullptr && !path.empty()) {
    const std::string name{path.substr(0, path.find('.'))};
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    item = cJSON_IsArray(item) != 0 ? cJSON_GetArrayItem(item, std::stoi(name))
                                    : cJSON_GetObjectItemCaseSensitive(item, name.c_str());
  }
  return item;
}

/// The item as compact JSON text; empty where there is none.
inline std::string shown(const cJSON* item) {
  if (item == nullptr) return {};
  char* text = cJSON_PrintUnformatted(item);
  std::string copy{text};
  cJSON_free(text);
  return copy;
}
inline std::string shown(const Parsed& tree, std::string_view path) { return shown(at(tree.get(), path)); }

}  // namespace signalbox::protocol
